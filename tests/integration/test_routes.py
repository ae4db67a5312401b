"""The fetcher obeys a route, against real servers on loopback; every failure has its own reason and stage."""

import socket
from datetime import UTC, datetime, timedelta
from threading import Thread

import dns.rcode
import pytest

from fakes.dns_server import DnsServer
from fakes.memory_pins import MemoryPins
from fakes.tls_server import Authority, TlsServer
from loopback_proxies import PASSWORD, USER, free_port, microsocks, mitmproxy, tinyproxy
from vatriage.model.instant import from_datetime
from vatriage.model.route import DnsServer as Server
from vatriage.model.route import DnsSettings, ProxyMode, ProxySettings, Route, TlsMode, TlsPolicy
from vatriage.model.secret import Secret
from vatriage.net.connecting import Connecting
from vatriage.net.https import HttpsFetcher
from vatriage.net.interface import CertificateChangedError, NetError, Reason, Request, Stage, UnknownServerError
from vatriage.net.probe import probe
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NAME = "qualysapi.example"
NOW = datetime.now(UTC)  # noqa: TID251 - certificates are checked by the machine's clock


class Clock:
    """A clock that stands still."""

    def now(self):
        """See Clock.now."""
        return NOW


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def simulator():
    sim = Subscription(datetime(2026, 5, 3, tzinfo=UTC))
    sim.account("reader", "right")
    with SimulatorServer(sim) as server:
        yield server


@pytest.fixture
def body(tmp_path):
    return tmp_path / "body"


def to(route, host, port, pins=None, timeout_s=3.0):
    return Connecting(route, host, port, pins=pins or MemoryPins(), clock=Clock(), timeout_s=timeout_s)


def fetch(connecting, body, path="/msp/about.php", idle_s=3.0):
    fetcher = HttpsFetcher(connecting, "reader", Secret("right"), first_byte_timeout_s=idle_s, idle_timeout_s=idle_s)
    return fetcher.fetch(Request(resource="about", path=path, method="GET"), body)


def failure(connecting, body):
    with pytest.raises(NetError) as caught:
        fetch(connecting, body)
    reached = probe(connecting)
    if caught.value.stage is not Stage.ANSWER:
        assert (reached.error.reason, reached.error.stage) == (caught.value.reason, caught.value.stage)
    return caught.value


def by_simulator(simulator, **parts):
    return Route(ca_file=str(simulator.ca_file), **parts)


def port_of(simulator):
    return int(simulator.address.rpartition(":")[2])


def proxy_of(running, mode=ProxyMode.HTTP, user=USER, password=PASSWORD, **more):
    return ProxySettings(
        mode=mode, address="127.0.0.1", port=running.port, user=user, password=Secret(password), **more
    )  # fmt: skip


def dns_of(server, *search):
    return DnsSettings(servers=(Server(address="127.0.0.1", port=server.port),), search=search)


# ---------------------------------------------------------------------------------------------------------- proxies


@pytest.mark.parametrize(("start", "mode"), [(tinyproxy, ProxyMode.HTTP), (microsocks, ProxyMode.SOCKS5)])
def test_a_server_is_reached_through_a_proxy_with_a_login(tmp_path, simulator, body, start, mode):
    with start(tmp_path) as running:
        route = by_simulator(simulator, proxy=proxy_of(running, mode))
        answer = fetch(to(route, "localhost", port_of(simulator)), body)
        reached = probe(to(route, "localhost", port_of(simulator)))
        seen = running.log.read_text()

    assert (answer.status, body.read_text().count("<ABOUT>")) == (200, 1)
    assert [step.stage for step in reached.steps if not step.error] == [Stage.NAME, Stage.PROXY, Stage.TCP, Stage.TLS]
    assert str(port_of(simulator)) in seen


