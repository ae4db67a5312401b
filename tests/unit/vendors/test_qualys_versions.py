"""Versions of the API: a setting for each resource, and what is said where one has ended."""

import pytest

from vatriage.errors import UsageError
from vatriage.net.interface import Answer
from vatriage.vendors.interface import Refusal, RequestRefusedError
from vatriage.vendors.qualys.calls import QualysCalls
from vatriage.vendors.qualys.versions import SERVED, checked_versions

V1 = ("about", "running_scans", "scheduled_scans", "appliances", "saved_knowledge_base")


def calls(**chosen):
    return QualysCalls(checked_versions(chosen))


def asked(made):
    return [
        made.host_list(0, 500).path, made.host_ids(0, 5).path, made.hosts([1]).path, made.detections([1]).path,
        made.one_host().path, made.knowledge_base(0, ()).path, made.one_vulnerability().path, made.past_scans(0).path,
    ]  # fmt: skip


def test_without_a_setting_the_versions_are_those_we_know_best():
    assert asked(calls()) == [
        *["/api/5.0/fo/asset/host/"] * 3, *["/api/5.0/fo/asset/host/vm/detection/"] * 2,
        *["/api/4.0/fo/knowledge_base/vuln/"] * 2, "/api/2.0/fo/scan/",
    ]  # fmt: skip


def test_each_resource_has_a_setting_of_its_own():
    made = calls(host_list="4.0", detections="6.0", knowledge_base="2.0", scan_list="3.0")

    assert asked(made) == [
        *["/api/4.0/fo/asset/host/"] * 3, *["/api/6.0/fo/asset/host/vm/detection/"] * 2,
        *["/api/2.0/fo/knowledge_base/vuln/"] * 2, "/api/3.0/fo/scan/",
    ]  # fmt: skip
    assert made.detections([1]).parameters == calls().detections([1]).parameters


@pytest.mark.parametrize("name", V1)
def test_the_api_of_2008_has_one_version(name):
    assert getattr(calls(host_list="4.0"), name)() == getattr(calls(), name)()


def test_a_setting_of_what_has_no_versions_is_refused():
    with pytest.raises(UsageError, match="names 'scan', which has no versions"):
        checked_versions({"scan": "3.0"})


def test_the_version_that_is_set_is_probed_first_then_those_we_know():
    probes = {request.resource: versions for request, versions in calls(host_list="6.0").probes(0)}

    assert probes["host_list"] == ("6.0", "5.0", "4.0", "3.0", "2.0")
    assert set(probes) == set(SERVED)


@pytest.mark.parametrize("status", [301, 302, 308, 404, 410])
def test_a_version_that_has_ended_is_told_by_its_name_and_what_to_set(status):
    answer = Answer(status=status, headers={"location": "https://x/api/6.0/fo/asset/host/?a=1"})
    refused = calls().refusal(answer, "host_list", None, None, None)

    assert isinstance(refused, RequestRefusedError)
    assert refused.refusal is Refusal.VERSION
    assert f"version 5.0 of host_list (any more): it answered with HTTP status {status}" in refused.message
    assert "points to /api/6.0/fo/asset/host/." in refused.message
    assert "VATRIAGE_API_VERSIONS" in refused.hint
    assert "vatriage doctor" in refused.hint


def test_an_end_of_service_in_words_is_told_alike():
    answer = Answer(status=400, headers={})
    refused = calls().refusal(
        answer, "knowledge_base", "SIMPLE_RETURN", "1981", "Qualys answered 1981: End of Service."
    )

    assert refused.refusal is Refusal.VERSION
    assert "version 4.0 of knowledge_base" in refused.message


def test_other_refusals_keep_their_words():
    refused = calls().refusal(Answer(status=404, headers={}), "scan_report", None, None, None)

    assert refused.refusal is Refusal.VERSION
    assert "scan_report: HTTP status 404" in refused.message
