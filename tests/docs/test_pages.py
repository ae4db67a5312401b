"""Links, paths and commands of the documents point at what exists."""

import re
import shlex

import pytest

from docs.console import DOCS, ROOT, commands, pages
from docs.write_reference import verbs

_PAGES = {str(path.relative_to(ROOT)): path for path in pages()}
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_OURS = re.compile(r"`((?:src|tests|simulator|docs)/[\w./-]*)`")
_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(vatriage .*)$", re.MULTILINE)
_INLINE = re.compile(r"`(vatriage [a-z][^`]*)`")
_CALL = re.compile(r"(?:^|[|;&(] *)vatriage ([^|;&>`\n]*)", re.MULTILINE)
_FOREIGN = re.compile(
    r"/work\b|/tmp\b|/root\b|/home/\w|/opt/\w|pypi\.|pythonhosted|npmjs|crates\.io|proxy\.golang|artifactory|localhost:"
)
_VERBS = dict(verbs())


@pytest.mark.parametrize("name", _PAGES)
def test_every_link_leads_to_a_file(name):
    path = _PAGES[name]
    links = [link for link in _LINK.findall(path.read_text()) if "://" not in link]

    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("name", _PAGES)
def test_every_path_of_ours_that_is_named_exists(name):
    named = _OURS.findall(_PAGES[name].read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_can_be_reached_from_the_readme():
    linked = {(ROOT / link).resolve() for link in _LINK.findall((ROOT / "README.md").read_text()) if "://" not in link}
    lost = [name for name, path in _PAGES.items() if path.name != "README.md" and not {path, path.parent} & linked]

    assert lost == []


@pytest.mark.parametrize("name", _PAGES)
def test_every_command_names_a_verb_and_options_that_exist(name):
    text = _PAGES[name].read_text()
    typed = [*(command.text for command in commands(text)), *_SHELL.findall(text)]
    said = [*_INDENTED.findall(text), *_INLINE.findall(text)]
    calls = [call for part in [*typed, *said] for call in _CALL.findall(part.replace("\\\n", " "))]

    assert [call for call in calls if not _exists(call)] == []


def test_a_verb_or_option_that_does_not_exist_is_noticed():
    assert _exists("--home x device add NAME --url a --login b")
    assert not _exists("device mend NAME")
    assert not _exists("pull --fast")


def _exists(call):
    words = shlex.split(call, comments=True)
    while words and words[0] in ("--home", "--server", "--token-file", "--ca-file"):
        words = words[2:]
    verb = next((path for path in _VERBS if tuple(words[: len(path)]) == path), None)
    if verb is None:
        groups = {path[0] for path in _VERBS if len(path) > 1}
        return len(words) == 1 and words[0] in groups
    known = {word for item in _VERBS[verb].params for word in item.opts} | {"--help"}
    return all(word.partition("=")[0] in known for word in words if word.startswith("--"))


def test_no_machine_path_and_no_registry_is_named():
    files = [*_PAGES.values(), *(path for path in DOCS.rglob("*") if path.is_file() and path.suffix != ".md")]

    assert [str(path) for path in files if _FOREIGN.search(path.read_text(errors="replace"))] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
