"""The seed's messages word for word, and only the causes that still fit."""

import re

import pytest

from vatriage.model.route import DnsServer, DnsSettings, ProxyMode, ProxySettings, Route
from vatriage.model.secret import Secret
from vatriage.net.interface import NetError, ProxyError, Reason, Stage, UnknownServerError
from vatriage.net.permits import LongWaitError
from vatriage.usecases.diagnosis_words import way_of, words_of
from vatriage.vendors.interface import (
    CredentialsRejectedError,
    RateLimitedError,
    Refusal,
    ReportUnreadableError,
    TemporarilyUnavailableError,
)
from vatriage.vendors.qualys import requests

WORDS = words_of(requests)
HOST = "qualysapi.qualys.com"
PROXY = ProxySettings(mode=ProxyMode.HTTP, address="proxy.example", port=3128, user="u", password=Secret("c4n4ry"))
DIRECT, PROXIED = way_of(HOST, Route()), way_of(HOST, Route(proxy=PROXY))
E1 = "Test connectivity failed. Click the View Errors button for more information. Server unavailable."
BLAME = {
    "dns": r"DNS",
    "proxy": r"[Pp]roxy",
    "login": r"[Ll]ogin|password|credential|account",
    "url": r"URL",
    "firewall": r"[Ff]irewall|gateway",
    "certificate": r"certificate",
}


def blamed(trouble):
    """Return what the causes blame."""
    return {what for what, pattern in BLAME.items() if any(re.search(pattern, cause) for cause in trouble.causes)}


def net(stage, reason, way=DIRECT, kind=NetError):
    return WORDS.tested(kind("x came back", reason=reason, stage=stage), way, stage.value)


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.TIMEOUT, Reason.UNREACHABLE])
def test_a_server_that_is_not_reached_has_the_seeds_first_message_and_blames_neither_dns_nor_login(reason):
    trouble = net(Stage.TCP, reason)

    assert trouble.message == E1
    assert {"url", "firewall"} <= blamed(trouble) <= {"url", "firewall", "proxy"}


def test_where_no_proxy_is_set_a_refused_connection_blames_none():
    assert blamed(net(Stage.TCP, Reason.REFUSED)) == {"url", "firewall"}


def test_a_proxy_that_is_not_reached_blames_the_proxy_and_neither_url_nor_dns():
    trouble = net(Stage.PROXY, Reason.REFUSED, PROXIED, ProxyError)

    assert (trouble.message, trouble.code) == (E1, "proxy/refused")
    assert blamed(trouble) == {"proxy", "firewall"}


@pytest.mark.parametrize("reason", [Reason.PROXY_REFUSED, Reason.NO_PROXY, Reason.RESET])
def test_what_the_proxy_says_no_to_blames_the_proxy_alone(reason):
    assert blamed(net(Stage.PROXY, reason, PROXIED, ProxyError)) == {"proxy"}


def test_a_wrong_proxy_login_blames_the_proxy_settings_not_the_account():
    (cause,) = net(Stage.PROXY, Reason.PROXY_LOGIN, PROXIED, ProxyError).causes

    assert cause == "User or password in the proxy settings is wrong: correct it."


def test_an_unknown_host_has_the_seeds_message_with_the_host_of_the_url_and_its_three_hints():
    trouble = net(Stage.NAME, Reason.UNKNOWN_HOST, kind=UnknownServerError)

    assert trouble.message == (
        "Test connectivity failed for qualys. Unknown host: qualysapi.qualys.com Please make sure that,"
    )
    assert trouble.hints == (
        "Proxy settings are configured correctly, If there is no direct connection exists from CS-MARS to Qualys server",
        "The hostname specified in the URL string is correct",
        "Login name and Password is valid.",
    )
    assert blamed(trouble) == {"url", "dns", "proxy"}


def test_a_dns_server_that_does_not_answer_blames_dns_and_not_the_url():
    assert blamed(net(Stage.NAME, Reason.NO_DNS, kind=UnknownServerError)) == {"dns", "firewall"}


def test_our_own_dns_servers_are_named():
    way = way_of(HOST, Route(dns=DnsSettings(servers=(DnsServer(address="192.0.2.53"),))))

    assert any(
        "192.0.2.53" in cause for cause in net(Stage.NAME, Reason.NO_DNS, way, UnknownServerError).causes
    )  # fmt: skip


def test_a_proxy_with_an_unknown_name_is_not_told_as_the_urls_host():
    trouble = net(Stage.NAME, Reason.UNKNOWN_HOST, PROXIED, ProxyError)

    assert trouble.message == E1
    assert blamed(trouble) == {"proxy", "dns"}


@pytest.mark.parametrize("reason", [Reason.UNTRUSTED, Reason.EXPIRED, Reason.WRONG_NAME, Reason.CHANGED])
def test_a_certificate_that_is_not_trusted_blames_no_name_resolution_and_no_firewall(reason):
    assert blamed(net(Stage.TLS, reason)) & {"dns", "firewall"} == set()
    assert "certificate" in blamed(net(Stage.TLS, reason))


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("way", [DIRECT, PROXIED])
def test_every_failure_has_a_cause_a_code_of_its_own_and_no_secret(stage, reason, way):
    trouble = net(stage, reason, way)

    assert trouble.causes
    assert trouble.code == f"{stage.name.lower()}/{reason}"
    assert "c4n4ry" not in trouble.text() + repr(trouble) + repr(way)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal.LOGIN, "password is wrong"),
        (Refusal.EXPIRED, "has expired"),
        (Refusal.INACTIVE, "switched off"),
        (Refusal.REGISTRATION, "EULA"),
        (Refusal.ADDRESS, "secure IP"),
        (Refusal.RIGHT, "right"),
    ],
)
def test_rejected_credentials_have_the_seeds_message_and_a_cause_of_their_own(refusal, words):
    trouble = WORDS.tested(CredentialsRejectedError("x", refusal=refusal, said="s"), DIRECT, "login")
    others = [other for other in (Refusal.EXPIRED, Refusal.REGISTRATION, Refusal.ADDRESS) if other is not refusal]

    assert trouble.message == "Invalid user credentials."
    assert words in trouble.causes[0]
    assert not set(trouble.causes) & {cause for other in others for cause in requests.explained(other)}


def test_maintenance_and_limits_do_not_look_like_wrong_credentials():
    maintenance = WORDS.tested(TemporarilyUnavailableError("x", refusal=Refusal.MAINTENANCE), DIRECT, "login")
    limits = [RateLimitedError("x"), LongWaitError("x", "y", wait_s=60)]
    limited = [WORDS.tested(error, DIRECT, "login") for error in limits]

    assert (maintenance.message, maintenance.code) == (E1, "vendor/maintenance")
    assert {trouble.code for trouble in limited} == {"vendor/rate"}
    assert all("API limit" in trouble.message for trouble in limited)


def test_a_report_that_cannot_be_read_has_the_seeds_message_on_the_pulls_page():
    trouble = WORDS.pulled(ReportUnreadableError("x", refusal=Refusal.UNREADABLE, said="line 3"), DIRECT)

    assert (trouble.message, trouble.came_back) == ("Fail to parse scan report.", "line 3")
    assert blamed(trouble) == set()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NetError("x", reason=Reason.REFUSED, stage=Stage.TCP), "Server unavailable."),
        (CredentialsRejectedError("x", refusal=Refusal.EXPIRED), "Invalid user credentials."),
    ],
)
def test_a_pull_does_not_speak_of_a_test(error, message):
    assert WORDS.pulled(error, DIRECT).message == message
