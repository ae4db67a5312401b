"""System parameters: submitted, activated, restored; the way to a server follows; no password is shown or kept in clear."""

import json

import pytest

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.route import ProxyMode, TlsMode
from vatriage.model.secret import Secret
from vatriage.model.viewer import Who
from vatriage.vault import VaultError, open_vault

ANN = Who("ann", "192.0.2.1")
CANARY = "canary-7c1f"
PROXY = {
    "mode": "http", "address": "proxy.example", "port": 3128, "user": "", "password_token": "", "bypass": ["10.0.0.0/8"],
}  # fmt: skip
DNS = {"servers": ["192.0.2.53", "[2001:db8::53]:5353"], "search": ["example"]}


class Desk:
    """The desk, the vault, and what a person does with system parameters."""

    def __init__(self, store):
        from vatriage.wiring.servers import changes

        self.clock = store.clock
        self.changes = changes(store.clock)
        self.vault = open_vault(store.config.key)

    def submit(self, kind, content):
        """Submit content."""
        self.changes.submit(kind, "appliance", content, who=ANN)

    def act(self, kind, content):
        """Submit content and activate it."""
        self.submit(kind, content)
        self.changes.activate(ANN)

    def route(self):
        """Return the appliance's way."""
        from vatriage.usecases.parameters import appliance_route

        return appliance_route(self.vault)

    def proxy(self, **values):
        """Return the proxy settings with some values changed, as a form does."""
        from vatriage.usecases.parameters import ProxyForm, filled_proxy

        return filled_proxy(self.changes.submitted("proxy", "appliance"), ProxyForm(**values), vault=self.vault)

    def device(self, **columns):
        """Return a device with columns of its own."""
        from vatriage.store.devices import Device
        from vatriage.usecases.devices import DeviceForm, add_device, find_device

        form = DeviceForm(url="qualys.example", login="u", password=Secret("p"))
        add_device("d", form, vault=self.vault, changes=self.changes, who=ANN)
        Device.objects.filter(name="d").update(**columns)
        return find_device("d")


@pytest.fixture
def desk(store):
    return Desk(store)


def test_settings_act_only_once_they_are_activated(desk):
    desk.submit("proxy", PROXY)
    before = desk.route().proxy.mode
    desk.changes.activate(ANN)
    after = desk.route().proxy

    assert before is ProxyMode.NONE
    assert (after.mode, after.place, after.bypass) == (ProxyMode.HTTP, "proxy.example:3128", ("10.0.0.0/8",))


def test_dns_servers_are_read_with_their_ports(desk):
    desk.act("dns", DNS)
    settings = desk.route().dns

    assert list(map(str, settings.servers)) == ["192.0.2.53:53", "[2001:db8::53]:5353"]
    assert settings.search == ("example",)


def test_the_default_can_be_restored(desk):
    desk.act("dns", DNS)
    desk.changes.restore("dns", "appliance", 1, who=ANN)
    desk.changes.activate(ANN)

    assert desk.route().dns.servers == ()


def test_a_proxy_password_is_shown_nowhere_and_is_there_when_it_is_needed(desk):
    from vatriage.store.audit import Audit
    from vatriage.store.changes import ConfigVersion, PendingChange
    from vatriage.store.parameters import Parameter

    desk.submit("proxy", desk.proxy(mode="http", address="p.example", port=1, user="u", password=Secret(CANARY)))
    shown = repr(desk.changes.pending())
    kept = json.dumps([row.content for row in PendingChange.objects.all()])
    desk.changes.activate(ANN)
    kept += json.dumps([row.content for row in ConfigVersion.objects.all()])
    kept += json.dumps([row.value for row in Parameter.objects.all()])
    shown += repr(desk.changes.versions("proxy", "appliance")) + repr(desk.route())
    logged = json.dumps([[row.before, row.after] for row in Audit.objects.all()])
    token = desk.changes.submitted("proxy", "appliance")["password_token"]

    assert desk.route().proxy.password.reveal() == CANARY
    assert CANARY not in shown + kept + logged
    assert token not in shown + logged
    assert '"password_set": true' in logged


