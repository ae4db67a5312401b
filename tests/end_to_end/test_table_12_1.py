"""Table 12-1 of the seed: four faults injected for real, the four messages, and no false cause; nothing starts a scan."""

import json
from contextlib import ExitStack
from datetime import timedelta

import pytest

from end_to_end_program import run, write_files
from fakes.dns_server import DnsServer
from loopback_proxies import PASSWORD, USER, free_port, tinyproxy
from pulled_subscription import add_device, make_subscription
from vatriage_simulator.server import SimulatorServer

E1 = "Test connectivity failed. Click the View Errors button for more information. Server unavailable."
E2 = "Fail to parse scan report."
E3 = "Invalid user credentials."
E4 = "Test connectivity failed for qualys. Unknown host: {} Please make sure that,"
HINTS = [
    "Proxy settings are configured correctly, If there is no direct connection exists from CS-MARS to Qualys server",
    "The hostname specified in the URL string is correct",
    "Login name and Password is valid.",
]
STAGES = [
    "name resolution", "proxy", "TCP", "TLS", "login", "permission", "API versions", "KnowledgeBase entitlement",
    "quota headers", "configured query",
]  # fmt: skip


@pytest.fixture
def sim():
    return make_subscription()


@pytest.fixture
def server(sim):
    with SimulatorServer(sim) as running:
        yield running


@pytest.fixture
def home(tmp_path):
    return write_files(tmp_path) / "home"