@pytest.mark.parametrize(("start", "mode"), [(tinyproxy, ProxyMode.HTTP), (microsocks, ProxyMode.SOCKS5)])
@pytest.mark.parametrize(("user", "password"), [("", ""), (USER, "wrong")])
def test_a_wrong_or_missing_proxy_login_is_the_proxys_matter(tmp_path, simulator, body, start, mode, user, password):
    with start(tmp_path) as running:
        route = by_simulator(simulator, proxy=proxy_of(running, mode, user, password))
        error = failure(to(route, "localhost", port_of(simulator)), body)

    assert (error.reason, error.stage) == (Reason.PROXY_LOGIN, Stage.PROXY)
    assert simulator.requests == []


@pytest.mark.parametrize(("start", "mode"), [(tinyproxy, ProxyMode.HTTP), (microsocks, ProxyMode.SOCKS5)])
def test_a_server_that_the_proxy_cannot_reach_is_not_the_proxys_fault(tmp_path, simulator, body, start, mode):
    with start(tmp_path) as running:
        route = by_simulator(simulator, proxy=proxy_of(running, mode))
        error = failure(to(route, "127.0.0.1", free_port()), body)
        reached = probe(to(route, "127.0.0.1", free_port()))

    assert (error.reason, error.stage) == (Reason.BEYOND_PROXY, Stage.TCP)
    assert [step.stage for step in reached.steps if not step.error] == [Stage.NAME, Stage.PROXY]


@pytest.mark.parametrize("mode", [ProxyMode.HTTP, ProxyMode.SOCKS5])
def test_what_is_no_proxy_is_told(authority, body, mode):
    with TlsServer(authority.server_file("127.0.0.1"), plain=True) as other:
        error = failure(to(Route(proxy=proxy_of(other, mode)), "127.0.0.1", 443), body)

    assert (error.reason, error.stage) == (Reason.NO_PROXY, Stage.PROXY)


def test_a_proxy_that_does_not_run_is_told_apart_from_the_server(simulator, body):
    proxy = ProxySettings(mode=ProxyMode.HTTP, address="127.0.0.1", port=free_port())
    error = failure(to(by_simulator(simulator, proxy=proxy), "localhost", port_of(simulator)), body)

    assert (error.reason, error.stage) == (Reason.REFUSED, Stage.PROXY)


def test_a_proxy_that_says_nothing_does_not_hold_us_up(simulator, body):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = ProxySettings(mode=ProxyMode.SOCKS5, address="127.0.0.1", port=silent.getsockname()[1])
        error = failure(to(by_simulator(simulator, proxy=proxy), "localhost", 1, timeout_s=0.3), body)

    assert (error.reason, error.stage) == (Reason.TIMEOUT, Stage.PROXY)


@pytest.mark.parametrize("bypass", ["localhost", "127.0.0.0/8"])
def test_a_server_on_the_bypass_list_is_reached_directly(simulator, body, bypass):
    proxy = ProxySettings(mode=ProxyMode.HTTP, address="127.0.0.1", port=free_port(), bypass=(bypass,))
    host = bypass if bypass == "localhost" else "127.0.0.1"

    assert fetch(to(by_simulator(simulator, proxy=proxy), host, port_of(simulator)), body).status == 200


