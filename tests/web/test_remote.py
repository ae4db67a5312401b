"""The command line with --server says what it says where the inventory is: same output, same JSON, same exit codes."""

import json
import os
import ssl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from end_to_end_program import ROOT, alert
from vatriage.model.viewer import Right, Role
from web.api_client import furnish, token_of

CANARY = "canary-remote-5d1e"


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, format, *arguments):  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def serving(tls=None):
    """Serve the web face on loopback; yield its address."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connections

    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)

    def serve():
        server.serve_forever(poll_interval=0.05)
        connections.close_all()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def place(store, user):
    """Where the program runs: a server with one of everything, and a file with a token for it."""
    values = furnish(store)
    with serving() as url:
        yield Place(store, url, token_file(store.folder, token_of(user(Role.ADMIN))), values)


def token_file(folder, text, name="token", mode=0o600):
    """Return the path of a file with a token."""
    path = folder / name
    path.write_text(text + "\n")
    path.chmod(mode)
    return path


class Place:
    """Runs the program where the inventory is, or with --server."""

    def __init__(self, store, url, token, values):
        self.store, self.url, self.token, self.values = store, url, token, values

    def here(self, *words, stdin=None):
        """Run a verb where the inventory is."""
        return self._run([], words, stdin, self.store.config.home)

    def there(self, *words, stdin=None, url=None, token=None, before=()):
        """Run a verb with --server, with a home folder that is not there."""
        options = ["--server", url or self.url, "--token-file", str(token or self.token), *before]
        return self._run(options, words, stdin, self.store.folder / "nobody's home")

    def _run(self, options, words, stdin, home):
        environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
        return subprocess.run(
            [sys.executable, "-m", "vatriage", *options, *map(str, words)], check=False, capture_output=True, text=True,
            env=environment, input=stdin, cwd=self.store.folder, timeout=120,
        )  # fmt: skip


READING = [
    ("device", "list"),
    ("device", "list", "--json"),
    ("device", "show", "d", "--json"),
    ("device", "show", "nobody"),
    ("device", "cancel-scan", "d"),
    ("host", "list"),
    ("host", "list", "--zone", "default", "--json"),
    ("host", "show", "10.1.0.7", "--results"),
    ("host", "show", "10.1.0.7", "--json", "--as-of", "2026-11-22"),
    ("host", "show", "10.9.9.9"),
    ("host", "show", "nowhere"),
    ("pulls",),
    ("pulls", "--json"),
    ("explain", "ALERT"),
    ("explain", "ALERT", "--json"),
    ("explain", "00"),
    ("explain", "--from", "eve.json", "--line", "3", "--as-of", "2026-11-22", "--json"),
    ("explain", "--from", "eve.json", "--line", "2", "--as-of", "2026-11-22"),
    ("triage", "eve.json", "-", "--as-of", "2026-11-22"),
    ("triage", "eve.json", "eve.json.gz", "--as-of", "2026-11-22", "--output", "jsonl"),
    ("triage", "eve.json", "--as-of", "2026-11-22", "--output", "eve"),
    ("triage", "missing.json"),
    ("triage", "eve.json", "--zone", "x" * 65),
]


def test_reading_verbs_say_the_same_there_as_here(place):
    import gzip

    lines = "\n".join([alert(1), "no event", alert(2), '{"event_type":"flow"}', alert(7)])
    (place.store.folder / "eve.json").write_text(lines)
    (place.store.folder / "eve.json.gz").write_bytes(gzip.compress(alert(1).encode()))
    different = []
    for typed in READING:
        words = [place.values["alert"] if word == "ALERT" else word for word in typed]
        here, there = (run(*words, stdin=alert(2)) for run in (place.here, place.there))
        told = [(done.returncode, done.stdout, warned(done.stderr)) for done in (here, there)]
        if told[0] != told[1]:
            different.append((words, *told))

    assert different == []


def warned(text):
    """Return what stands on standard error; hints name the means of each way, and are left out."""
    return [line.partition(". ")[0] for line in text.splitlines()]


def test_changing_verbs_do_there_what_they_do_here(place):
    url = "127.0.0.1:1/msp/scan.php?ip=198.51.100.1-198.51.100.4"
    steps = [
        ("device", "add", "NAME", "--url", "127.0.0.1:1", "--login", "u", "--password-stdin", "--json"),
        ("device", "edit", "NAME", "--login", "v", "--complete-checks", "yes"),
        ("device", "show", "NAME", "--json"),
        ("activate", "--json"),
        ("device", "add", "NAME", "--url", "127.0.0.1:1", "--login", "u", "--password-stdin"),
        ("device", "edit", "NAME", "--url", url),
        ("activate",),
        ("activate", "--confirm-scan", "4"),
        ("device", "show", "NAME", "--json"),
        ("device", "remove", "NAME", "--json"),
        ("device", "add", "NAME", "--url", url, "--login", "u", "--password-stdin", "--activate"),
        ("device", "remove", "NAME"),
        ("device", "edit", "NAME", "--login", "v"),
        ("activate",),
    ]
    told = []
    for run, name in ((place.here, "dev-1"), (place.there, "dev-2")):
        done = [run(*[name if word == "NAME" else word for word in step], stdin=CANARY + "\n") for step in steps]
        told.append(
            [
                (one.returncode, one.stdout.replace(name, "NAME"), warned(one.stderr.replace(name, "NAME")))
                for one in done
            ]
        )

    assert told[0] == told[1]
    assert [code for code, _, _ in told[0]] == [0, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 3, 0]
    assert CANARY not in str(told)


def test_a_connectivity_test_shows_the_same_stages_and_ends_with_the_same_code(place):
    here, there = (run("device", "test", "d") for run in (place.here, place.there))

    assert (here.returncode, there.returncode) == (4, 4)
    assert there.stderr == here.stderr
    assert [line.split("│")[1:3] for line in there.stdout.splitlines()] == [
        line.split("│")[1:3] for line in here.stdout.splitlines()
    ]


def test_pulls_are_asked_of_the_controller_there(place):
    from vatriage.store.update_rules import RunRequest

    first, again = place.there("pull", "d", "--json"), place.there("pull")

    assert json.loads(first.stdout) == {"pulls": [{"device": "d", "asked": "asked", "controller": False}]}
    assert (again.stdout, RunRequest.objects.count()) == ("Device 'd': waits already.\n", 1)
    assert "No controller runs there" in first.stderr


def test_verdicts_are_kept_there_and_explained_from_there(place):
    (place.store.folder / "eve.json").write_text(alert(2))
    kept = place.there("triage", "eve.json", "--store", "--output", "jsonl")
    number = json.loads(kept.stdout)["id"]
    explained = place.there("explain", number)

    assert (kept.returncode, explained.returncode) == (0, 0)
    assert f"alert {number}" in explained.stdout


@pytest.mark.parametrize(
    ("words", "text", "code"),
    [
        (("kb", "show", "1"), "works where the inventory is", 2),
        (("import", "x.xml"), "works where the inventory is", 2),
        (("triage", "eve.json", "--rules", "r.rules"), "--rules works with the inventory of this machine only", 2),
    ],
)
def test_what_cannot_be_asked_of_another_machine_says_so(place, words, text, code):
    (place.store.folder / "eve.json").write_text(alert(2))
    done = place.there(*words)

    assert (done.returncode, text in done.stderr) == (code, True)


def test_a_token_that_may_not_is_told_apart_from_one_that_does_not_work(place, user):
    reader = token_file(place.store.folder, token_of(user(Role.OPERATOR), Right.READ), "reader")
    wrong = token_file(place.store.folder, f"vt_00000000_{CANARY}", "wrong")
    done = [place.there("device", "remove", "d", token=reader), place.there("device", "list", token=wrong)]

    assert [one.returncode for one in done] == [2, 5]
    assert "needs the right 'admin'" in done[0].stderr
    assert CANARY not in done[1].stderr


def test_a_token_that_others_may_read_is_not_used(place):
    open_to_all = token_file(place.store.folder, CANARY, "open", mode=0o644)
    done = place.there("device", "list", token=open_to_all)

    assert (done.returncode, "chmod 600" in done.stderr, CANARY in done.stderr) == (2, True, False)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://192.0.2.7", "the token would go in clear"),
        ("http://127.0.0.1.example", "the token would go in clear"),
        ("ftp://127.0.0.1", "no URL of a server"),
        ("https://u:p@127.0.0.1", "no URL of a server"),
        ("https://127.0.0.1/api", "more than a scheme, a name and a port"),
        ("https://127.0.0.1:x", "no URL"),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused_before_anything_is_sent(tmp_path, url, text):
    from vatriage.cli.remote import remote_of
    from vatriage.errors import UsageError

    with pytest.raises(UsageError, match=text):
        remote_of(url, token_file(tmp_path, CANARY), None)


def test_a_server_that_is_not_there_or_is_none_of_ours_is_told(place):
    gone = place.there("device", "list", url="http://127.0.0.1:1")
    with serving() as other:
        pass  # it was here a moment ago
    left = place.there("device", "list", url=other)

    assert [done.returncode for done in (gone, left)] == [4, 4]
    assert "cannot be reached" in gone.stderr


def test_a_certificate_is_checked_against_the_named_authority(place, tmp_path):
    from vatriage_simulator.certificates import write_certificates

    authority, certificate = write_certificates(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(tls) as url:
        trusted = place.there("device", "list", "--json", url=url, before=["--ca-file", str(authority)])
        foreign = place.there("device", "list", "--json", url=url)

    assert (trusted.returncode, json.loads(trusted.stdout)["devices"][0]["name"]) == (0, "d")
    assert (foreign.returncode, "is not trusted" in foreign.stderr) == (4, True)


def test_a_token_made_on_the_command_line_goes_to_a_file_and_opens_the_api(place, user):
    out = place.store.folder / "made"
    made = place.here("token", "add", "admin", "laptop", "--right", "read", "--days", "1", "--out", out)
    works = place.there("device", "list", token=out)
    listed = place.here("token", "list", "--json")
    revoked = place.here("token", "revoke", "admin", "laptop", "--json")
    after = place.there("device", "list", token=out)
    secret = out.read_text().strip()

    assert [done.returncode for done in (made, works, listed, revoked, after)] == [0, 0, 0, 0, 5]
    assert out.stat().st_mode & 0o777 == 0o600
    assert secret not in made.stdout + listed.stdout + revoked.stdout
    assert {item["name"] for item in json.loads(listed.stdout)["tokens"]} == {"t", "laptop"}
    assert place.here("token", "add", "admin", "again", "--out", out).returncode == 2
    assert Path(out).read_text().strip() == secret
