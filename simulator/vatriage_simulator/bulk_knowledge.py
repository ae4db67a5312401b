"""A KnowledgeBase of any size whose entries are made as they are asked for.

Everything is invented: QIDs from 100001 upwards, titles, CVE ids. An entry depends on its QID and the instant it is
counted from alone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from vatriage_simulator.vulnerabilities import SimVulnerability

FIRST_QID = 100_001
MAX_QIDS = 500_000

_PORTS = (443, 80, 445, 22, 3389, 8080, 25, 3306)
_LOGINS = ("Windows", "Unix", "Oracle")


class BulkKnowledge:
    """Makes entries; see EntryMaker. Of ten QIDs seven are vulnerabilities, two potential, one is information only."""

    def __init__(self, qids: int, now: datetime) -> None:
        """Begin.

        Args:
            qids: how many, 1 to MAX_QIDS.
            now: aware; dates lie before it.

        Raises: ValueError: too many, or none.
        """
        if not 1 <= qids <= MAX_QIDS:
            raise ValueError(f"{qids} QIDs: the simulator makes 1 to {MAX_QIDS}")
        self._qids = qids
        self._now = now

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self._qids

    def __contains__(self, qid: int) -> bool:
        """Whether a QID is one of ours."""
        return FIRST_QID <= qid < FIRST_QID + self._qids

    def __iter__(self) -> Iterator[int]:
        """Yield the QIDs, ascending."""
        return iter(range(FIRST_QID, FIRST_QID + self._qids))

    def entry(self, qid: int) -> SimVulnerability:
        """Make an entry; see EntryMaker.entry."""
        place = qid - FIRST_QID
        published = self._now - timedelta(days=20 + place % 4000)
        return SimVulnerability(
            qid=qid,
            title=f"Invented weakness {qid}",
            type=_type(place),
            severity=severity(qid),
            published=published,
            code_modified=published + timedelta(days=place % 15),
            service_modified=published + timedelta(days=place % 19),
            cves=tuple(f"CVE-{2006 + place % 20}-{200_000 + place}" for _ in range(place % 10 != 9)),
            remote=place % 3 != 0,
            auth_types=(_LOGINS[place % len(_LOGINS)],) if place % 3 != 1 else (),
            patchable=place % 4 != 0,
            solution=f"Install release {1 + place % 9}.{place % 13} of the product.",
            diagnosis="Invented for the simulator: no product has this weakness.",
            consequence="None, except for the size of this document.",
        )


def severity(qid: int) -> int:
    """Return the Qualys severity of a QID, 1 to 5, 5 worst."""
    return 1 + (qid - FIRST_QID) % 5


def port(qid: int) -> int | None:
    """Return the port on which a QID is found, None: on no port."""
    place = qid - FIRST_QID
    return None if place % 4 == 0 else _PORTS[place % len(_PORTS)]


def detection_type(qid: int) -> str:
    """Return what DETECTION/TYPE says of a QID."""
    place = (qid - FIRST_QID) % 10
    return "Info" if place == 9 else "Potential" if place >= 7 else "Confirmed"


def _type(place: int) -> str:
    """Return what VULN_TYPE says of a QID."""
    return {"Info": "Information Gathered", "Potential": "Potential Vulnerability"}.get(
        detection_type(FIRST_QID + place), "Vulnerability"
    )
