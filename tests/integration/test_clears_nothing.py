"""Ways to a wrong NOT_AFFECTED that a reader of the code found; each was open once. The stage clears; each test spoils it.

Host 1 was scanned with a login on 1 May. QID 1000 stands for CVE-2020-1000; a gathered information (QID 86000) shows that
the web port was looked at. The attack comes on 2 May.
"""

import re

import pytest

from integration_stage import KNOWN, SCAN, SEEN, entry, findings, host, hosts, knowledge, listed, row, verdict
from integration_store import Store, opened
from unit.vendors.qualys_v1_documents import entry_v1, knowledge_base_v1
from vatriage.config import read_config


@pytest.fixture
def store(tmp_path):
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


def test_the_stage_clears(store):
    store.take(hosts(), findings(listed(SEEN)), KNOWN)

    assert verdict(store) == "NOT_AFFECTED"


def test_an_empty_list_of_findings_makes_no_network_clean(store):
    store.take(hosts(), findings(), KNOWN)

    assert verdict(store) == "UNKNOWN"


def test_a_rejected_claim_of_a_newer_copy_takes_no_finding_away(store):
    both = (entry(1000), entry(1005, remote=0, auth=""))
    store.take(hosts(), findings(listed(SEEN, row(1005))), knowledge(*both))
    before = verdict(store)
    spoilt = entry(1005, cve="CVE-2020-1000x", remote=0, auth="")
    store.take(knowledge(entry(1000), spoilt, at="2026-05-01T20:00:00Z"), complete=False)

    assert (before, verdict(store)) == ("AFFECTED", "UNKNOWN")


def test_a_pair_that_a_newer_copy_leaves_out_still_objects_while_its_finding_stands(store):
    both = (entry(1000), entry(1005, remote=0, auth=""))
    store.take(hosts(), findings(listed(SEEN, row(1005))), knowledge(*both))
    other = entry(1005, cve="CVE-2020-2222", remote=0, auth="")
    store.take(knowledge(entry(1000), other, at="2026-05-01T20:00:00Z"), complete=False)

    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize("spoil", ["cut", "garbled"])
def test_a_damaged_knowledge_base_in_a_call_of_its_own_clears_nothing_until_a_sound_one_comes(store, spoil):
    store.take(hosts(), findings(listed(SEEN)))
    whole = knowledge(entry(1000), entry(1005, remote=0, auth=""))
    damaged = {"cut": whole[: whole.index("<VULN><QID>1005") + 60], "garbled": whole.replace(">1005<", ">10o5<")}
    store.take(damaged[spoil], complete=False)

    assert verdict(store) == "UNKNOWN"
    store.take(KNOWN, complete=False)
    assert verdict(store) == "NOT_AFFECTED"


@pytest.mark.parametrize(("copy", "expected"), [("2026-04-01", "NOT_AFFECTED"), ("2026-05-02", "UNKNOWN")])
def test_a_qid_of_which_no_date_of_its_code_is_known_may_be_as_young_as_its_newest_copy(store, copy, expected):
    undated = re.sub("<LAST_SERVICE_MODIFICATION.*MODIFICATION_DATETIME>", "", entry(1000))
    store.take(hosts(), findings(listed(SEEN)), knowledge(undated, at=f"{copy}T00:00:00Z"))

    assert verdict(store) == expected


def test_a_list_of_what_is_fixed_says_nothing_of_another_instance(store):
    gone = row(
        1000, status="Fixed", found="2026-04-20T00:00:00Z", fixed="2026-04-30T00:00:00Z", more="<INSTANCE>a</INSTANCE>"
    )
    store.take(hosts(), findings(listed(SEEN, gone)), KNOWN, complete=False)
    narrow = verdict(store)
    store.take(hosts(), findings(listed(SEEN, gone)), KNOWN)

    assert (narrow, verdict(store)) == ("UNKNOWN", "NOT_AFFECTED")


def test_a_fix_without_a_date_clears_nothing_by_itself(store):
    undated = row(1000, status="Fixed", found="", first="", tested="")
    store.take(hosts(host(login="")), findings(listed(undated, login="")), knowledge(entry(1000, remote=0)))

    assert verdict(store) == "UNKNOWN"


