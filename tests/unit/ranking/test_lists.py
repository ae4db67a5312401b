"""The lists that rank alerts: read whole or not at all, what is wrong in them counted, small and fast afterwards."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from vatriage.errors import UsageError
from vatriage.ranking.epss import load_scores, read_csv, save_scores
from vatriage.ranking.interface import RankingError
from vatriage.ranking.known_exploited import delivered, read_official
from vatriage.ranking.stored import load_ranking, scores_place
from vatriage.usecases.ranking import load_epss, load_kev, ranking_state

HEAD = "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z\ncve,epss,percentile\n"


class FixedClock:
    """A clock that stands at one instant."""

    def __init__(self, at):
        self._at = at

    def now(self):
        """See Clock.now."""
        return self._at


NOW = FixedClock(datetime(2025, 8, 26, tzinfo=UTC))


def epss_file(tmp_path, rows, head=HEAD, name="epss.csv"):
    """Return the path of a CSV file of scores."""
    path = tmp_path / name
    path.write_text(head + "".join(f"{row}\n" for row in rows))
    return path


def kev_file(tmp_path, *entries, released="2025-09-01T17:04:19.9796Z"):
    """Return the path of a catalogue in CISA's form."""
    path = tmp_path / "kev.json"
    path.write_text(json.dumps({"title": "t", "dateReleased": released, "count": 1, "vulnerabilities": entries}))
    return path


def entry(cve="CVE-2030-0001", added="2025-08-30", ransomware="Known"):
    """Return an entry of the catalogue."""
    return {"cveID": cve, "dateAdded": added, "knownRansomwareCampaignUse": ransomware, "product": "p"}


def test_the_delivered_catalogue_knows_log4shell_and_its_ransomware():
    known = delivered()

    assert known.entries["CVE-2021-44228"] == ("2021-12-10", True)
    assert (known.date, len(known.entries)) == ("2025-08-25", 1404)


def test_what_cannot_be_read_of_a_catalogue_is_counted_and_the_rest_is_used(tmp_path):
    path = kev_file(tmp_path, entry(), entry(cve="CVE-1"), entry(added="soon"), entry(), {"cveID": 7}, "x")

    catalogue, rejects = read_official(path)

    assert list(catalogue.entries) == ["CVE-2030-0001"]
    assert [reject.place for reject in rejects] == ["entry 2", "entry 3", "entry 4", "entry 5", "entry 6"]


def test_a_newer_catalogue_replaces_the_delivered_one_and_an_older_is_refused(tmp_path):
    folder, clock = tmp_path / "ranking", FixedClock(datetime(2025, 9, 2, tzinfo=UTC))

    load_kev(kev_file(tmp_path, entry()), folder, clock)

    assert load_ranking(folder).exploited_date == "2025-09-01"
    with pytest.raises(UsageError, match="older than what is used"):
        load_kev(kev_file(tmp_path, entry(), released="2025-08-31T00:00:00Z"), folder, clock)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"dateReleased":"x","vulnerabilities":[]}', b"\x1f\x8b\x08broken"]
)
def test_a_file_that_is_no_catalogue_is_refused_and_nothing_is_stored(tmp_path, content):
    path = tmp_path / "kev.json"
    path.write_bytes(content)

    with pytest.raises(RankingError):
        load_kev(path, tmp_path / "ranking", NOW)

    assert not (tmp_path / "ranking").exists()


def test_scores_are_found_by_cve_packed_or_not(tmp_path):
    path = epss_file(tmp_path, ["CVE-2021-44228,0.94358,0.99", "CVE-1999-0001,0,0.1", "CVE-2025-1234567,1,1"])
    packed = tmp_path / "epss.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for number, source in enumerate((path, packed)):
        save_scores(read_csv(source), tmp_path / str(number))
    plain, other = (load_scores(tmp_path / str(number)) for number in (0, 1))

    assert [plain.score(cve) for cve in ("CVE-2021-44228", "CVE-1999-0001", "CVE-2025-1234567", "CVE-2000-1", "x")] == [
        0.94358, 0.0, 1.0, None, None,
    ]  # fmt: skip
    assert plain.version == other.version


def test_lines_that_are_no_scores_are_counted_and_left_out(tmp_path):
    rows = ["CVE-2021-1,0.5,1", "CVE-2021-0001,2,1", "CVE-2021-0001,nan,1", "CVE-2021-0001", "", "CVE-2021-0002,0.5,1",
            "CVE-2021-0002,0.9,1", "\0\xff,0.1,0", "x" * 2000]  # fmt: skip

    read = read_csv(epss_file(tmp_path, rows))

    assert list(read.scores.values()) == [0.5]
    assert len(read.rejects) >= 8


@pytest.mark.parametrize(
    "head", ["", "cve,epss,percentile\n", "#model_version:v1,score_date:today\ncve,epss\n", HEAD[:60]]
)
def test_a_file_that_begins_otherwise_is_no_file_of_scores(tmp_path, head):
    with pytest.raises(RankingError):
        read_csv(epss_file(tmp_path, ["CVE-2021-44228,0.9,0.9"], head=head))


def test_scores_of_the_future_and_older_ones_are_refused(tmp_path):
    folder = tmp_path / "ranking"
    load_epss(epss_file(tmp_path, ["CVE-2021-44228,0.9,0.9"]), folder, NOW)

    with pytest.raises(UsageError, match="has not come yet"):
        load_epss(epss_file(tmp_path, ["CVE-2021-44228,0,0"], HEAD.replace("2025-08", "2025-10")), folder, NOW)
    with pytest.raises(UsageError, match="older than what is used"):
        load_epss(epss_file(tmp_path, ["CVE-2021-44228,0,0"], HEAD.replace("2025-08", "2025-07")), folder, NOW)

    assert load_ranking(folder).score("CVE-2021-44228") == 0.9


def test_old_scores_are_told_to_be_old(tmp_path):
    folder, later = tmp_path / "ranking", FixedClock(datetime(2025, 9, 25, tzinfo=UTC))
    loaded = load_epss(epss_file(tmp_path, ["CVE-2021-44228,0.9,0.9"]), folder, later)

    assert "31 days ago" in loaded.warning
    assert ranking_state(folder, later).warnings == (loaded.warning,)
    assert ranking_state(folder, NOW).warnings == ()


@pytest.mark.parametrize(
    "damage", [lambda body: body[:-1], lambda _: b"", lambda body: b"{}" + body, lambda body: body[:100]]
)
def test_a_damaged_table_ranks_nothing_and_is_told(tmp_path, damage):
    folder = tmp_path / "ranking"
    load_epss(epss_file(tmp_path, ["CVE-2021-44228,0.9,0.9"]), folder, NOW)
    place = scores_place(folder)
    place.write_bytes(damage(place.read_bytes()))

    data = load_ranking(folder)

    assert (data.score("CVE-2021-44228"), data.score_date, len(data.problems)) == (None, "", 1)
