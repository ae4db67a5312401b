"""`vatriage serve`, started for real: first login, two starts, stopping, dying, TLS, both databases."""

import json
import os
import re
import signal
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from end_to_end_program import run
from pulled_subscription import add_device, make_subscription
from running_controller import await_rows, rows
from served import Service, free_port, log_in, served, visitor
from vatriage_simulator.certificates import write_certificates
from vatriage_simulator.server import SimulatorServer


@pytest.fixture
def certificate(tmp_path):
    """The authority's file, and the file of a certificate for 127.0.0.1 with its key."""
    return write_certificates(tmp_path)


def test_the_first_start_makes_the_administrator_who_must_choose_a_password(tmp_path):
    home = tmp_path / "home"
    with served(home) as service, visitor(service) as client:
        first = log_in(client, "admin", service.password)
        turned = client.get("/account/")
        health = client.get("/healthz")
    with served(home) as again:
        printed = again.printed

    assert (first.status_code, turned.headers["Location"]) == (302, "/account/password/")
    assert (health.status_code, health.text) == (200, "ok\n")
    assert f"The web interface answers at {again.url}\n" in printed
    assert not [line for line in printed if "password" in line]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_is_clean_and_takes_less_than_five_seconds(tmp_path, number, code):
    with served(tmp_path / "home") as service:
        children = service.children()
        ended, took = service.stop(number)

    assert (ended, took < 5) == (code, True)
    assert children
    assert not [child for child in children if _lives(child)]
    assert "nothing is half-committed" in "".join(service.complained)
    assert "Traceback" not in "".join(service.complained)


def test_a_killed_service_leaves_no_orphans_and_can_start_again_on_the_same_port(tmp_path):
    with served(tmp_path / "home") as service:
        children = service.children()
        service.stop(signal.SIGKILL)
        _wait_until(lambda: not any(_lives(child) for child in children))
    with served(tmp_path / "home", port=service.port) as again, visitor(again) as client:
        answer = client.get("/healthz")

    assert children
    assert answer.status_code == 200


def test_the_controller_runs_beside_the_pages_and_is_started_again_if_it_dies(tmp_path):
    with served(tmp_path / "home") as service:
        _wait_until(lambda: _controller_lines(service) == 1)
        (controller,) = [child for child in service.children() if _is_controller(child)]
        os.kill(controller, signal.SIGKILL)
        _wait_until(lambda: _controller_lines(service) == 2)
        (again,) = [child for child in service.children() if _is_controller(child)]
        code, took = service.stop()

    assert again != controller
    assert "The controller ended (killed by signal 9); it starts again in 1 s." in "".join(service.complained)
    assert (code, took < 5, _lives(again)) == (143, True, False)


def test_a_running_pull_does_not_hold_up_the_end_and_is_gone_on_with(tmp_path, monkeypatch):
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    home, subscription = tmp_path / "home", make_subscription()
    subscription.break_next("detection_list", "stall", seconds=30)
    with SimulatorServer(subscription) as simulator:
        add_device(home, simulator)
        assert run(home, "rule", "add", "r", "--device", "d").returncode == 0
        assert run(home, "rule", "run", "r").returncode == 0
        with served(home) as service:
            await_rows(lambda: rows(home, "SELECT 1 FROM pull_pages"), service.process)
            code, took = service.stop()
        with served(home) as again:
            await_rows(lambda: rows(home, "SELECT 1 FROM rule_runs WHERE finished_at > 0"), again.process)

    assert (code, took < 6) == (143, True)
    assert rows(home, "SELECT state FROM pulls") == [("complete",)]


def test_a_killed_worker_is_replaced(tmp_path):
    with served(tmp_path / "home", "--no-controller") as service, visitor(service) as client:
        time.sleep(6)  # granian takes an earlier end for a crash loop
        (worker,) = service.children()
        os.kill(worker, signal.SIGKILL)
        _wait_until(lambda: service.children() not in ([worker], []) and _answers(client))

    assert service.stop()[0] == 143


def test_a_second_service_of_a_home_folder_is_refused_in_a_sentence(tmp_path):
    with served(tmp_path / "home") as service:
        code, said = Service(tmp_path / "home").ended()

    assert code == 10
    assert f"served already, by process {service.process.pid}" in said


