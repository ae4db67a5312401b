"""Alerts, groups, False Positives, the dashboard: what they show, what is typed wrong, who may see and say what."""

import re

import pytest

from stored_alerts import Judged, store_alerts
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Role
from web.test_devices import text_of

REASON = "the scanner of our own team"


@pytest.fixture
def stored(store):
    """Some alerts in two zones."""
    alerts = [
        Judged(1, Verdict.AFFECTED, zone="east", message="ET EXPLOIT first", reasons=("confirmed",), sid=11),
        Judged(2, Verdict.NOT_AFFECTED, zone="east", message="ET EXPLOIT second", reasons=("tested_absent",), sid=12),
        Judged(3, Verdict.UNKNOWN, zone="west", message="ET EXPLOIT third", reasons=("stale",), sid=13),
        Judged(4, Verdict.NOT_AFFECTED, zone="west", message="ET <b>fourth</b>", reasons=("fixed",), sid=14, disposition="blocked"),
    ]  # fmt: skip
    from vatriage.store.ledger import zone_number

    for zone in ("east", "west"):
        zone_number(zone)
    store_alerts(alerts)
    return alerts


@pytest.fixture
def analyst(browser, stored):
    return browser(Role.ANALYST)


def _shown(answer):
    """Return the messages of the signatures that a list shows, in order."""
    return re.findall(
        r"ET (?:EXPLOIT )?(?:<b>|&lt;b&gt;)?(first|second|third|fourth)",
        re.sub(r"aria-label=\"[^\"]*\"", "", answer.text),
    )


def test_the_list_shows_the_worst_first_and_escapes_what_sensors_write(analyst):
    answer = analyst.get("/alerts/")

    assert _shown(answer) == ["first", "third", "fourth", "second"]
    assert "<b>fourth" not in answer.text
    assert _shown(analyst.get("/alerts/?order=time")) == ["fourth", "third", "second", "first"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("verdict=AFFECTED&verdict=UNKNOWN", ["first", "third"]),
        ("zone=west", ["third", "fourth"]),
        ("signature=exploit", ["first", "third", "second"]),
        ("signature=1:13", ["third"]),
        ("reason=stale", ["third"]),
        ("disposition=blocked", ["fourth"]),
        ("review=yes", []),
        ("address=10.2.0.1&review=no&verdict=AFFECTED", ["first"]),
        ("begin=2031-01-01", []),
    ],
)
def test_a_filter_narrows_both_lists(analyst, query, shown):
    for page in ("alerts", "alert-groups"):
        answer = analyst.get(f"/{page}/?{query}")
        assert (answer.status_code, _shown(answer)) == (200, shown)
        assert ("Nothing matches" in answer.text) == (not shown)


def test_what_is_typed_wrong_stands_beside_its_field_and_nothing_is_listed(analyst):
    answer = analyst.get("/alerts/?address=10.2.0&begin=tomorrow&verdict=BAD")
    said = text_of(answer)

    assert answer.status_code == 400
    assert "'10.2.0' is no IP address" in said
    assert "Write it like 2026-05-03" in said
    assert "Select a valid choice" in said
    assert _shown(answer) == []


def test_pages_follow_each_other_by_key(analyst):
    store_alerts([Judged(number, Verdict.UNVERIFIABLE, sid=15, message=f"no. {number}") for number in range(100, 180)])
    seen, address = [], "/alerts/?signature=15&order=time"
    while address:
        answer = analyst.get(address)
        seen += re.findall(r'href="/alerts/([0-9a-f]{32})/">', answer.text)
        following = re.search(r'href="([^"]*)" rel="next"', answer.text)
        address = following and "/alerts/" + following[1].replace("&amp;", "&")

    assert seen == [Judged(number).id for number in range(179, 99, -1)]
    assert analyst.get("/alerts/?after=x").status_code == 400


def test_an_alert_is_shown_with_its_argument_its_picture_and_its_event(analyst, stored):
    answer = analyst.get(f"/alerts/{stored[1].id}/")
    said = text_of(answer)

    assert "every QID of every claim was tested and absent" in said
    assert 'class="box box-decision"' in answer.text
    assert "The same as a table" in said
    assert '"signature_id": 12' in said.replace("&quot;", '"')
    event = analyst.get(f"/alerts/{stored[1].id}/event/")
    assert event.json()["alert"]["signature_id"] == 12
    assert "attachment" in event["Content-Disposition"]


