"""Virtual addresses and what people say of hosts, in the browser and over the API: made, shown, refused, withdrawn."""

import pytest

from integration_stage import KNOWN, findings, host, hosts, listed, row
from vatriage.model.viewer import Role
from web.api_client import Program, token_of


@pytest.fixture
def staged(store):
    """A store that knows one host, number 1, at 10.0.0.5."""
    store.take(hosts(host()), findings(listed(row(86000, kind="Info"))), KNOWN)
    return store


SAID = {"kind": "mitigation", "text": "<b>virtual patch</b>", "reason": "change 4711", "valid_until": "2100-01-01"}
POOL = {"zone": "default", "address": "192.0.2.10", "members": "10.0.0.5\n10.0.0.6:8443", "reason": "F5"}


def test_what_is_said_of_a_host_stands_on_its_page_until_it_is_withdrawn(staged, browser):
    client = browser(Role.ANALYST)
    assert client.get("/hosts/10.0.0.5/say/1/").status_code == 200

    answer = client.post("/hosts/10.0.0.5/say/1/", SAID, follow=True)
    assert "Why is this one host?" in answer.text
    assert "&lt;b&gt;virtual patch&lt;/b&gt;" in answer.text
    assert "<b>virtual patch" not in answer.text

    answer = client.post("/hosts/10.0.0.5/withdraw/1/", {"reason": "not any more"}, follow=True)
    assert "analyst: not any more" in answer.text
    assert client.post("/hosts/10.0.0.5/withdraw/1/", {"reason": "again"}).status_code == 400
    assert client.post(f"/hosts/10.0.0.5/withdraw/{1 << 64}/", {"reason": "x"}).status_code == 404


def test_statements_that_cannot_be_meant_come_back_with_what_is_wrong(staged, browser):
    client = browser(Role.ANALYST)

    for changes in ({"reason": ""}, {"valid_until": ""}, {"valid_until": "2001-01-01"}, {"kind": "cleared"}):
        answer = client.post("/hosts/10.0.0.5/say/1/", SAID | changes)

        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)


def test_a_host_of_another_zone_is_not_there_to_speak_of(staged, browser):
    from vatriage.store.places import Zone

    Zone.objects.create(name="other")
    client = browser(Role.ANALYST, zones=["other"])

    assert client.post("/hosts/10.0.0.5/say/1/", SAID).status_code == 404


def test_a_virtual_address_is_added_listed_and_withdrawn(staged, browser):
    client = browser(Role.ADMIN)
    assert client.get("/virtual-addresses/add/").status_code == 200

    answer = client.post("/virtual-addresses/add/", POOL, follow=True)
    assert "10.0.0.6:8443" in answer.text

    answer = client.post("/virtual-addresses/1/withdraw/", {"reason": "gone"}, follow=True)
    assert "192.0.2.10" not in answer.text.partition("<main")[2].partition("is withdrawn")[2]
    assert "gone" in client.get("/virtual-addresses/?withdrawn=yes").text


def test_virtual_addresses_that_cannot_be_meant_come_back_with_what_is_wrong(staged, browser):
    client = browser(Role.ADMIN)

    for changes in ({"members": "web"}, {"address": "x"}, {"zone": "nowhere"}, {"reason": " "}):
        answer = client.post("/virtual-addresses/add/", POOL | changes)

        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)


def test_a_program_says_and_withdraws_the_same(staged, user):
    admin = user(Role.ADMIN)
    program = Program(token_of(admin, *Role.ADMIN.rights))
    (shown,) = program.ask("GET", "/hosts/10.0.0.5").json()["hosts"]
    said = program.ask("POST", "/host-statements", SAID | {"host": shown["number"]})
    pool = program.ask("POST", "/virtual-addresses", POOL | {"members": ["10.0.0.5"]})
    assert [said.status_code, pool.status_code] == [201, 201]
    assert program.ask("GET", "/virtual-addresses").json()["pools"][0]["members"] == ["10.0.0.5"]
    assert [one["text"] for one in program.ask("GET", "/hosts/10.0.0.5").json()["hosts"][0]["statements"]] == [
        SAID["text"]
    ]

    once = {"Idempotency_Key": "k1"}
    again = [program.ask("POST", "/virtual-addresses", POOL | {"members": []}, **once).json() for _ in range(2)]
    assert again[0] == again[1]
    program.ask("POST", f"/virtual-addresses/{again[0]['number']}/withdrawal", {"reason": "a test"})

    why = {"reason": "gone"}
    ended = [
        program.ask("POST", f"/{noun}/{made.json()['number']}/withdrawal", why).status_code
        for noun, made in (("host-statements", said), ("virtual-addresses", pool))
    ]

    assert ended == [204, 204]
    assert program.ask("GET", "/virtual-addresses").json() == {"pools": []}
    assert program.ask("POST", "/host-statements", SAID | {"host": 99}).status_code == 404
    assert program.ask("POST", "/host-statements", SAID | {"host": 1, "valid_until": None}).status_code == 422
