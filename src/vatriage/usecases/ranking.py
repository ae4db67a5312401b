"""The lists that alerts of one verdict are ranked by: loaded from files, and how old they are. Needs no store."""

from dataclasses import dataclass
from pathlib import Path

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.model.ranking import OLD_AFTER_DAYS
from vatriage.ranking import epss, known_exploited
from vatriage.ranking.files import replace
from vatriage.ranking.interface import RankingReject
from vatriage.ranking.stored import load_ranking, scores_place
from vatriage.triage.priority import age_days


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedList:
    """What a file held."""

    date: str
    """ISO date of the list."""
    version: str
    """Its date and a hash of its content, as verdicts bear it."""
    entries: int
    """CVEs that can be used."""
    rejects: list[RankingReject]
    warning: str = ""
    """What a person should know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingState:
    """What ranks alerts now; dates are ISO, "" = none is loaded."""

    known_exploited_date: str
    known_exploited: str
    """The catalogue's version, as verdicts bear it."""
    known_exploited_entries: int
    epss_date: str
    epss: str
    epss_age_days: int | None
    warnings: tuple[str, ...]
    """What is too old, missing or damaged: sentences."""


def load_kev(path: Path, folder: Path, clock: Clock) -> LoadedList:
    """Load a catalogue of known exploited vulnerabilities.

    Args:
        path: CISA's JSON file, plain or gzip.
        folder: where loaded lists lie.
        clock: for dates of the future.

    Raises:
        RankingError: the file cannot be read, or holds nothing that can be used.
        UsageError: it is of the future, or older than what is used already.
        DiskError: it cannot be written.
    """
    catalogue, rejects = known_exploited.read_official(path)
    _check_date(path, catalogue.date, load_ranking(folder).exploited_date, clock)
    replace(known_exploited.stored_place(folder), known_exploited.encode(catalogue.date, catalogue.entries))
    return LoadedList(
        date=catalogue.date, version=catalogue.version, entries=len(catalogue.entries), rejects=rejects
    )  # fmt: skip


def load_epss(path: Path, folder: Path, clock: Clock) -> LoadedList:
    """Load the scores of a day. See `load_kev`; `path` is FIRST's CSV file."""
    read = epss.read_csv(path)
    _check_date(path, read.date, load_ranking(folder).score_date, clock)
    epss.save_scores(read, scores_place(folder))
    return LoadedList(
        date=read.date, version=load_ranking(folder).score_version, entries=len(read.scores), rejects=read.rejects,
        warning=_too_old(read.date, clock),
    )  # fmt: skip


def ranking_state(folder: Path, clock: Clock) -> RankingState:
    """Return what ranks alerts now."""
    data = load_ranking(folder)
    warnings = list(data.problems)
    if data.score_date:
        warnings += filter(None, [_too_old(data.score_date, clock)])
    elif not data.problems:
        warnings.append("No EPSS scores are loaded: `vatriage ranking load-epss FILE` loads those of a day.")
    return RankingState(
        known_exploited_date=data.exploited_date, known_exploited=data.exploited_version,
        known_exploited_entries=len(data.exploited), epss_date=data.score_date, epss=data.score_version,
        epss_age_days=age_days(data.score_date, now_us(clock)) if data.score_date else None, warnings=tuple(warnings),
    )  # fmt: skip


def _check_date(path: Path, date: str, used: str, clock: Clock) -> None:
    """Raise: UsageError: a list is of no date, of the future, or older than the one that is used."""
    try:
        age = age_days(date, now_us(clock))
    except ValueError as error:
        raise UsageError(f"{path} says it is of {date!r}, which is no date.", "Load the file as published.") from error
    if age < -1:
        raise UsageError(f"{path} is of {date}, which has not come yet.", "Check the file and this machine's clock.")
    if date < used:
        raise UsageError(f"{path} is of {date}, older than what is used ({used}).", "Load a newer one.")


def _too_old(date: str, clock: Clock) -> str:
    days = age_days(date, now_us(clock))
    if days <= OLD_AFTER_DAYS:
        return ""
    return f"The EPSS scores are of {date}, {days} days ago: load newer ones with `vatriage ranking load-epss FILE`."
