"""Real proxies on loopback, each started for a test: tinyproxy (HTTP, login), microsocks (SOCKS5, login), mitmproxy."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MITMDUMP = ROOT / os.environ.get("MITM", ".venv-mitm") / "bin" / "mitmdump"
USER, PASSWORD = "clerk", "pr0xyCanary7c1f"


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs."""

    port: int
    log: Path
    """What it says of the connections it made."""
    ca_file: Path | None = None
    """The authority of its own certificates, if it looks into TLS."""


@contextmanager
def tinyproxy(folder, *, login=True):
    """Run an HTTP proxy that asks for a login."""
    program = _program("tinyproxy", "tinyproxy-bin")
    port, log = free_port(), folder / "tinyproxy.log"
    lines = [
        f"Port {port}",
        "Listen 127.0.0.1",
        "Allow 127.0.0.1",
        f'LogFile "{log}"',
        "LogLevel Connect",
        "Timeout 30",
    ]
    lines += [f"BasicAuth {USER} {PASSWORD}"] if login else []
    settings = folder / "tinyproxy.conf"
    settings.write_text("\n".join(lines) + "\n")
    log.touch()
    log.chmod(0o666)  # started by root it becomes another user
    with _running([program, "-d", "-c", settings], port, folder / "tinyproxy.out"):
        yield Proxy(port, log)


@contextmanager
def microsocks(folder, *, login=True):
    """Run a SOCKS5 proxy that asks for a login."""
    program = _program("microsocks", "microsocks")
    port, log = free_port(), folder / "microsocks.log"
    command = [program, "-i", "127.0.0.1", "-p", str(port), *(["-u", USER, "-P", PASSWORD] if login else [])]
    with _running(command, port, log):
        yield Proxy(port, log)


@contextmanager
def mitmproxy(folder, upstream_ca):
    """Run a proxy that looks into TLS, under an authority of its own, and asks for a login."""
    if not MITMDUMP.exists():
        pytest.skip("no mitmproxy: `make tests` installs requirements-mitm.lock where the registry can be reached")
    port, log, own = free_port(), folder / "mitmproxy.log", folder / "mitm"
    command = [
        MITMDUMP, "--listen-host", "127.0.0.1", "-p", str(port), "--set", f"confdir={own}", "--set",
        f"ssl_verify_upstream_trusted_ca={upstream_ca}", "--proxyauth", f"{USER}:{PASSWORD}",
    ]  # fmt: skip
    with _running(command, port, log, patience_s=60):
        yield Proxy(port, log, own / "mitmproxy-ca-cert.pem")


def free_port():
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _program(name, package):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        pytest.skip(f"no {name}: `make packages` installs Debian's {package} as root")
    return found


@contextmanager
def _running(command, port, log, patience_s=15):
    with log.open("ab") as out:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + patience_s
        while not _answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
