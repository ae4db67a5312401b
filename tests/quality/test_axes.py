"""What the guards promise beside the verdict: the rank, the disposition, and that no alert is lost."""

from quality.judging import judge
from quality.scenario import synthetic


def record(name):
    (scenario,) = [one for one in synthetic() if one.id == name]
    (found,) = judge(scenario).records
    return found


def test_an_informational_rule_is_ranked_below_a_confident_one_of_the_same_verdict():
    low = record("generic-signature/informational-rule-on-a-vulnerable-host")
    high = record("generic-signature/confident-rule-on-a-vulnerable-host")

    assert low.verdict == high.verdict == "AFFECTED"
    assert low.priority < high.priority


def test_what_was_dropped_is_told_beside_the_verdict():
    dropped = [record(f"ips-dropped/{name}") for name in ("dropped-at-a-vulnerable-host", "dropped-at-a-clean-host")]

    assert [(one.verdict, one.disposition) for one in dropped] == [("AFFECTED", "blocked"), ("NOT_AFFECTED", "blocked")]
    assert record("ips-dropped/allowed-by-the-rule-dropped-in-the-end").disposition == "blocked"


def test_every_alert_of_a_scenario_comes_out_once():
    assert {one.id for one in synthetic() if len(judge(one).all_records) != len(one.events)} == set()


def test_a_compromise_names_the_attacked_host_and_not_the_attacker():
    for name in ("forged-responses/class-comes-back-over-ldap", "forged-responses/outcome-against-a-clean-scan"):
        assert record(name).target.address == "10.0.0.5"
