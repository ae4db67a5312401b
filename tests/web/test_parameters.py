"""Proxy Settings, DNS Settings, TLS Policy: submitted and activated as everything else; errors beside their fields."""

import re
from html import unescape

import pytest

from vatriage.model.viewer import Role
from vatriage.vault import open_vault
from web.test_activate import press
from web.test_devices import FORM, add, device, edit, text_of, value_of

CANARY = "proxy-canary-51"
PROXY = {"mode": "http", "address": "proxy.example", "port": "3128", "user": "u", "password": CANARY, "bypass": ""}


@pytest.fixture
def admin(browser):
    return browser(Role.ADMIN)


def send(client, kind, **values):
    seen = value_of(client.get(f"/system/{kind}/"), "seen")
    return client.post(f"/system/{kind}/", {"seen": seen} | values)


def acting(kind):
    from vatriage.usecases.parameters import acting as found

    return found(kind)


def errors_of(answer, field):
    block = answer.text[answer.text.index(f'id="id_{field}"') :]
    return unescape(re.search(r'<p class="error"[^>]*>(.*?)</p>', block)[1])


def test_proxy_settings_act_once_activated_and_their_password_is_never_shown(admin, store):
    sent = send(admin, "proxy", **PROXY)
    during, page = acting("proxy")["mode"], admin.get("/system/proxy/")
    shown = page.text + admin.get("/activate/").text
    press(admin, all="")
    content = acting("proxy")
    from vatriage.usecases.parameters import proxy_of

    assert (sent.status_code, during, content["mode"], content["port"]) == (302, "none", "http", 3128)
    assert "Waits for activation" in shown
    assert CANARY not in shown
    assert "gAAAA" not in shown
    assert proxy_of(content, open_vault(store.config.key)).password.reveal() == CANARY


