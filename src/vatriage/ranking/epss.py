"""FIRST's Exploit Prediction Scoring System: the daily CSV file into a compact table, and the table mapped.

The CSV: `#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z`, then `cve,epss,percentile`, then one CVE a line
(FIRST, "EPSS data and statistics"). The table: one line of JSON, padded to 256 bytes, then all CVEs as numbers in order
(u8: year and number), then as many scores (f4). Looking one up touches a few pages, so starting costs nothing.
"""

import math
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from vatriage.ranking.files import opened, replace
from vatriage.ranking.interface import RankingError, RankingReject

MOST_ROWS = 5_000_000
"""There are some 300,000 CVEs."""
_LONGEST_LINE = 512
_HEAD = 256
_FORMAT = "vatriage epss 1"
_CVE = re.compile(r"CVE-([0-9]{4})-([0-9]{4,7})", re.ASCII)
_FIRST = re.compile(r"#model_version:([^,\s]{1,40}),score_date:([0-9]{4}-[0-9]{2}-[0-9]{2})[0-9T:+Z.-]{0,30}", re.ASCII)
_HINT = "Load FIRST's CSV file as it was published (plain or .gz)."


class _Head(msgspec.Struct, frozen=True):
    format: str
    model: str
    date: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The mapped table."""

    date: str
    """ISO date of the scores."""
    model: str
    """The model's version, as FIRST names it."""
    version: str
    """The date and a hash of the content."""
    rows: int
    _cves: Any
    _scores: Any

    def score(self, cve: str) -> float | None:
        """Return the probability that a CVE is exploited, 0 to 1, to six digits; None if the table has none."""
        key = _key(cve)
        if key is None:
            return None
        place = int(np.searchsorted(self._cves, np.uint64(key)))
        if place >= self.rows or int(self._cves[place]) != key:
            return None
        return round(float(self._scores[place]), 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScores:
    """What a CSV file holds."""

    date: str
    model: str
    scores: dict[int, float]
    rejects: list[RankingReject]


def read_csv(path: Path) -> ReadScores:
    """Return a CSV file's scores; a line that cannot be read is left out and told.

    Raises: RankingError: the file cannot be read, does not begin as it should, or holds nothing that can be used.
    """
    with opened(path) as source:
        model, date = _first_lines(source, path)
        scores, rejects = _rows(source, path)
    if not scores:
        raise RankingError(f"{path} holds no score that can be used.", _HINT)
    return ReadScores(date=date, model=model, scores=scores, rejects=rejects)


def _first_lines(source: BinaryIO, path: Path) -> tuple[str, str]:
    """Return model and date. Raises: RankingError: the file begins otherwise."""
    found = _FIRST.fullmatch(_text(source.readline(_LONGEST_LINE)))
    if found is None:
        raise RankingError(f"{path} does not begin with `#model_version:...,score_date:...`.", _HINT)
    columns = _text(source.readline(_LONGEST_LINE))
    if columns.split(",")[:2] != ["cve", "epss"]:
        raise RankingError(f"The second line of {path} is not `cve,epss,percentile`.", _HINT)
    return found[1], found[2]


def _rows(source: BinaryIO, path: Path) -> tuple[dict[int, float], list[RankingReject]]:
    scores: dict[int, float] = {}
    rejects: list[RankingReject] = []
    number = 2
    while line := source.readline(_LONGEST_LINE):
        number += 1
        if number > MOST_ROWS:
            raise RankingError(f"{path} has more than {MOST_ROWS:,} lines.", _HINT)
        cve, _, rest = _text(line).partition(",")
        key, score = _key(cve), _score(rest.partition(",")[0])
        if key is None or score is None:
            rejects.append(RankingReject(f"line {number}", f"{_text(line)[:60]!r} is no CVE with a score from 0 to 1"))
        elif key in scores:
            rejects.append(RankingReject(f"line {number}", f"{cve} stands there twice; the first score counts"))
        else:
            scores[key] = score
    return scores, rejects


def save_scores(read: ReadScores, path: Path) -> None:
    """Write the table. Raises: DiskError: it cannot be written."""
    keys = np.array(sorted(read.scores), dtype="<u8")
    scores = np.array([read.scores[key] for key in keys.tolist()], dtype="<f4")
    body = keys.tobytes() + scores.tobytes()
    head = _Head(_FORMAT, read.model, read.date, len(keys), sha256(body).hexdigest())
    replace(path, msgspec.json.encode(head).ljust(_HEAD - 1) + b"\n" + body)


def load_scores(path: Path) -> Scores | None:
    """Map the table, None if none was loaded. Raises: RankingError: it is damaged, or of another release."""
    try:
        with path.open("rb") as file:
            head = msgspec.json.decode(file.read(_HEAD), type=_Head)
        if head.format != _FORMAT or path.stat().st_size != _HEAD + 12 * head.rows:
            raise _damaged(path)
        cves = np.memmap(path, "<u8", "r", _HEAD, (head.rows,))
        scores = np.memmap(path, "<f4", "r", _HEAD + 8 * head.rows, (head.rows,))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise _damaged(path) from error
    return Scores(head.date, head.model, f"{head.date}-{head.digest[:12]}", head.rows, cves, scores)


def _damaged(path: Path) -> RankingError:
    return RankingError(
        f"The stored EPSS scores in {path} cannot be read.", "Load them again: `vatriage ranking load-epss`."
    )


def _text(line: bytes) -> str:
    return line.decode("ascii", "replace").strip()


def _key(cve: str) -> int | None:
    """Return a CVE as one number: the year, then the number in 32 bits; None if it is no CVE id."""
    found = _CVE.fullmatch(cve)
    return None if found is None else int(found[1]) << 32 | int(found[2])


def _score(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if math.isfinite(score) and 0 <= score <= 1 else None
