import pytest

V1 = [
    "about",
    "scan_report_list",
    "scan_report",
    "scan",
    "scan_running_list",
    "scan_cancel",
    "scheduled_scans",
    "iscanner_list",
    "knowledgebase_download",
]


@pytest.mark.parametrize("function", V1)
def test_a_wrong_password_is_challenged_with_plain_text(ask, function):
    reply = ask(f"/msp/{function}.php", login=("acme_ab1", "wrong"))

    assert (reply.status, reply.body) == (401, b"ACCESS DENIED\n")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="MSP Front Office"'


@pytest.mark.parametrize("function", V1)
@pytest.mark.parametrize(
    ("field", "value", "number"),
    [("expired", True, "2001"), ("eula_accepted", False, "2003"), ("address_allowed", False, "2007")],
)
def test_an_account_that_may_not_get_in_has_http_200(sim, ask, function, field, value, number):
    setattr(sim.accounts["acme_ab1"], field, value)

    reply = ask(f"/msp/{function}.php")

    returned = reply.xml.find("RETURN")
    assert (reply.status, reply.xml.tag) == (200, "GENERIC_RETURN")
    assert returned.attrib == {"status": "FAILED", "number": number}
    assert reply.xml.find("API").attrib["name"] == f"{function}.php"


@pytest.mark.parametrize(("function", "field"), [("scan", "may_scan"), ("knowledgebase_download", "kb_entitled")])
def test_what_an_account_may_not_do_is_refused(sim, ask, function, field):
    setattr(sim.accounts["acme_ab1"], field, False)

    assert ask(f"/msp/{function}.php", ip="198.51.100.1").xml.find("RETURN").attrib["number"] == "2012"
    assert ask("/msp/about.php").xml.tag == "ABOUT"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("account-expired", "2001"),
        ("eula", "2003"),
        ("secure-ip", "2007"),
        ("no-permission", "2012"),
        ("internal", "999"),
    ],
)
def test_a_fault_of_the_account_or_inside_is_a_generic_return(sim, ask, kind, number):
    sim.break_next("scan_report_list", kind)

    reply = ask("/msp/scan_report_list.php")

    assert (reply.status, reply.xml.find("RETURN").attrib["number"]) == (200, number)
    assert (b"Incident signature" in reply.body) == (kind == "internal")
    assert ask("/msp/scan_report_list.php").xml.tag == "SCAN_REPORT_LIST"


@pytest.mark.parametrize("kind", ["maintenance", "maintenance-page"])
def test_maintenance_is_a_page(sim, ask, kind):
    sim.break_next("about", kind)

    reply = ask("/msp/about.php")

    assert reply.status == 503
    assert b"Service Unavailable" in reply.body


@pytest.mark.parametrize(("kind", "number"), [("concurrency", "1960"), ("rate-limit", "1965")])
def test_too_many_calls_are_told_in_a_message_inside_api(sim, ask, kind, number):
    sim.break_next("scan_report", kind, seconds=7)
    run = sim.scan("weekly", targets="198.51.100.1")

    reply = ask("/msp/scan_report.php", ref=run.ref)

    assert (reply.status, reply.xml.find("API/RETURN").attrib["number"]) == (200, number)
    assert reply.xml.find("API/RETURN/MESSAGE").text.startswith("This API cannot be run again")
    assert "X-Concurrency-Limit-Limit" in reply.headers


def test_the_limits_hold_for_v1_as_well(sim, ask):
    sim.limit(rate=1, resource="scan_report_list")

    assert ask("/msp/scan_report_list.php").xml.tag == "SCAN_REPORT_LIST"
    assert ask("/msp/scan_report_list.php").xml.find("API/RETURN").attrib["number"] == "1965"


@pytest.mark.parametrize(
    ("function", "root"),
    [("scan", "SCAN"), ("scan_report_list", "SCAN_REPORT_LIST"), ("scheduled_scans", "SCHEDULEDSCANS")],
)
def test_any_number_can_be_ordered_as_an_error(sim, ask, function, root):
    sim.break_next(function, "error", number=5101)

    reply = ask(f"/msp/{function}.php", ip="198.51.100.1")

    assert (reply.xml.tag, reply.xml.find("ERROR").attrib["number"]) == (root, "5101")
    assert sim.scans_started == []


def test_an_ordered_error_of_the_newer_api_is_a_simple_return(sim, ask):
    sim.break_next("scan_list", "error", number=1922)

    reply = ask("/api/2.0/fo/scan/", action="list")

    assert (reply.status, reply.one("CODE")) == (400, "1922")


def test_a_refused_call_uses_no_fault_up(sim, ask):
    sim.break_next("scan", "internal")
    sim.host("198.51.100.1")

    assert ask("/msp/scan.php", ip="nobody.example").xml.find("ERROR") is not None
    assert ask("/msp/scan.php", ip="198.51.100.1").xml.tag == "GENERIC_RETURN"


def test_only_msp_is_known(ask):
    assert ask("/mssp/scan.php", ip="198.51.100.1").status == 404
    assert ask("/msp/scan_options.php").status == 404


def test_v1_wants_no_header_and_takes_no_session(ask):
    opened = ask("/api/2.0/fo/session/", post={"action": "login", "username": "acme_ab1", "password": "bait"})
    cookie = opened.headers.get_all("Set-Cookie")[0].partition(";")[0]

    assert ask("/msp/scan_report_list.php", headers={"X-Requested-With": ""}).status == 200
    assert ask("/msp/scan_report_list.php", login=None, headers={"Cookie": cookie}).status == 401