@pytest.mark.parametrize(
    ("kind", "values", "field", "said"),
    [
        ("proxy", PROXY | {"address": "no such name"}, "address", "neither a name nor an address"),
        ("proxy", PROXY | {"port": ""}, "port", "not from 1 to 65535"),
        ("proxy", PROXY | {"port": "70000"}, "port", "65535"),
        ("proxy", PROXY | {"user": ""}, "user", "without a user is never sent"),
        ("proxy", PROXY | {"bypass": "10.0.0.0/8\na b"}, "bypass", "'a b'"),
        ("dns", {"servers": "dns.example", "search": ""}, "servers", "'dns.example'"),
        ("dns", {"servers": "", "search": "example.com"}, "search", "Name a server too"),
        ("tls", {"mode": "private", "bundle": ""}, "bundle", ""),
        ("tls", {"mode": "always", "hours": ""}, "hours", "Say for how many hours"),
        ("tls", {"mode": "always", "hours": "999"}, "hours", "168"),
        ("tls", {"mode": "perhaps"}, "mode", "valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin, kind, values, field, said):
    answer = send(admin, kind, **values)

    assert answer.status_code == 200
    assert said in errors_of(answer, field)
    assert "Nothing waits" in text_of(admin.get("/activate/"))


def test_a_blank_proxy_password_keeps_the_stored_one_but_not_for_another_proxy(admin, store):
    send(admin, "proxy", **PROXY)
    press(admin, all="")
    token = acting("proxy")["password_token"]
    kept = send(admin, "proxy", **PROXY | {"password": "", "bypass": "intra.example"})
    press(admin, all="")
    moved = send(admin, "proxy", **PROXY | {"password": "", "address": "evil.example"})

    assert (kept.status_code, acting("proxy")["password_token"]) == (302, token)
    assert acting("proxy")["bypass"] == ["intra.example"]
    assert "type the password again" in errors_of(moved, "password")


def test_dns_servers_and_search_domains_are_taken_line_by_line(admin):
    send(admin, "dns", servers="192.0.2.53\r\n[2001:db8::53]:5353\r\n", search="example.com")
    press(admin, all="")

    assert acting("dns") == {"servers": ["192.0.2.53", "[2001:db8::53]:5353"], "search": ["example.com"]}


def test_accepting_any_certificate_is_loud_and_ends(admin):
    send(admin, "tls", mode="always", bundle="", hours="2")
    press(admin, all="")
    said = text_of(admin.get("/system/tls/"))

    assert acting("tls")["mode"] == "always"
    assert f"Any certificate is accepted until {acting('tls')['until']}" in said


def test_a_changed_certificate_is_accepted_by_its_fingerprint(admin):
    from vatriage.store.parameters import Pin

    Pin.objects.create(
        server="q.example:443", sha256="a" * 64, first_seen=1, changed_sha256="b" * 64, changed_seen=1_700_000_000
    )
    shown = text_of(admin.get("/system/tls/"))
    wrong = admin.post("/system/tls/accept/", {"server": "q.example:443", "sha256": "c" * 64})
    none = admin.post("/system/tls/accept/", {"server": "q.example:443", "sha256": ""})
    before = Pin.objects.get().sha256
    admin.post("/system/tls/accept/", {"server": "q.example:443", "sha256": "b" * 64})

    assert "changed" in shown
    assert (wrong.status_code, none.status_code, before) == (404, 400, "a" * 64)
    assert (Pin.objects.get().sha256, Pin.objects.get().accepted_by) == ("b" * 64, "admin")


def test_the_second_of_two_editors_is_told(admin, browser):
    seen = value_of(admin.get("/system/dns/"), "seen")
    send(browser(Role.ADMIN, name="ann"), "dns", servers="192.0.2.53", search="")
    refused = admin.post("/system/dns/", {"seen": seen, "servers": "192.0.2.54", "search": ""})
    again = admin.post("/system/dns/", {"seen": value_of(refused, "seen"), "servers": "192.0.2.54", "search": ""})

    assert refused.status_code == 409
    assert "changed by ann" in text_of(refused)
    assert again.status_code == 302


def test_a_device_has_a_proxy_and_a_policy_of_its_own(admin, store):
    own = {f"proxy-{name}": value for name, value in PROXY.items()}
    add(admin, **own, **{"tls-mode": "pin"})
    press(admin, all="")
    shown = text_of(admin.get("/devices/device/d/"))
    kept = edit(admin, **own | {"proxy-password": ""}, **{"tls-mode": "inherit"})
    clone = admin.post("/devices/clone/d/", FORM | own | {"name": "copy", "password": "", "proxy-password": ""})
    press(admin, all="")
    from vatriage.usecases.parameters import proxy_of, proxy_owner

    vault = open_vault(store.config.key)
    passwords = [proxy_of(device(name).proxy, vault, proxy_owner(name)).password.reveal() for name in ("d", "copy")]
    pages = "".join(admin.get(page).text for page in ("/devices/edit/d/", "/versions/?kind=device&subject=d"))
    assert (kept.status_code, clone.status_code, passwords) == (302, 302, [CANARY, CANARY])
    assert "Proxy http proxy.example:3128" in shown
    assert "TLS policy pin" in shown
    assert (device().proxy_mode, device().tls) == ("own", {})
    assert CANARY not in pages
    assert "gAAAA" not in pages


def test_what_is_wrong_with_a_devices_own_way_stands_beside_its_field(admin):
    own = {f"proxy-{name}": value for name, value in PROXY.items()}
    answer = add(admin, **own | {"proxy-port": "0"}, **{"tls-mode": "always", "tls-hours": ""})

    assert "not from 1 to 65535" in errors_of(answer, "proxy-port")
    assert "Say for how many hours" in errors_of(answer, "tls-hours")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.NOTIFIED])
def test_only_admins_see_and_change_system_parameters(browser, role):
    reader = browser(role)
    for kind in ("proxy", "dns", "tls"):
        assert reader.get(f"/system/{kind}/").status_code == 403
        assert reader.post(f"/system/{kind}/", {}).status_code == 403
    assert reader.post("/system/tls/accept/", {}).status_code == 403