def test_proxies_and_authorities_of_the_environment_do_not_count(simulator, body, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    assert fetch(to(by_simulator(simulator), "localhost", port_of(simulator)), body).status == 200


def test_the_proxy_resolves_the_name_and_our_dns_is_not_asked_for_it(tmp_path, simulator, body):
    with microsocks(tmp_path) as running, DnsServer() as nobody:
        route = by_simulator(simulator, proxy=proxy_of(running, ProxyMode.SOCKS5), dns=dns_of(nobody))
        answer = fetch(to(route, "localhost", port_of(simulator)), body)

    assert (answer.status, nobody.asked) == (200, [])


def test_a_proxy_that_looks_into_tls_needs_its_authority(tmp_path, simulator, body):
    with mitmproxy(tmp_path, simulator.ca_file) as running:
        plain = by_simulator(simulator, proxy=proxy_of(running))
        refused = failure(to(plain, "localhost", port_of(simulator)), body)
        shown = probe(to(plain, "localhost", port_of(simulator))).chain
        bundle = TlsPolicy(mode=TlsMode.PRIVATE, bundle=running.ca_file.read_text())
        trusted = Route(proxy=proxy_of(running), tls=bundle)
        answer = fetch(to(trusted, "localhost", port_of(simulator)), body)
        login = failure(to(Route(proxy=proxy_of(running, password="wrong"), tls=bundle), "localhost", 1), body)

    assert (refused.reason, refused.stage) == (Reason.UNTRUSTED, Stage.TLS)
    assert "mitmproxy" in shown[0].issuer
    assert answer.status == 200
    assert login.reason is Reason.PROXY_LOGIN


# -------------------------------------------------------------------------------------------------------------- DNS


def test_our_own_dns_server_is_asked(authority, body):
    with TlsServer(authority.server_file(NAME)) as server, DnsServer({NAME: ["127.0.0.1"]}) as names:
        answer = fetch(to(Route(ca_file=str(authority.file), dns=dns_of(names)), NAME, server.port), body)

    assert (answer.status, body.read_bytes()) == (200, b"ok")
    assert (NAME, "A") in names.asked
    assert (NAME, "AAAA") in names.asked
    assert f"Host: {NAME}:{server.port}".encode() in server.heard[0]


def test_every_address_is_tried_before_one_gives_up(authority, body):
    with TlsServer(authority.server_file(NAME)) as server, DnsServer({NAME: ["127.0.0.9", "127.0.0.1"]}) as names:
        answer = fetch(to(Route(ca_file=str(authority.file), dns=dns_of(names)), NAME, server.port), body)

    assert answer.status == 200


def test_search_domains_are_tried(authority, body):
    with TlsServer(authority.server_file("qualysapi")) as server, DnsServer({NAME: ["127.0.0.1"]}) as names:
        route = Route(ca_file=str(authority.file), dns=dns_of(names, "other.example", "example"))
        answer = fetch(to(route, "qualysapi", server.port), body)

    assert answer.status == 200
    assert ("qualysapi.other.example", "A") in names.asked


@pytest.mark.parametrize("table", [{}, {NAME: []}])
def test_a_name_that_does_not_exist_is_an_unknown_host(body, table):
    with DnsServer(table) as names:
        error = failure(to(Route(dns=dns_of(names)), NAME, 443), body)

    assert isinstance(error, UnknownServerError)
    assert (error.reason, error.stage) == (Reason.UNKNOWN_HOST, Stage.NAME)
    assert error.message.startswith(f"Unknown host: {NAME}")
    assert names.address in error.message


@pytest.mark.parametrize("how", [{"rcode": dns.rcode.SERVFAIL}, {"rcode": dns.rcode.REFUSED}, {"silent": True}])
def test_a_dns_server_that_cannot_tell_is_not_an_unknown_name(body, how):
    with DnsServer(**how) as names:
        error = failure(to(Route(dns=dns_of(names)), NAME, 443, timeout_s=0.5), body)

    assert (error.reason, error.stage) == (Reason.NO_DNS, Stage.NAME)


def test_the_second_dns_server_is_asked_if_the_first_one_fails(authority, body):
    with (
        TlsServer(authority.server_file(NAME)) as server,
        DnsServer(rcode=dns.rcode.SERVFAIL) as broken,
        DnsServer({NAME: ["127.0.0.1"]}) as names,
    ):
        servers = (Server(address="127.0.0.1", port=broken.port), Server(address="127.0.0.1", port=names.port))
        route = Route(ca_file=str(authority.file), dns=DnsSettings(servers=servers))
        answer = fetch(to(route, NAME, server.port), body)

    assert (answer.status, bool(broken.asked)) == (200, True)


def test_a_literal_address_asks_nobody(simulator, body):
    with DnsServer() as names:
        answer = fetch(to(by_simulator(simulator, dns=dns_of(names)), "127.0.0.1", port_of(simulator)), body)

    assert (answer.status, names.asked) == (200, [])


# -------------------------------------------------------------------------------------------------------------- TLS


@pytest.mark.parametrize(
    ("names", "valid", "reason"),
    [
        (["127.0.0.1"], {"until": timedelta(hours=-1)}, Reason.EXPIRED),
        (["127.0.0.1"], {"since": timedelta(hours=-1)}, Reason.EXPIRED),
        (["other.example"], {}, Reason.WRONG_NAME),
        (["192.0.2.1"], {}, Reason.WRONG_NAME),
    ],
)
def test_certificates_are_refused_each_for_its_reason(authority, body, names, valid, reason):
    with TlsServer(authority.server_file(*names, **valid)) as server:
        connecting = to(Route(ca_file=str(authority.file)), "127.0.0.1", server.port)
        error = failure(connecting, body)
        chain = probe(connecting).chain

    assert (error.reason, error.stage, server.heard) == (reason, Stage.TLS, [])
    assert [(item.subject, item.issuer) for item in chain] == [
        (names[0], "test authority"), ("test authority", "test authority"),
    ]  # fmt: skip


def test_an_unknown_authority_is_untrusted_and_the_chain_is_shown(authority, body):
    with TlsServer(authority.server_file("127.0.0.1")) as server:
        connecting = to(Route(), "127.0.0.1", server.port)
        error = failure(connecting, body)
        chain = probe(connecting).chain

    assert (error.reason, server.heard) == (Reason.UNTRUSTED, [])
    assert chain[0].issuer == "test authority"
    assert len(chain[0].sha256) == 64


def test_a_bundle_and_a_devices_file_both_count(tmp_path, authority, body):
    other = Authority(tmp_path, "other authority")
    route = Route(ca_file=str(authority.file), tls=TlsPolicy(mode=TlsMode.PRIVATE, bundle=other.pem))
    with (
        TlsServer(authority.server_file("127.0.0.1", label="a")) as one,
        TlsServer(other.server_file("127.0.0.1", label="b")) as two,
    ):
        statuses = [fetch(to(route, "127.0.0.1", server.port), body).status for server in (one, two)]

    assert statuses == [200, 200]


def test_a_pin_is_taken_at_first_contact_and_a_changed_one_waits_for_a_person(authority, body):
    route, pins = Route(tls=TlsPolicy(mode=TlsMode.PIN)), MemoryPins()
    with TlsServer(authority.server_file("other.example")) as server:
        first = fetch(to(route, "127.0.0.1", server.port, pins), body)
        again = fetch(to(route, "127.0.0.1", server.port, pins), body)
        sent = len(server.heard)
        server.certificate = authority.server_file("other.example", label="renewed")
        with pytest.raises(CertificateChangedError) as caught:
            fetch(to(route, "127.0.0.1", server.port, pins), body)
        name = f"127.0.0.1:{server.port}"
        pins.accepted[name] = pins.changed[name]
        after = fetch(to(route, "127.0.0.1", server.port, pins), body)

    assert (first.status, again.status, after.status) == (200, 200, 200)
    assert (sent, len(server.heard)) == (2, 3)
    assert caught.value.accepted in caught.value.message
    assert caught.value.presented in caught.value.message


def test_anything_is_accepted_only_until_the_instant(authority, body):
    until = from_datetime(NOW)
    with TlsServer(authority.server_file("other.example")) as server:
        ways = [Route(tls=TlsPolicy(mode=TlsMode.ALWAYS, until_us=until + step)) for step in (1, 0)]
        accepted = fetch(to(ways[0], "127.0.0.1", server.port), body)
        said = probe(to(ways[0], "127.0.0.1", server.port)).steps[-1].said
        error = failure(to(ways[1], "127.0.0.1", server.port), body)

    assert accepted.status == 200
    assert any("NOTHING WAS CHECKED" in sentence for sentence in said)
    assert error.reason is Reason.UNTRUSTED


def test_accepting_anything_ends_in_the_middle_of_a_pull(authority, body):
    clock = Clock()
    route = Route(tls=TlsPolicy(mode=TlsMode.ALWAYS, until_us=from_datetime(NOW) + 1))
    with TlsServer(authority.server_file("other.example")) as server:
        connecting = Connecting(route, "127.0.0.1", server.port, pins=MemoryPins(), clock=clock, timeout_s=3.0)
        first = fetch(connecting, body)
        clock.now = lambda: NOW + timedelta(seconds=1)
        error = failure(connecting, body)

    assert (first.status, error.reason, len(server.heard)) == (200, Reason.UNTRUSTED, 1)


# --------------------------------------------------------------------------------------------------- TCP and answers


def test_a_closed_port_is_refused(body):
    error = failure(to(Route(), "127.0.0.1", free_port()), body)

    assert (error.reason, error.stage) == (Reason.REFUSED, Stage.TCP)


def test_a_server_that_takes_no_connection_is_a_timeout(body):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for item in waiting:
            item.setblocking(False)
            item.connect_ex(full.getsockname())
        error = failure(to(Route(), "127.0.0.1", full.getsockname()[1], timeout_s=0.3), body)
        for item in waiting:
            item.close()

    assert (error.reason, error.stage) == (Reason.TIMEOUT, Stage.TCP)


def test_a_server_that_speaks_no_tls_is_told(authority, body):
    with TlsServer(authority.server_file("127.0.0.1"), plain=True) as server:
        error = failure(to(Route(), "127.0.0.1", server.port), body)

    assert (error.reason, error.stage) == (Reason.NO_TLS, Stage.TLS)


def test_a_server_that_is_silent_during_the_handshake_is_told(body):
    with socket.create_server(("127.0.0.1", 0)) as closing:
        connecting = to(Route(), "127.0.0.1", closing.getsockname()[1], timeout_s=0.3)
        error = failure(connecting, body)

    assert (error.reason, error.stage) == (Reason.TIMEOUT, Stage.TLS)


def test_a_server_that_resets_the_handshake_is_told(body):
    with socket.create_server(("127.0.0.1", 0)) as resetting:
        hung_up = Thread(target=_reset_all, args=[resetting, 2])
        hung_up.start()
        error = failure(to(Route(), "127.0.0.1", resetting.getsockname()[1]), body)
        hung_up.join()

    assert (error.reason, error.stage) == (Reason.RESET, Stage.TLS)


def _reset_all(listening, times):
    """Reset so many connections once they have sent something."""
    for _ in range(times):
        connection, _ = listening.accept()
        connection.recv(1)
        connection.close()  # with bytes unread: a reset


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, Reason.BROKEN_OFF),  # Python 3.11 shows a reset below TLS as an end
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", Reason.BROKEN_OFF),
        (b"no HTTP at all\r\n\r\n", Reason.BROKEN_OFF),
    ],
)
def test_an_answer_that_breaks_off_is_told(authority, body, answer, reason):
    with TlsServer(authority.server_file("127.0.0.1"), answer=answer) as server:
        error = failure(to(Route(ca_file=str(authority.file)), "127.0.0.1", server.port), body)

    assert (error.reason, error.stage) == (reason, Stage.ANSWER)
    assert error.message.startswith("Server unavailable.")


def test_a_server_that_falls_silent_is_told(simulator, body):
    simulator.subscription.break_next("about", "delay", seconds=5)
    with pytest.raises(NetError) as caught:
        fetch(to(by_simulator(simulator), "localhost", port_of(simulator)), body, idle_s=0.3)

    assert (caught.value.reason, caught.value.stage) == (Reason.SILENT, Stage.ANSWER)
