"""A vouched report of one scan (SCAN) speaks for that scan alone: not for other hosts, other scans, fixes or what is gone."""

import pytest

from integration_stage import KNOWN, SEEN, entry, findings, host, hosts, knowledge, listed, row, scan, verdict
from integration_store import history
from unit.vendors.qualys_v1_documents import (
    asset,
    asset_report,
    category,
    details,
    finding,
    section,
    vuln_info,
)

BY_LOGIN_ONLY = knowledge(entry(1000, remote=0))
FIXED_AT = "2026-05-01T06:00:00Z"


def test_the_stage_clears_by_one_scan(store):
    store.take(scan(), KNOWN)

    assert verdict(store) == "NOT_AFFECTED"


def test_hosts_that_only_the_host_list_names_are_not_cleared_by_a_scan_of_another(store):
    store.take(hosts(host(), host(2, "10.0.0.6")), scan(address="10.0.0.6", TARGET="10.0.0.6"), KNOWN)

    assert verdict(store) == "UNKNOWN"
    assert verdict(store, address="10.0.0.6") == "NOT_AFFECTED"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_login_that_the_host_list_tells_of_is_not_the_scan_that_is_vouched_for(store, order):
    reports = (hosts(), scan(at="2026-05-01T12:00:00Z"))
    store.take(*(reports[place] for place in order), BY_LOGIN_ONLY)

    assert verdict(store) == "UNKNOWN"


def test_an_empty_list_of_all_findings_beside_a_scan_makes_no_host_clean(store):
    result = store.take(hosts(), findings(), scan(address="10.0.0.6"), KNOWN)

    assert (result.whole, verdict(store)) == (False, "UNKNOWN")


def test_a_list_of_all_findings_still_vouches_for_a_host_that_a_scan_lists_too(store):
    store.take(scan(at="2026-04-20T00:00:00Z"), hosts(), findings(listed(SEEN, number=2, address="10.0.0.6")), KNOWN)

    assert verdict(store) == "NOT_AFFECTED"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_scan_of_which_a_finding_was_rejected_is_not_saved_by_another_list(store, order):
    spoilt = scan(section("VULNS", category(finding(qid="1o00"), port="80")))
    reports = (hosts(host(login="")), findings(listed(SEEN, login=""), at="2026-04-30T00:00:00Z"), spoilt)
    store.take(reports[0], *(reports[1:][place] for place in order), KNOWN)

    assert verdict(store) == "UNKNOWN"


def test_a_scan_makes_no_fix_valid_that_a_narrow_list_told_of(store):
    fixed = row(1000, status="Fixed", found="2026-04-20T00:00:00Z", fixed=FIXED_AT, more="<INSTANCE>a</INSTANCE>")
    store.take(hosts(), findings(listed(fixed), at="2026-05-01T07:00:00Z"), BY_LOGIN_ONLY, complete=False)
    store.take(scan(), BY_LOGIN_ONLY)

    assert verdict(store) == "UNKNOWN"


def test_a_scan_makes_no_fix_valid_that_an_asset_data_report_dates(store):
    fixed = vuln_info(
        1000, VULN_STATUS="Fixed", PORT="80", LAST_FIXED=FIXED_AT, FIRST_FOUND="2026-04-01T00:00:00Z",
        LAST_FOUND="2026-04-20T00:00:00Z",
    )  # fmt: skip
    report = asset_report(asset("10.0.0.5", fixed), details(1000, 5, ("CVE-2020-1000",))).decode()
    store.take(report, BY_LOGIN_ONLY, complete=False)
    store.take(scan(), BY_LOGIN_ONLY)

    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize("together", [True, False])
def test_what_a_scan_does_not_list_is_not_gone(store, together):
    before = (hosts(), findings(listed(SEEN, row(1000))), KNOWN)
    if together:
        store.take(*before, scan())
    else:
        store.take(*before)
        store.take(scan(), KNOWN)

    assert verdict(store) == "AFFECTED"
    assert not [event for event in history() if event[1] == "gone"]


def test_what_a_whole_list_does_not_hold_is_gone(store):
    store.take(hosts(), findings(listed(SEEN, row(1000))), KNOWN)
    later = {"scanned": "2026-05-01T12:00:00Z", "login": "2026-05-01T12:00:00Z"}
    store.take(hosts(host(**later)), findings(listed(SEEN, **later), at="2026-05-01T13:00:00Z"), KNOWN)

    assert [(event[0], event[3]) for event in history() if event[1] == "gone"] == [(1, 1000)]
