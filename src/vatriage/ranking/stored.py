"""The lists of a home folder, together: what a kernel ranks by. Needs neither Django nor a database."""

from pathlib import Path

from vatriage.model.ranking import RankingData, no_score
from vatriage.ranking.epss import load_scores
from vatriage.ranking.interface import RankingError
from vatriage.ranking.known_exploited import delivered, load_catalogue, stored_place


def scores_place(folder: Path) -> Path:
    """Return where the loaded EPSS scores lie."""
    return folder / "epss.table"


def load_ranking(folder: Path) -> RankingData:
    """Return what is loaded; a stored list that is damaged is told among the problems, and ranks nothing."""
    problems: list[str] = []
    catalogue, scores = delivered(), None
    try:
        catalogue = load_catalogue(folder)
    except RankingError as error:
        problems.append(str(error))
    try:
        scores = load_scores(scores_place(folder))
    except RankingError as error:
        problems.append(str(error))
    return RankingData(
        exploited=catalogue.entries, exploited_date=catalogue.date, exploited_version=catalogue.version,
        score=no_score if scores is None else scores.score, score_date="" if scores is None else scores.date,
        score_version="" if scores is None else scores.version,
        problems=tuple(problems),
    )  # fmt: skip


def places(folder: Path) -> tuple[Path, Path]:
    """Return the files whose change changes what `load_ranking` returns."""
    return stored_place(folder), scores_place(folder)