def test_what_was_found_after_its_fix_stands(store):
    again = row(1000, status="Fixed", found="2026-05-02T12:00:00Z", fixed="2026-04-30T00:00:00Z")
    store.take(hosts(), findings(listed(SEEN, again), at="2026-05-03T00:00:00Z"), KNOWN)

    assert verdict(store) == "AFFECTED"


def test_findings_that_are_older_than_a_scan_are_silent_about_it(store):
    old = "2026-04-20T00:00:00Z"
    store.take(hosts(), findings(listed(row(86000, kind="Info", found=old), scanned=old, login=old), at=old), KNOWN)

    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize("first", ["2099-01-01T00:00:00Z", "2026-06-15T00:00:00Z"])
def test_a_first_sight_in_the_future_hides_no_finding(store, first):
    store.take(hosts(), findings(listed(SEEN, row(1000, first=first))), KNOWN)

    assert verdict(store) == "AFFECTED"


def test_a_host_without_any_date_is_not_one_of_long_ago(store):
    open_one = row(1000, found="", first="", tested="")
    undated = listed(open_one, number=2, scanned="", login="")
    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    store.take(findings(undated, at=""), complete=False)

    assert verdict(store) != "NOT_AFFECTED"


def test_an_agents_plain_date_is_no_login(store):
    agent = {"method": "AGENT", "login": ""}
    store.take(hosts(host(**agent)), findings(listed(SEEN, **agent)), knowledge(entry(1000, remote=0)))

    assert verdict(store) == "UNKNOWN"


def test_a_pair_that_only_a_report_speaks_of_is_never_the_last_word(store):
    store.take(hosts(), findings(listed(SEEN)), knowledge(entry(1000, cve="CVE-2020-3333")))
    before = verdict(store)
    scan = (
        '<SCAN value="scan/1777500000.00001"><HEADER><KEY value="DATE">2026-04-29T00:00:00Z</KEY>'
        '<KEY value="DURATION">00:10:00</KEY><KEY value="STATUS">FINISHED</KEY><KEY value="NBHOST_ALIVE">1</KEY></HEADER>'
        '<IP value="10.0.0.99"><VULNS><CAT value="Web" port="80" protocol="tcp"><VULN number="1000" severity="5" '
        'cveid="CVE-2020-1000"><TITLE>t</TITLE><CVE_ID_LIST><CVE_ID><ID>CVE-2020-1000</ID></CVE_ID></CVE_ID_LIST></VULN>'
        "</CAT></VULNS></IP></SCAN>"
    )
    store.take(scan, complete=False)

    assert (before, verdict(store), verdict(store, address="10.0.0.99")) == ("UNKNOWN", "UNKNOWN", "AFFECTED")


@pytest.mark.parametrize(
    "echo",
    [
        ("severities", "5"),
        ("status", "Active"),
        ("qids", "86000"),
        ("ids", "1"),
        ("include_vuln_type", "confirmed"),
        ("detection_updated_since", "2026-05-01"),
    ],
)
def test_a_request_that_is_echoed_as_narrow_is_not_vouched_for(store, echo):
    request = "<REQUEST><DATETIME>x</DATETIME><PARAM_LIST><PARAM><KEY>{}</KEY><VALUE>{}</VALUE></PARAM></PARAM_LIST></REQUEST>"
    result = store.take(hosts(), findings(listed(SEEN), request=request.format(*echo)), KNOWN)

    assert (result.whole, verdict(store)) == (False, "UNKNOWN")


def test_hosts_of_two_networks_at_one_address_leave_identity_open(store):
    def network(number, name, at, *rows):
        return listed(*rows, number=number, scanned=at, login=at).replace(
            "</IP>", f"</IP><NETWORK_ID>{name}</NETWORK_ID>"
        )

    early = network(1, "0", "2026-04-30T00:00:00Z", row(1000, found="2026-04-30T00:00:00Z"))
    late = network(2, "7", SCAN, SEEN)
    store.take(findings(early, late), KNOWN)

    assert verdict(store) == "POSSIBLY_AFFECTED"


