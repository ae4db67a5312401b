"""The pages under docs/reference that the program itself dictates: command line, settings, reason codes.

python -m tests.docs.write_reference      # writes them; tests/docs fails while they differ from the program
"""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from typer.main import get_command

from vatriage import config
from vatriage.cli.main import app
from vatriage.model.instant import DAY_US
from vatriage.model.policy import Policy
from vatriage.model.verdict import Reason
from vatriage.usecases import explain

from .write_api import api_page, document

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by tests/docs/write_reference.py: change the program, then run it. -->\n"


def reference() -> dict[str, str]:
    """Return every generated page by its name."""
    return {
        "cli.md": _cli(), "settings.md": _settings(), "reasons.md": _reasons(), "api.md": api_page(_NOTE, document()),
    }  # fmt: skip


def verbs() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every verb of the program with its command, groups left out."""
    yield from _verbs((), get_command(app))


def _verbs(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from _verbs((*path, name), child)
        else:
            yield (*path, name), child


def _cli() -> str:
    top = get_command(app)
    parts = [
        f"# The command line\n\n{_NOTE}\n{top.help}\n\n"
        "Options of `vatriage` itself stand before the verb: `vatriage --home FOLDER host list`. `--help` works everywhere.\n"
        "Exit codes: [exit-codes.md](exit-codes.md). Shapes of `--json`: [json.md](json.md). Times are written like\n"
        "`2026-05-03` or `2026-05-03T10:00:00Z`; without a zone they are UTC.\n\n"
        + _table(("option of all verbs", "meaning"), _options(top))
    ]
    for path, command in verbs():
        usage = " ".join([*path, *_arguments(command)])
        parts.append(f"## vatriage {' '.join(path)}\n\n    vatriage {usage}\n\n{command.help}\n")
        rows = _options(command)
        if rows:
            parts.append(_table(("argument or option", "meaning"), rows))
    return "\n".join(parts)


def _arguments(command: Any) -> list[str]:
    names = []
    for item in command.params:
        if item.param_type_name == "argument":
            name = item.name.upper() + ("..." if item.nargs == -1 else "")
            names.append(name if item.required else f"[{name}]")
    return names + (["[OPTIONS]"] if any(item.param_type_name == "option" for item in command.params) else [])


def _options(command: Any) -> list[tuple[str, str]]:
    rows = []
    for item in command.params:
        if item.name == "help":
            continue
        if item.param_type_name == "argument":
            rows.append((f"`{item.name.upper()}`", item.help or ""))
            continue
        takes = "" if item.is_flag else f" {_value(item)}"
        default = _default(item)
        notes = ["required"] if item.required else [f"default: {default}"] if default else []
        notes += ["may be repeated"] if item.multiple else []
        rows.append((", ".join(f"`{word}{takes}`" for word in item.opts), f"{item.help or ''} {_bracketed(notes)}"))
    return rows


def _bracketed(notes: list[str]) -> str:
    return f"({', '.join(notes)})" if notes else ""


_WORDS = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "Path": "PATH"}


def _value(item: Any) -> str:
    kind = item.type_descriptor.annotation
    kind = next((part for part in get_args(kind) if part is not type(None)), kind)
    if issubclass(kind, Enum):
        return "\\|".join(member.value for member in kind)
    return _WORDS[kind.__name__]


def _default(item: Any) -> str:
    value = item.default
    if item.is_flag or value in (None, "", ()):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _settings() -> str:
    rows, policy = [], Policy()
    documented = _field_texts(config.Config)
    for item in fields(config.Config):
        text = documented[item.name]
        variable = re.search(r"VATRIAGE_[A-Z_]+", text)
        if item.name == "home":
            rows.append(
                (
                    "`VATRIAGE_HOME`",
                    "`~/.vatriage`",
                    "Folder of everything we keep: database, snapshots, raw pages, key; `--home` overrules it.",
                )
            )
            continue
        assert variable is not None, f"Config.{item.name} names no variable"
        rows.append(
            (
                f"`{variable[0]}`",
                _shown("" if item.default is MISSING else item.default),
                _sentence(text),
            )
        )
    files = [
        (f"`{value.relative_to('/home').as_posix()}`", inspect.getdoc(member.fget) or "")
        for name, member in vars(config.Config).items()
        if isinstance(member, property) and isinstance(value := getattr(config.Config(home=Path("/home")), name), Path)
    ]
    return (
        f"# Settings\n\n{_NOTE}\n"
        "Every setting has a default that works. The environment may change it; a value that is no number, or out of bounds,\n"
        "stops the program with exit code 2 and names the variable. Times are seconds, up to 86,400. There is no settings file.\n\n"
        + _table(("variable", "default", "meaning"), rows)
        + "\n`VATRIAGE_TRACEBACK=1` shows where a bug of ours happened, instead of one sentence. Use it for a bug report only.\n"
        "\n## What lies in the home folder\n\n"
        + _table(("file or folder", "what it is"), files)
        + "\nA backup of the home folder while nothing is being pulled or imported is a whole backup. Keep the key apart from it.\n"
        "\n## What is not a setting\n\n"
        f"How long evidence counts (agent {_days(policy.agent_ttl_us)}, authenticated scan {_days(policy.authenticated_ttl_us)}, "
        f"remote scan {_days(policy.remote_ttl_us)};\n"
        "see [the verdict, exactly](../explanation/verdict.md)) is part of the policy, whose version stands in every verdict.\n"
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _days(us: int) -> str:
    return f"{us // DAY_US} days"


def _field_texts(kind: type) -> dict[str, str]:
    """Return the docstring under each field of a class."""
    body = ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]
    texts = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            texts[field.target.id] = inspect.cleandoc(text.value.value)  # type: ignore[union-attr]
    return texts


def _sentence(text: str) -> str:
    """Return a field's text without the name of its variable, which stands in a column of its own."""
    meaning = re.sub(r"^VATRIAGE_[A-Z_]+:\s*", "", " ".join(text.split()))
    return meaning[:1].upper() + meaning[1:]


def _reasons() -> str:
    rows = [(f"`{reason.value}`", explain._REASONS[reason], explain._REMEDIES.get(reason, "-")) for reason in Reason]
    return (
        f"# Reason codes\n\n{_NOTE}\n"
        "Every verdict carries the codes of what decided it (`reasons` in the record, *why* in the table). What the conditions are,\n"
        "exactly, is told in [the verdict, exactly](../explanation/verdict.md); what to do with a verdict in\n"
        "[how to read a verdict](../how-to/read-a-verdict.md). What would change it changes it for alerts to come: what is learnt\n"
        "after an alert never clears that alert.\n\n" + _table(("code", "meaning", "what would change it"), rows)
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |\n" for line in lines)


def main() -> None:
    """Write the pages."""
    for name, text in reference().items():
        (REFERENCE / name).write_text(text)


if __name__ == "__main__":
    main()
