from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
KB = "/api/4.0/fo/knowledge_base/vuln/"
OLD = datetime(2020, 1, 1, tzinfo=UTC)
NEW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def base(sim):
    """Three QIDs of different age, kind and discovery."""
    sim.vulnerability(1, title="A & B", cves=["CVE-2020-0001"], bugtraqs=[77], published=OLD, code_modified=NEW)
    sim.vulnerability(2, title="two", published=NEW, patchable=False, remote=False, auth_types=["Windows", "Unix"])
    sim.vulnerability(5, title="five", published=OLD, disabled=True, type="Information Gathered", solution="s")
    return sim


def test_an_entry_has_its_children_in_the_order_of_the_dtd(base, ask):
    reply = ask(KB, action="list", ids="1", details="All")

    assert [child.tag for child in reply.xml.find(".//VULN")] == [
        "QID", "VULN_TYPE", "SEVERITY_LEVEL", "TITLE", "CATEGORY", "LAST_SERVICE_MODIFICATION_DATETIME",
        "PUBLISHED_DATETIME", "CODE_MODIFIED_DATETIME", "BUGTRAQ_LIST", "PATCHABLE", "CVE_LIST", "PCI_FLAG", "DISCOVERY",
    ]  # fmt: skip
    assert reply.one("TITLE") == "A & B"
    assert reply.xml.findtext(".//CVE/ID") == "CVE-2020-0001"
    assert reply.xml.findtext(".//BUGTRAQ/ID") == "77"


def test_version_2_has_no_code_date(base, ask):
    reply = ask("/api/2.0/fo/knowledge_base/vuln/", action="list", ids="1")

    assert reply.all("CODE_MODIFIED_DATETIME") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1", "2", "5"]),
        ({"ids": "1-2"}, ["1", "2"]),
        ({"id_min": 2, "id_max": 4}, ["2"]),
        ({"last_modified_after": "2026-01-01"}, ["1", "2"]),
        ({"last_modified_before": "2026-01-01"}, ["5"]),
        ({"published_after": "2026-01-01"}, ["2"]),
        ({"published_before": "2026-01-01"}, ["1", "5"]),
        ({"is_patchable": 0}, ["2"]),
        ({"discovery_method": "RemoteOnly"}, ["1", "5"]),
        ({"discovery_method": "AuthenticatedOnly"}, ["2"]),
        ({"ids": "99"}, []),
    ],
)
def test_filters(base, ask, query, found):
    reply = ask(KB, action="list", **query)

    assert reply.status == 200
    assert reply.all("QID") == found


def test_details_none_gives_ids(base, ask):
    reply = ask(KB, action="list", details="None")

    assert (reply.all("ID_RANGE"), reply.all("ID")) == (["1-2"], ["5"])


def test_the_disabled_flag_is_shown_on_demand(base, ask):
    reply = ask(KB, action="list", show_disabled_flag=1)

    assert reply.all("IS_DISABLED") == ["0", "0", "1"]


def test_the_discovery_of_a_login_only_check(base, ask):
    reply = ask(KB, action="list", ids="2")

    assert reply.one("REMOTE") == "0"
    assert reply.all("AUTH_TYPE") == ["Windows", "Unix"]


def test_it_has_no_pages(sim, ask):
    for qid in range(1, 1501):
        sim.vulnerability(qid)

    reply = ask(KB, post={"action": "list"})

    assert len(reply.all("QID")) == 1500
    assert reply.all("WARNING") == []


def test_an_account_without_entitlement_is_refused(sim, ask):
    sim.accounts["acme_ab1"].kb_entitled = False

    reply = ask(KB, action="list")

    assert (reply.status, reply.one("CODE")) == (403, "2012")