def test_an_alert_that_is_not_here_is_nowhere(analyst):
    for address in ("/alerts/ffff/", f"/alerts/{'0' * 32}/event/", "/alert-groups/ffff/"):
        assert analyst.get(address).status_code == 404


def test_nobody_sees_alerts_of_a_zone_that_is_not_theirs(browser, stored):
    client = browser(Role.ADMIN, zones=("east",))
    group = _group(stored[2])

    assert _shown(client.get("/alerts/")) == ["first", "second"]
    assert _shown(client.get("/alerts/?zone=west")) == []
    assert _shown(client.get("/alert-groups/")) == ["first", "second"]
    assert _shown(client.get("/false-positives/")) == ["second"]
    assert "2 alerts" in text_of(client.get("/dashboard/"))
    for address in (f"/alerts/{stored[2].id}/", f"/alerts/{stored[2].id}/event/", f"/alert-groups/{group}/"):
        assert client.get(address).status_code == 404
    for address in (f"/alerts/{stored[2].id}/", f"/alert-groups/{group}/"):
        assert client.post(address, _review(scope="alert")).status_code == 404


def _group(one):
    from vatriage.usecases.alert_page import show_alert

    return show_alert(one.id, zones=None, now=0).group["id"]


def _review(decision="confirmed_false_positive", **values):
    return {"decision": decision, "reason": REASON, "expires_at": ""} | values


def test_a_review_stands_beside_the_verdict_with_its_authors_name(analyst, stored):
    address = f"/alerts/{stored[1].id}/"
    sent = analyst.post(address, _review(scope="alert", seen="0"))
    said = text_of(analyst.get(address))

    assert (sent.status_code, sent["Location"]) == (302, address)
    assert "NOT AFFECTED" in said
    assert (
        f"analyst said just now: confirmed false positive (FALSE POSITIVE, which only a person can say). “{REASON}”"
        in said
    )
    assert _shown(analyst.get("/false-positives/?list=confirmed")) == ["second"]
    assert _shown(analyst.get("/false-positives/")) == ["fourth"]


def test_a_review_of_the_group_is_made_from_an_alert_of_it(analyst, stored):
    analyst.post(f"/alerts/{stored[2].id}/", _review("noise", scope="group", seen_group="0"))
    store_alerts([Judged(30, Verdict.UNKNOWN, zone="west", sid=13, message="ET EXPLOIT third")])

    assert "noise" in text_of(analyst.get(f"/alerts/{Judged(30).id}/"))
    assert _shown(analyst.get("/alerts/?review=noise")) == ["third", "third"]


@pytest.mark.parametrize("place", ["alert", "group", "lists"])
def test_a_review_covers_no_more_than_its_page_showed(analyst, stored, place):
    group = _group(stored[1])
    address = {
        "alert": f"/alerts/{stored[1].id}/", "group": f"/alert-groups/{group}/", "lists": "/false-positives/",
    }[place]  # fmt: skip
    text = analyst.get(address).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
    worse = {"zone": "east", "message": "ET EXPLOIT second", "reasons": ("outcome_seen",), "sid": 12, "judged": 1}
    store_alerts([Judged(2, Verdict.COMPROMISE_INDICATED, **worse)])
    sent = analyst.post(address, hidden | _review(scope="alert", group=group))

    assert sent.status_code == 302
    assert _shown(analyst.get("/alerts/?review=no&verdict=COMPROMISE_INDICATED")) == ["second"]


def test_of_two_reviewers_the_slower_one_sees_the_other_ones_word(analyst, stored):
    address = f"/alerts/{stored[1].id}/"
    analyst.post(address, _review(scope="alert", seen="0"))
    answer = analyst.post(address, _review("noise", scope="alert", seen="0"))

    assert answer.status_code == 409
    assert "Somebody else reviewed" in text_of(answer)
    assert REASON in answer.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reason": " "}, "This field is required."),
        ({"decision": "false"}, "Select a valid choice"),
        ({"expires_at": "2001-01-01"}, "expiry is not in the future"),
        ({"expires_at": "soon"}, "Write it like"),
    ],
)
def test_a_review_that_cannot_be_meant_is_refused(analyst, stored, values, said):
    for address in (f"/alerts/{stored[0].id}/", f"/alert-groups/{_group(stored[0])}/"):
        answer = analyst.post(address, _review(scope="alert") | values)
        assert answer.status_code == 400
        assert said in text_of(answer)
    assert _shown(analyst.get("/alerts/?review=yes")) == []


