"""CVE and Bugtraq ids in one spelling, and every id that a text names (VERDICT 4).

Source of the syntax: the CVE record format (four digits or more after the year; seven is the longest in use), and the
spellings met in rules and in EVE: `2021-44228`, `CVE_2021_44228`, `CAN-2001-0540`, `...cvename.cgi?name=2014-0160`.
"""

import re
import unicodedata
from typing import Literal, NamedTuple

FIRST_YEAR = 1999
"""No CVE is older than the list."""

LAST_YEAR = 2100
"""Anything later is a typing error."""

ClaimKind = Literal["cve", "bugtraq"]
"""The two kinds of reference that name a vulnerability."""

_CVE = re.compile(r"(?:(?:CVE|CAN)[-_ ]*)?([0-9]{4})[-_]([0-9]{4,7})", re.IGNORECASE | re.ASCII)
_BUGTRAQ = re.compile(r"(?:(?:BUGTRAQ|BID)[-_ ]*)?0*([1-9][0-9]{0,8})", re.IGNORECASE | re.ASCII)
_PASSAGE = re.compile(
    r"""(?: CVE (?:[-_ ]?(?:id|name|number))? s? (?=[^A-Za-z0-9]{0,8}[0-9])   # CVE, and a number close behind it
          | CAN (?=[-_ ](?:19|20)[0-9]{2}[-_][0-9])                         # a common word: only with a whole id
          | (?<=[?&]) name= (?=[0-9]{4}-[0-9]) )
        (?: [^A-Za-z] | (?<![A-Za-z0-9])(?:and|or|to)(?![A-Za-z0-9]) )*+""",
    re.IGNORECASE | re.VERBOSE,
)
"""From the word CVE on, all up to the next word: `CVE-2021-26855/26857, 27065 and 26858`."""

_GLUED = re.compile(r"(?:CVE|CAN)[-_ ]?[0-9]{4}[-_][0-9]", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{4}[-_][0-9]{4,7}(?![0-9])", re.ASCII)
_DIGIT = re.compile(r"[0-9]", re.ASCII)
_WORD_END = re.compile(r"[A-Za-z0-9]*", re.ASCII)
_BUGTRAQ_IN_URL = re.compile(r"securityfocus\.com/bid/([0-9]+)", re.IGNORECASE | re.ASCII)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_DASHES = frozenset("\u00ad\u02d7\u2043\u2212")
"""Signs that look like a hyphen and are no dash to Unicode: soft hyphen, modifier minus, hyphen bullet, minus."""


class ClaimId(NamedTuple):
    """A vulnerability's id in its one spelling."""

    id: str
    """`CVE-2021-44228`, `BUGTRAQ-3723`, or the raw text of a malformed id without surrounding blanks."""
    malformed: bool = False
    """The text is no such id: it is kept, and forbids refutation."""


def plain_text(text: str) -> str:
    """Return a text with ASCII hyphens and digits for those of other scripts, and without invisible characters."""
    if text.isascii():
        return text
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text.replace("\u00ad", "-"))))


def _without_escapes(text: str) -> str:
    """Return a URL with its `%2D` resolved."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "replace")).decode(
        "utf-8", "replace"
    )


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "" if category == "Cf" else character


def normalise_claim(kind: ClaimKind, text: str) -> ClaimId:
    """Return the one spelling of a CVE or Bugtraq id; never raises, and gives its own results back unchanged.

    Malformed are: no year, a year before 1999 or after 2100, fewer than four or more than seven digits behind it, a
    Bugtraq id that is no positive number. A typing error with five to seven digits (`CVE-2019-118396`) cannot be told
    from a real id; no check will know it, so it refutes nothing either.
    """
    raw = text.strip()
    plain = plain_text(raw).strip()
    if kind == "bugtraq":
        number = _BUGTRAQ.fullmatch(plain)
        return ClaimId(f"BUGTRAQ-{number[1]}") if number else ClaimId(raw, malformed=True)
    found = _CVE.fullmatch(plain)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return ClaimId(raw, malformed=True)
    return ClaimId(f"CVE-{found[1]}-{found[2]}")


def claims_in_text(text: str) -> tuple[ClaimId, ...]:
    """Return what a message, a URL or any other text names: the one way in which free text is read.

    Whatever looks like a CVE and cannot be read as a whole is malformed beside what can: of `CVE-2020-1000/9999` the
    first is known, and that there is a second one. So are `CVE-2020`, `CVE-2020-1000x` and `xCVE-2020-1000`.
    """
    plain = plain_text(_without_escapes(text) if "%" in text else text)
    found = [one for passage in _PASSAGE.finditer(plain) for one in _in_passage(plain, passage)]
    return (*found, *(normalise_claim("bugtraq", number) for number in _BUGTRAQ_IN_URL.findall(plain)))


def _in_passage(plain: str, passage: re.Match[str]) -> list[ClaimId]:
    start, end = passage.span()
    if start and plain[start - 1].isascii() and plain[start - 1].isalpha():
        return [_odd(plain, start, end)] if _GLUED.match(plain, start) else []
    found = [normalise_claim("cve", number) for number in _NUMBER.findall(passage[0])]
    rest = _NUMBER.sub("", passage[0])
    cut_short = passage[0][-1].isdigit() and end < len(plain)
    if _DIGIT.search(rest) or cut_short:
        found.append(_odd(plain, start, end))
    return found


def _odd(plain: str, start: int, end: int) -> ClaimId:
    """Return a passage as a malformed id: up to its last digit, or to the end of the word that goes on there."""
    last = max(place for place in range(start, end) if plain[place].isdigit()) + 1
    going_on = _WORD_END.match(plain, last)
    return ClaimId(plain[start : going_on.end() if going_on else last], malformed=True)