def test_a_taken_port_is_told_in_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = run(tmp_path / "home", "serve", "--port", other.getsockname()[1])
    with served(tmp_path / "home") as service:
        by_us = run(tmp_path / "other", "serve", "--port", service.port)

    assert (taken.returncode, by_us.returncode) == (10, 10)
    for told in (taken, by_us):
        assert "Another program listens on" in told.stderr
        assert (told.stdout, told.stderr.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--address", "nowhere"], "'nowhere' is no IP address"),
        (["--address", "192.0.2.1", "--plain-http"], "This machine has no address 192.0.2.1"),
        (["--address", "0.0.0.0"], "would send passwords in clear"),  # noqa: S104 - it is to be refused
        (["--certificate", "c.pem"], "belong together"),
        (["--certificate", "c.pem", "--key", "k.pem"], "cannot be read: No such file"),
        (["--workers", "2"], "served by one web process"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_told_in_a_sentence(tmp_path, options, sentence):
    done = run(tmp_path / "home", "serve", "--port", free_port(), *options)

    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_with_a_certificate_it_speaks_tls_and_its_cookies_are_secure(tmp_path, certificate):
    authority, ours = certificate
    home = tmp_path / "home"
    with served(home, "--certificate", ours, "--key", ours) as service, visitor(service, authority) as client:
        answer = log_in(client, "admin", service.password)
        cookies = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
        in_clear = f"http://127.0.0.1:{service.port}/healthz"
        with pytest.raises(httpx2.TransportError):
            httpx2.get(in_clear, trust_env=False)

    assert answer.status_code == 302
    assert service.url.startswith("https://")
    assert cookies
    assert all("Secure" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_behind_a_proxy_that_ends_tls_logins_work_and_cookies_are_secure(tmp_path):
    environment = {"VATRIAGE_HTTPS": "yes", "VATRIAGE_HOSTS": "siem.example"}
    outside = {"Host": "siem.example:8443", "X-Forwarded-Proto": "https", "Origin": "https://siem.example:8443"}
    with served(tmp_path / "home", environment=environment) as service, visitor(service) as client:
        page = client.get("/login/", headers=outside)
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"csrfmiddlewaretoken": token, "username": "admin", "password": service.password}
        cookie = page.headers["set-cookie"]
        answer = client.post("/login/", data=form, headers=outside | {"Cookie": cookie.split(";")[0], "Referer": ""})

    assert "Secure" in cookie
    assert answer.status_code == 302


def test_the_access_log_tells_requests_without_their_queries(tmp_path):
    with served(tmp_path / "home", "--access-log") as service, visitor(service) as client:
        client.get("/login/?token=canary-7731")
        client.get("/no%0a%22such/")
        _wait_until(lambda: len(service.complained) == 2)  # the line follows the answer
        service.stop()
        lines = [json.loads(line) for line in service.complained if line.startswith("{")]

    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/login/", 200),
        ("GET", '/no\n"such/', 404),
    ]
    assert "canary-7731" not in "".join(service.complained)


def test_the_one_time_password_is_never_written_into_a_journal(tmp_path):
    home = tmp_path / "home"
    first = Service(home, in_journal=True).answering()
    first.stop()
    added = run(home, "user", "add", "root", "--role", "admin")
    second = Service(home, in_journal=True).answering()
    second.stop()

    assert first.password is None
    assert "vatriage user add" in "".join(first.complained)
    assert added.returncode == 0
    assert "vatriage user add" not in "".join(second.complained)


def test_it_serves_from_postgresql_with_several_workers(tmp_path, postgresql):
    with served(tmp_path / "home", "--workers", 2, "--no-controller") as service, visitor(service) as client:
        answers = [client.get("/healthz").status_code for _ in range(5)]
        first = log_in(client, "admin", service.password)
        workers = len(service.children())

    assert answers == [200] * 5
    assert first.status_code == 302
    assert workers == 2


def _is_controller(process):
    return b"\0controller\0" in Path(f"/proc/{process}/cmdline").read_bytes()


def _controller_lines(service):
    return sum("The controller runs." in line for line in service.printed)


def _lives(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _answers(client):
    try:
        return client.get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def _wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_page_that_breaks_shows_a_reference_and_no_traceback_reaches_anybody(tmp_path):
    home = tmp_path / "home"
    with served(home) as service, visitor(service) as client:
        log_in(client, "admin", service.password)
        with closing(sqlite3.connect(home / "vatriage.sqlite3")) as store, store:
            store.execute("UPDATE users SET role = 'damaged'")
        answer = client.get("/scheduler/")
        (reference,) = re.findall("reference: ([0-9a-f]{10})", answer.text)
        complained = "".join(service.complained)
    kept = home / "errors.log"

    assert (answer.status_code, "ValueError" in answer.text) == (500, False)
    (line,) = [line for line in complained.splitlines() if reference in line]
    assert line.endswith(f"GET /scheduler/ broke; its traceback has the reference {reference} (ValueError)")
    assert "Traceback" not in complained
    assert (kept.stat().st_mode & 0o777, "Traceback" in kept.read_text()) == (0o600, True)
    assert service.password not in kept.read_text()