def test_an_operator_reads_and_reviews_nothing(browser, stored):
    client = browser(Role.OPERATOR)
    for address in (f"/alerts/{stored[0].id}/", f"/alert-groups/{_group(stored[0])}/", "/false-positives/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "<textarea" not in page.text
        assert client.post(address, _review(scope="alert", group=_group(stored[0]))).status_code == 403
    assert client.post("/alert-filters/", {"name": "x", "query": "zone=east"}).status_code == 403
    assert _shown(client.get("/alerts/?review=yes")) == []


def test_ticked_groups_are_reviewed_all_or_none(analyst, stored):
    groups = [_group(stored[1]), _group(stored[3])]
    seen = {f"seen-{name}": "0" for name in groups}
    refused = analyst.post("/false-positives/", _review(group=[*groups, "f" * 32]) | seen)
    nothing = analyst.post("/false-positives/", _review())
    before = _shown(analyst.get("/false-positives/"))
    done = analyst.post("/false-positives/?list=unconfirmed", _review(group=groups) | seen)

    assert (refused.status_code, nothing.status_code, done.status_code) == (404, 400, 302)
    assert "No group is ticked." in text_of(nothing)
    assert before == ["fourth", "second"]
    assert _shown(analyst.get("/false-positives/")) == []
    assert _shown(analyst.get("/false-positives/?list=confirmed")) == ["fourth", "second"]
    late = analyst.post("/false-positives/?list=confirmed", _review("noise", group=groups) | seen)
    assert late.status_code == 409


def test_marss_lists_show_their_counts_and_an_unknown_one_is_refused(analyst):
    said = text_of(analyst.get("/false-positives/?list=system"))

    assert "Unconfirmed false positives (2)" in said
    assert "System determined false positives (1)" in said
    assert analyst.get("/false-positives/?list=everything").status_code == 400


def test_a_filter_is_kept_used_and_deleted_by_its_owner(analyst, browser):
    query = "verdict=AFFECTED&verdict=UNKNOWN&zone=west"
    sent = analyst.post(
        "/alert-filters/", {"deed": "save", "name": "mine", "query": f"{query}&after=1.2.3", "here": "alerts"}
    )
    page = analyst.get("/alerts/").text

    assert sent.status_code == 302
    assert f'href="/alerts/?{query.replace("&", "&amp;")}"' in page
    assert "mine" not in text_of(browser(Role.ADMIN).get("/alerts/"))
    refused = analyst.post(
        "/alert-filters/", {"deed": "save", "name": "", "query": query, "here": "nowhere"}, follow=True
    )
    assert "filter name has 0 characters" in text_of(refused)
    gone = analyst.post("/alert-filters/", {"deed": "delete", "name": "mine", "here": "alert-groups"}, follow=True)
    assert "The filter &#x27;mine&#x27; is deleted." in gone.text
    assert ">mine<" not in analyst.get("/alerts/").text


def test_the_dashboard_shows_numbers_that_equal_the_lists(analyst):
    answer = analyst.get("/dashboard/")
    said = text_of(answer)

    assert "4 alerts" in said
    assert "VA data decided 3 of 4." in said
    assert answer.text.count('class="fill-') == 3
    assert "The numbers as a table" in said
    assert 'class="fill-unknown"' in analyst.get("/dashboard/?step=hour").text


def test_an_empty_house_says_what_to_do(browser, store):
    client = browser(Role.ANALYST)
    for address in ("/dashboard/", "/alerts/", "/alert-groups/", "/hosts/", "/knowledge/", "/signatures/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "empty-title" in answer.text, address
    assert "Nothing in this list" in text_of(client.get("/false-positives/"))
    assert "No rules are loaded" in text_of(client.get("/dashboard/signatures/"))