def test_an_empty_user_takes_the_password_away(desk):
    desk.act("proxy", desk.proxy(mode="http", address="p.example", port=1, user="u", password=Secret(CANARY)))
    desk.act("proxy", desk.proxy(user=""))

    assert desk.changes.submitted("proxy", "appliance")["password_token"] == ""
    assert desk.route().proxy.password == Secret("")


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("proxy", {"mode": "ftp"}, "mode"),
        ("proxy", {"address": "http://p"}, "address"),
        ("proxy", {"address": ""}, "address"),
        ("proxy", {"port": 0}, "port"),
        ("proxy", {"port": "3128"}, "port"),
        ("proxy", {"port": True}, "port"),
        ("proxy", {"user": "a:b"}, "user"),
        ("proxy", {"user": "a\nb"}, "user"),
        ("proxy", {"bypass": ["10.0.0.0/40"]}, "bypass"),
        ("proxy", {"bypass": [7]}, "bypass"),
        ("proxy", {"password": "x"}, "password"),
        ("dns", {"servers": ["dns.example"]}, "servers"),
        ("dns", {"servers": ["192.0.2.1:99999"]}, "servers"),
        ("dns", {"servers": [], "search": ["example"]}, "search"),
        ("dns", {"search": ["a..b"]}, "search"),
        ("tls", {"mode": "never"}, "mode"),
        ("tls", {"mode": "private", "bundle": "no PEM"}, "bundle"),
        ("tls", {"mode": "always"}, "until"),
        ("tls", {"mode": "always", "until": "2026-11-23T23:59:59Z"}, "until"),
        ("tls", {"mode": "always", "until": "2026-12-01T00:00:01Z"}, "until"),
        ("tls", {"mode": "always", "until": "for ever"}, "until"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_name_of_its_field(desk, kind, change, field):
    from vatriage.usecases.parameter_checks import FieldError

    content = {"proxy": PROXY, "dns": DNS, "tls": {"mode": "authorities", "bundle": "", "until": ""}}[kind] | change
    with pytest.raises(FieldError) as caught:
        desk.submit(kind, content)

    assert (caught.value.field, desk.changes.pending()) == (field, [])


def test_accepting_anything_is_taken_for_seven_days_at_most(desk):
    desk.act("tls", {"mode": "always", "bundle": "", "until": "2026-12-01T00:00:00Z"})

    assert desk.route().tls.mode is TlsMode.ALWAYS


def test_there_are_no_settings_of_another_subject(desk):
    with pytest.raises(UsageError, match="appliance"):
        desk.changes.submit("dns", "d", DNS, who=ANN)


def test_a_device_may_have_a_proxy_of_its_own_or_none(desk):
    from vatriage.usecases.parameters import ProxyForm, device_route, filled_proxy, proxy_owner

    desk.act("proxy", PROXY)
    form = ProxyForm(mode="socks5", address="own.example", port=1080, user="u", password=Secret(CANARY))
    own = filled_proxy(PROXY, form, vault=desk.vault, owner=proxy_owner("d"))
    device = desk.device(proxy_mode="own", proxy=own)
    ways = []
    for mode in ("inherit", "none", "own"):
        device.proxy_mode = mode
        ways.append(device_route(device, desk.vault).proxy)

    assert [way.mode for way in ways] == [ProxyMode.HTTP, ProxyMode.NONE, ProxyMode.SOCKS5]
    assert ways[2].password.reveal() == CANARY


def test_a_proxy_password_moved_to_another_owner_is_refused(desk):
    from vatriage.usecases.parameters import device_route

    content = desk.proxy(mode="http", address="p.example", port=1, user="u", password=Secret(CANARY))
    device = desk.device(proxy_mode="own", proxy=content)

    with pytest.raises(VaultError):
        device_route(device, desk.vault)


def test_a_device_may_have_a_tls_policy_of_its_own(desk):
    from vatriage.usecases.parameters import device_route

    device = desk.device(tls={"mode": "pin"}, ca_file="/ca.pem")
    way = device_route(device, desk.vault)

    assert (way.tls.mode, way.ca_file) == (TlsMode.PIN, "/ca.pem")


def test_the_first_certificate_is_kept_and_a_changed_one_waits_for_a_person(desk):
    from vatriage.store.audit import Audit
    from vatriage.store.parameters import StoredPins, all_pins
    from vatriage.usecases.parameters import accept_certificate

    pins = StoredPins(desk.clock)
    first, second, third = ("1" * 64, "2" * 64, "3" * 64)
    pins.accept_first("Q.example:443", first)
    pins.accept_first("q.example:443", second)
    pins.note_changed("q.example:443", second)
    with pytest.raises(NotFoundError):
        accept_certificate("q.example", third, who=ANN, clock=desk.clock)
    accept_certificate("q.example", ":".join(["22"] * 32), who=ANN, clock=desk.clock)
    with pytest.raises(NotFoundError):
        accept_certificate("q.example", "", who=ANN, clock=desk.clock)
    (pin,) = all_pins()

    assert (pin.sha256, pin.accepted_by, pin.changed_sha256, pins.known("q.example:443")) == (second, "ann", "", second)
    assert Audit.objects.get(action="certificate accepted").before == {"sha256": first}


def test_what_is_no_fingerprint_is_refused(desk):
    from vatriage.usecases.parameters import accept_certificate

    with pytest.raises(UsageError, match="64"):
        accept_certificate("q.example", "abc", who=ANN, clock=desk.clock)
