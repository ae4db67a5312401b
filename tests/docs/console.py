"""The console blocks of a page: run them as a person would, compare what they print, or write it in.

A block is fenced as `console`: a line that begins with `$ ` is a command of sh, what follows up to the next one is what
it prints (both streams). `...` stands for anything. All blocks of a page share a folder that begins as a copy of
docs/examples, and a home folder of their own; pages that name SIMULATED find the simulated server there.

    python -m tests.docs.console docs/tutorial.md     # renews what is missing or has changed
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SIMULATED = "127.0.0.1:18443"
"""The address that the pages write for `vatriage-simulator --port 18443 --now 2026-11-24T06:00:00Z`."""
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGING = (
    (re.compile(r'(judged as at |"judged_at": ?")[0-9TZ:.\-]+'), r"\1..."),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page and what the page says it prints."""

    text: str
    output: str


def pages() -> list[Path]:
    """Return every page of the documentation, the README and CONTRIBUTING among them."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))]


def commands(page: str) -> list[Command]:
    """Return the commands of a page's console blocks, in order."""
    return [command for block in _BLOCK.findall(page) for command in _commands(block)]


def _commands(block: str) -> Iterator[Command]:
    text, output = "", ""
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            if text:
                yield Command(text, output)
            text, output = line[2:], ""
        elif text.endswith("\\\n"):
            text += line
        else:
            output += line
    if text:
        yield Command(text, output)


def agrees(printed: str, said: str) -> bool:
    """Whether a page says what was printed; `...` stands for anything, instants of judging are not compared."""
    printed, said = _settled(printed), _settled(said)
    pattern = ".*?".join(re.escape(part) for part in said.split("..."))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def _settled(text: str) -> str:
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text.strip()


@contextmanager
def workplace(page: str) -> Iterator["Workplace"]:
    """Yield a folder in which a page's commands run; the simulated server serves if the page names it."""
    with TemporaryDirectory() as folder, _server(page) as server:
        place = Path(folder)
        files = place / "files"
        shutil.copytree(DOCS / "examples", files)
        if server is not None:
            shutil.copy(server.ca_file, files / "ca.pem")
        (place / "bin").mkdir()
        for name, module in (("vatriage", "vatriage"), ("vatriage-simulator", "vatriage_simulator")):
            script = place / "bin" / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
            script.chmod(0o700)
        yield Workplace(place, server.address if server is not None else SIMULATED)


def _server(page: str):
    if SIMULATED not in page:
        return nullcontext()
    from vatriage_simulator.generated import generate  # noqa: PLC0415 - only pages that need the server
    from vatriage_simulator.server import SimulatorServer  # noqa: PLC0415 - the same

    return SimulatorServer(generate(1, 50, now=datetime(2026, 11, 24, 6, tzinfo=UTC)))


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a page's commands run."""

    folder: Path
    server: str

    def run(self, command: str) -> str:
        """Return what a command prints on both streams."""
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator",
            "VATRIAGE_HOME": str(self.folder / "home"),
        }
        environment.pop("VATRIAGE_TRACEBACK", None)
        done = subprocess.run(
            ["sh", "-c", command.replace(SIMULATED, self.server)], cwd=self.folder / "files", env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
        )  # fmt: skip
        printed = done.stdout.replace(self.server, SIMULATED)
        return printed.replace(str(self.folder / "files"), ".").replace(str(self.folder / "home"), "~/.vatriage")


def fill(page: str) -> str:
    """Return a page in which every output that is missing or has changed is the one that is really printed."""
    with workplace(page) as place:
        return _BLOCK.sub(lambda found: f"```console\n{_filled(found[1], place)}```", page)


def _filled(block: str, place: Workplace) -> str:
    parts = []
    for command in _commands(block):
        printed = place.run(command.text)
        text = "\n".join(line.rstrip() for line in printed.splitlines())
        real = f"{text}\n" if text else ""
        parts.append(f"$ {command.text}{command.output if agrees(printed, command.output) else real}")
    return "".join(parts)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(fill(path.read_text()))