def test_whoever_answers_at_a_lost_hosts_address_is_not_that_host(store):
    from vatriage.store.bulk import execute

    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    execute("UPDATE hosts SET gone_at = 1777600000")  # as a pull does that finds it in no whole host list
    scan = (
        '<SCAN value="scan/1777636800.00001"><HEADER><KEY value="DATE">2026-05-01T12:00:00Z</KEY>'
        '<KEY value="DURATION">00:10:00</KEY><KEY value="STATUS">FINISHED</KEY><KEY value="NBHOST_ALIVE">1</KEY></HEADER>'
        '<IP value="10.0.0.5"><INFOS><CAT value="Web"><INFO number="86000" severity="1"><TITLE>t</TITLE></INFO></CAT>'
        "</INFOS></IP></SCAN>"
    )
    store.take(scan, complete=False)

    assert verdict(store) == "UNKNOWN"


def test_a_damaged_copy_counts_as_one_from_its_own_commit_on(store):
    from vatriage.store import ledger
    from vatriage.usecases.snapshots import rebuild_snapshot

    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    pull = ledger.open_pull(zone="default", account="a@b", origin="pull", started_at=1, request={})
    ledger.note_knowledge(pull, 5, damaged=True)
    ledger.note_knowledge(pull, 7, damaged=False)
    rebuild_snapshot(store.config.snapshots)

    assert verdict(store) == "UNKNOWN"


OBJECTS = entry(1005, remote=0, auth="")
WHOLE = knowledge(entry(1000), OBJECTS)
DAMAGED = WHOLE.replace(">1005<", ">10o5<")
LATER = "2026-05-01T00:00:00Z"
ECHO = (
    "<REQUEST><PARAM_LIST><PARAM><KEY>action</KEY><VALUE>list</VALUE></PARAM><PARAM><KEY>details</KEY><VALUE>All</VALUE>"
    "</PARAM>{}</PARAM_LIST></REQUEST><RESPONSE>"
)
NARROW = "<PARAM><KEY>ids</KEY><VALUE>50001-50004</VALUE></PARAM>"


def strangers(at=LATER, count=4, request="<RESPONSE>"):
    """Return a copy of other QIDs, all about another CVE."""
    copy = knowledge(*(entry(50_001 + place, cve="CVE-2011-0001") for place in range(count)), at=at)
    return copy.replace("<RESPONSE>", request)


@pytest.mark.parametrize(
    "copies",
    [
        [knowledge_base_v1(*(entry_v1(qid, ("CVE-2001-0001",)) for qid in (11, 12, 13, 14))).decode()],
        [strangers()],
        [strangers(), strangers()],
        [knowledge(entry(1000), entry(1004), at="").replace("<DATETIME></DATETIME>", "")],
        [knowledge_base_v1(entry_v1(1000, ("CVE-2020-1000",)), entry_v1(1001)).decode()],
        [strangers(request=ECHO.format(NARROW))],
    ],
    ids=["v1 of others", "others", "others twice", "undated", "v1 of the same", "others, as asked for"],
)
def test_no_copy_of_other_qids_makes_good_for_a_damaged_one(store, copies):
    store.take(hosts(), findings(listed(SEEN)))
    store.take(DAMAGED, complete=False)
    result = store.take(*copies, complete=False)

    assert (result.knowledge_sound, verdict(store)) == (False, "UNKNOWN")


@pytest.mark.parametrize(
    "copy",
    [knowledge(entry(1000), at=LATER), WHOLE, strangers(request=ECHO.format(""))],
    ids=["holds what is known", "the same, whole", "asked for whole"],
)
def test_a_copy_that_holds_all_that_is_known_or_was_asked_for_whole_makes_good_for_a_damaged_one(store, copy):
    store.take(hosts(), findings(listed(SEEN)))
    store.take(DAMAGED, complete=False)

    assert store.take(copy, complete=False).knowledge_sound


def test_a_damaged_copy_of_a_pull_whose_process_died_is_made_good_for_by_all_that_is_known(store):
    from vatriage.store import ledger

    store.take(strangers(), complete=False)
    store.take(KNOWN, complete=False)
    pull = ledger.open_pull(zone="default", account="a@b", origin="pull", started_at=1, request={})
    ledger.note_knowledge(pull, 0, damaged=True)

    assert not store.take(WHOLE, complete=False).knowledge_sound
    assert store.take(WHOLE, strangers(), complete=False).knowledge_sound