def add(home, server, url, password="right"):
    done = run(
        home, "device", "add", "d", "--url", url, "--login", "reader", "--password-stdin", "--ca-file", server.ca_file,
        "--activate", "--confirm-scan", "4", stdin=password + "\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def diagnosis_of(home):
    """Test the device; return exit code, the diagnosis, and what stands on standard error."""
    done = run(home, "device", "test", "d", "--json")
    diagnosis = json.loads(done.stdout)
    assert [stage["name"] for stage in diagnosis["stages"]] == STAGES
    return done.returncode, diagnosis, done.stderr


def settle(home, *arguments, stdin=None):
    done = run(home, "system", *arguments, "--activate", stdin=stdin)
    assert done.returncode == 0, done.stderr


def states(diagnosis):
    return {stage["name"]: stage["state"] for stage in diagnosis["stages"]}


def causes(diagnosis):
    return " ".join(diagnosis["trouble"]["causes"])


def test_every_stage_passes_where_nothing_is_wrong(home, server):
    add_device(home, server)
    code, diagnosis, _ = diagnosis_of(home)

    assert (code, diagnosis["ok"], diagnosis["trouble"]) == (0, True, None)
    assert states(diagnosis) == dict.fromkeys(STAGES, "passed") | {"proxy": "skipped"}
    assert diagnosis["chain"][0]["issuer"] == "vatriage simulator authority"


def test_e1_a_closed_port(home, server):
    add(home, server, f"127.0.0.1:{free_port()}")
    code, diagnosis, said = diagnosis_of(home)

    assert (code, diagnosis["trouble"]["message"], diagnosis["trouble"]["code"]) == (4, E1, "tcp/refused")
    assert (states(diagnosis)["name resolution"], states(diagnosis)["TCP"]) == ("passed", "failed")
    assert E1 in said
    assert "refused" in diagnosis["trouble"]["came_back"]
    for innocent in ("DNS", "roxy", "assword", "credential", "expired"):
        assert innocent not in causes(diagnosis)


def test_e1_a_wrong_proxy(home, server):
    add_device(home, server)
    settle(home, "proxy", "--mode", "http", "--address", "127.0.0.1", "--port", str(free_port()))
    code, diagnosis, said = diagnosis_of(home)

    assert (code, diagnosis["trouble"]["message"], diagnosis["trouble"]["code"]) == (4, E1, "proxy/refused")
    assert E1 in said
    for innocent in ("DNS", "URL", "assword", "credential", "expired"):
        assert innocent not in causes(diagnosis)


def test_e2_garbage_at_a_pull(home, server, sim):
    add_device(home, server)
    sim.break_next("detection_list", "html-page", times=3)
    done = run(home, "pull", "d")
    shown = run(home, "device", "test", "d")

    assert (done.returncode, E2 in done.stderr) == (6, True)
    assert trouble_of_last_pull(home)["message"] == E2
    assert len(trouble_of_last_pull(home)["causes"]) == 2
    for innocent in ("DNS", "roxy", "assword", "firewall", "account"):
        assert innocent not in " ".join(trouble_of_last_pull(home)["causes"])
    assert shown.returncode == 0


@pytest.mark.parametrize(
    ("change", "code", "fits", "innocent"),
    [
        ({"password": "other"}, "vendor/login", "password is wrong", ["has expired", "EULA", "secure IP"]),
        ({"api_access": False}, "vendor/login", "may not use the API", ["has expired", "EULA", "secure IP"]),
        ({"expired": True}, "vendor/expired", "has expired", ["assword", "EULA", "secure IP"]),
        ({"eula_accepted": False}, "vendor/registration", "EULA", ["assword", "has expired", "secure IP"]),
        ({"address_allowed": False}, "vendor/address", "secure IP", ["assword", "has expired", "EULA"]),
    ],
)
def test_e3_credentials_each_with_its_own_cause(home, server, sim, change, code, fits, innocent):
    add_device(home, server)
    sim.account("reader", change.pop("password", "right"), **change)
    exit_code, diagnosis, said = diagnosis_of(home)

    assert (exit_code, diagnosis["trouble"]["message"], diagnosis["trouble"]["code"]) == (5, E3, code)
    assert (states(diagnosis)["TLS"], states(diagnosis)["login"]) == ("passed", "failed")
    assert E3 in said
    assert fits in causes(diagnosis)
    for words in [*innocent, "DNS", "roxy", "firewall"]:
        assert words not in causes(diagnosis)


def test_e4_an_unknown_host(home, server):
    add(home, server, "qualysapi.example")
    with DnsServer({"other.example": ["127.0.0.1"]}) as names:
        settle(home, "dns", "--server", names.address)
        code, diagnosis, said = diagnosis_of(home)
    trouble = diagnosis["trouble"]

    assert (code, trouble["code"]) == (4, "name/unknown_host")
    assert (trouble["message"], trouble["hints"]) == (E4.format("qualysapi.example"), HINTS)
    assert all(text in said for text in [trouble["message"], *HINTS])
    assert names.address in trouble["came_back"]
    for innocent in ("assword", "account", "firewall", "certificate", "expired"):
        assert innocent not in causes(diagnosis)


@pytest.mark.parametrize(
    ("resource", "fault", "code", "stage"),
    [
        ("about", "maintenance-page", "vendor/maintenance", "login"),
        ("host_list", "maintenance", "vendor/maintenance", "permission"),
        ("host_list", "no-permission", "vendor/right", "permission"),
        ("detection_list", "no-permission", "vendor/right", "configured query"),
        ("knowledge_base", "no-permission", "vendor/right", "KnowledgeBase entitlement"),
        ("about", "html-page", "vendor/unreadable", "login"),
        ("host_list", "cut", "answer/broken_off", "permission"),
        ("host_list", "concurrency", "vendor/concurrency", "permission"),
    ],
)
def test_other_failures_are_told_apart(home, server, sim, resource, fault, code, stage):
    add_device(home, server)
    sim.break_next(resource, fault)
    exit_code, diagnosis, _ = diagnosis_of(home)

    assert (diagnosis["trouble"]["code"], states(diagnosis)[stage]) == (code, "failed")
    assert exit_code in (4, 5, 6, 7)


def test_a_used_up_quota_is_a_wait_and_no_wrong_password(home, server, sim):
    add_device(home, server)
    sim.break_next("host_list", "rate-limit", seconds=900)
    code, diagnosis, said = diagnosis_of(home)

    assert (code, diagnosis["trouble"]["code"]) == (7, "vendor/rate")
    assert "API limit" in said


def test_an_account_without_hosts_is_warned_of(home, server, sim):
    for last in (7, 8, 9):
        sim.purge(f"10.1.0.{last}")
    add_device(home, server)
    code, diagnosis, _ = diagnosis_of(home)

    assert (code, states(diagnosis)["permission"]) == (0, "warning")


@pytest.mark.parametrize(
    "query", ["/msp/scan.php?ip=198.51.100.1-198.51.100.4", "/msp/scan_report_list.php?last=yes", ""]
)
def test_no_test_ever_starts_a_scan(home, server, sim, query):
    add(home, server, server.address + query)
    code, diagnosis, _ = diagnosis_of(home)

    assert code == 0, diagnosis
    assert sim.scans_started == []
    assert not [call for call in server.requests if call.path.endswith("/scan.php")]
    if "scan.php" in query:
        (last,) = [stage for stage in diagnosis["stages"] if stage["name"] == "configured query"]
        assert (last["state"], "4 addresses" in last["details"][0]) == ("skipped", True)


def test_a_missing_saved_report_is_warned_of_and_one_that_is_there_is_named(home, server, sim):
    add(home, server, server.address + "/msp/scan_report_list.php?last=yes")
    before = diagnosis_of(home)[1]
    sim.scan("weekly", taken=sim.clock.now() - timedelta(hours=5))
    after = diagnosis_of(home)[1]

    assert (states(before)["configured query"], states(after)["configured query"]) == ("warning", "passed")
    assert "scan/" in after["stages"][-1]["details"][0]


def test_a_changed_certificate_stops_unattended_pulls_until_a_person_accepts_it(home, sim):
    settle(home, "tls", "--mode", "pin")
    port = free_port()
    with ExitStack() as running:
        running.enter_context(SimulatorServer(sim, port=port))
        done = run(
            home, "device", "add", "d", "--url", f"127.0.0.1:{port}", "--login", "reader", "--password-stdin",
            "--activate", stdin="right\n",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        first = run(home, "pull", "d")
    with SimulatorServer(sim, port=port):
        refused = run(home, "pull", "d")
        diagnosis = diagnosis_of(home)[1]
        waits = json.loads(run(home, "system", "show", "--json").stdout)["certificates"]
        other = run(home, "system", "accept-certificate", f"127.0.0.1:{port}", "--fingerprint", "00" * 32)
        shown = diagnosis["chain"][0]["sha256"]
        accepted = run(home, "system", "accept-certificate", f"127.0.0.1:{port}", "--fingerprint", shown)
        again = run(home, "pull", "d")

    assert (first.returncode, refused.returncode, again.returncode) == (0, 4, 0), refused.stderr + again.stderr
    assert (diagnosis["trouble"]["code"], diagnosis["trouble"]["message"]) == ("tls/changed_certificate", E1)
    assert shown in refused.stderr
    assert waits[0]["changed_sha256"] == shown.replace(":", "").lower()
    assert (other.returncode, accepted.returncode) == (3, 0)


def test_accepting_anything_is_loud_and_ends(home, server):
    late = run(home, "system", "tls", "--mode", "always")
    settle(home, "tls", "--mode", "always", "--hours", "2")
    done = run(
        home, "device", "add", "d", "--url", server.address, "--login", "reader", "--password-stdin", "--activate",
        stdin="right\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    code, diagnosis, _ = diagnosis_of(home)
    pulled = run(home, "pull", "d")

    assert (late.returncode, code, states(diagnosis)["TLS"]) == (2, 0, "warning")
    assert "WARNING: any certificate is accepted" in pulled.stdout


def test_the_proxys_password_is_found_nowhere_but_on_the_wire(home, server, tmp_path, monkeypatch):
    monkeypatch.setenv("VATRIAGE_TRACEBACK", "1")
    add_device(home, server)
    with tinyproxy(tmp_path) as running:
        arguments = ("--mode", "http", "--address", "127.0.0.1", "--port", str(running.port), "--user", USER)
        said = []
        for words, stdin in (
            (("system", "proxy", *arguments, "--password-stdin", "--json"), PASSWORD + "\n"),
            (("system", "show", "--json"), None),
            (("activate",), None),
            (("device", "test", "d"), None),
            (("device", "test", "d", "--json"), None),
            (("pull", "d", "--json"), None),
            (("system", "show"), None),
            (("system", "proxy", "--password-stdin", "--activate"), "wrong" + PASSWORD + "\n"),
            (("device", "test", "d"), None),
            (("pull", "d"), None),
        ):
            done = run(home, *words, stdin=stdin)
            said += [done.stdout, done.stderr, str(done.returncode)]
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())

    assert (said[11], said[14], said[17]) == ("0", "0", "0"), said
    assert (said[26], said[29]) == ("4", "4")
    assert "proxy settings is wrong" in said[25]
    assert PASSWORD not in "".join(said)
    for spelling in (PASSWORD.encode(), PASSWORD.encode("utf-16-le")):
        assert spelling not in files
    assert USER.encode() in files


def trouble_of_last_pull(home):
    import sqlite3  # noqa: PLC0415 - this test alone looks into the ledger

    with sqlite3.connect(home / "vatriage.sqlite3") as database:
        (counts,) = database.execute("SELECT counts FROM pulls ORDER BY id DESC LIMIT 1").fetchone()
    return json.loads(counts)["trouble"]
