"""The data files: what counts as an outcome, and which CVEs are transitive."""

import json

import pytest

from vatriage.signatures.interface import SignaturesError
from vatriage.signatures.knowledge import (
    load_outcome_rules,
    load_transitive,
    read_outcome_rules,
    read_transitive,
)

OUTCOMES = {"version": "9", "message_classes": [], "classtypes": [], "outcomes": [], "not_outcomes": []}


@pytest.mark.parametrize(
    ("sid", "message", "category", "classtype"),
    [
        (2018377, "ET EXPLOIT Possible OpenSSL HeartBleed", "Potentially Bad Traffic", "bad-unknown"),
        (2018382, "", "", ""),
        (30517, "", "", ""),
        (498, "", "", ""),
        (2100498, "", "", ""),
        (1882, "", "", ""),
        (2019284, "", "", ""),
        (2034770, "", "", ""),
        (9, "ET ATTACK_RESPONSE Output of something", "", ""),
        (9, "INDICATOR-COMPROMISE something", "", ""),
        (9, "", "Successful Administrator Privilege Gain", ""),
        (9, "", "successful user privilege gain", ""),
        (9, "", "Information Leak", ""),
        (9, "", "Large Scale Information Leak", ""),
        (9, "", "Denial of Service", ""),
        (9, "", "", "successful-admin"),
    ],
)
def test_an_outcome_is_known_by_its_signature_its_class_or_its_classtype(sid, message, category, classtype):
    assert load_outcome_rules().matches(1, sid, message, category, classtype)


@pytest.mark.parametrize(
    ("gid", "sid", "message", "category", "classtype"),
    [
        (1, 2018383, "ET EXPLOIT Possible OpenSSL HeartBleed Large HeartBeat Response", "Potentially Bad Traffic", ""),
        (1, 29456, "PROTOCOL-ICMP Unusual PING detected", "Information Leak", "successful-recon-limited"),
        (1, 1201, "INDICATOR-COMPROMISE 403 Forbidden", "Attempted Information Leak", "attempted-recon"),
        (3, 498, "", "", ""),
        (1, 9, "ET EXPLOIT mentions ATTACK_RESPONSE in its text", "", ""),
        (1, 9, "", "Attempted Information Leak", "attempted-recon"),
        (1, 9, "", "Detection of a Denial of Service Attack", "denial-of-service"),
        (1, 9, "", "", ""),
    ],
)
def test_an_attempt_is_no_outcome(gid, sid, message, category, classtype):
    assert not load_outcome_rules().matches(gid, sid, message, category, classtype)


def test_the_log4j_cves_are_transitive():
    assert {"CVE-2021-44228", "CVE-2021-45046", "CVE-2021-45105", "CVE-2021-44832"} == load_transitive().claims


def test_a_class_that_comes_back_over_ldap_goes_towards_the_victim():
    rules = load_outcome_rules()

    assert rules.towards_victim == {(1, 2034770)}
    assert rules.towards_victim <= rules.signatures


def test_the_lists_of_outcomes_do_not_contradict_each_other():
    rules = load_outcome_rules()

    assert frozenset() == rules.signatures & rules.not_outcomes


def test_an_edited_file_has_another_version():
    plain = read_outcome_rules(json.dumps(OUTCOMES).encode())
    edited = read_outcome_rules(json.dumps(OUTCOMES, indent=1).encode())

    assert plain.version.startswith("9-")
    assert plain.version != edited.version


@pytest.mark.parametrize(
    "change",
    [
        {"message_classes": ["two words"]},
        {"message_classes": ["lower"]},
        {"outcomes": [{"signatures": ["498"], "why": "no gid"}]},
        {"outcomes": [{"signatures": ["1:498"], "why": ""}]},
        {"outcomes": [{"signatures": ["1:498"], "why": "x", "victim": "both"}]},
        {"classtypes": ["successful-admin"]},
        {"unknown": 1},
        {"version": 1},
    ],
)
def test_a_broken_outcome_file_is_an_error(change):
    with pytest.raises(SignaturesError, match=r"outcomes\.json"):
        read_outcome_rules(json.dumps(OUTCOMES | change).encode())


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version":"1","claims":[{"claim":"CVE_2021_44228","why":"x"}]}'])
def test_a_broken_transitive_file_is_an_error(content):
    with pytest.raises(SignaturesError, match=r"transitive\.json"):
        read_transitive(content)
