"""Which file is what: by name, else by content."""

import pytest

from vatriage.signatures.interface import SignaturesError
from vatriage.signatures.signature_files import Kind, kind_of, read_signature_files

RULE = 'alert ip any any -> any any (sid:1; content:"||"; classtype:misc-attack;)\n'
MAP = "2 || TEST || cve,2026-11111\n"
CLASSES = "config classification: misc-attack,Misc Attack,2\n"


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.rules", MAP, Kind.RULES),
        ("community-sid-msg.map", RULE, Kind.MAP),
        ("SID-MSG.MAP", "", Kind.MAP),
        ("classification.config", RULE, Kind.CLASSES),
        ("-", f"# prose || here\n{RULE}", Kind.RULES),
        ("x.txt", f"#v2\n\n{MAP}", Kind.MAP),
        ("x.conf", f"# prose\n{CLASSES}", Kind.CLASSES),
        ("x", "", Kind.RULES),
    ],
)
def test_a_file_is_known_by_its_name_or_its_first_line(name, text, kind):
    assert kind_of(name, text) is kind


def test_a_folder_gives_all_that_tells_of_signatures(tmp_path):
    (tmp_path / "etc").mkdir()
    for name, text in {
        "a.rules": RULE,
        "etc/sid-msg.map": MAP,
        "etc/classification.config": CLASSES,
        "etc/gen-msg.map": "1 || 1 || x\n",
        "README": "read me\n",
        "reference.config": "config reference: cve https://example.org/\n",
    }.items():
        (tmp_path / name).write_text(text)
    found = read_signature_files(tmp_path)

    assert [(one.sid, one.from_rule) for one in found.signatures] == [(1, True), (2, False)]
    assert (found.classes, found.rejects) == ({"misc-attack": 2}, [])


def test_a_folder_without_such_files_says_which_are_meant(tmp_path):
    with pytest.raises(SignaturesError, match="holds no rule file") as caught:
        read_signature_files(tmp_path)

    assert "sid-msg" in str(caught.value.hint)
