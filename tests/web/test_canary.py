"""Passwords are set everywhere; none is found on any page, in any export, in the audit log, or in the database in clear."""

import logging
import re
from html import unescape

from kept_home import database_text
from vatriage.model.secret import Secret
from vatriage.model.viewer import COMMAND_LINE, Role

CANARIES = {name: f"c4n4ry-{name}-Pä55&<word>" for name in ("device", "own", "proxy", "user")}
_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
_ENDS = ("/logout/",)


def spellings():
    return [text for word in CANARIES.values() for text in (word, word.replace("&", "&amp;").replace("<", "&lt;"))]


def set_everywhere(store, user):
    from vatriage.usecases.devices import DeviceForm, add_device
    from vatriage.usecases.parameters import APPLIANCE, DEFAULTS, ProxyForm, filled_proxy
    from vatriage.usecases.users import add_user
    from vatriage.vault import open_vault
    from vatriage.wiring.servers import changes

    desk, vault = changes(store.clock), open_vault(store.config.key)
    way = {"mode": "http", "address": "127.0.0.1", "port": 1, "user": "u"}
    proxy = filled_proxy(dict(DEFAULTS["proxy"]), ProxyForm(**way, password=Secret(CANARIES["proxy"])), vault=vault)
    desk.submit("proxy", APPLIANCE, proxy, who=COMMAND_LINE)
    form = DeviceForm(
        url="127.0.0.1:1", login="reader", password=Secret(CANARIES["device"]), proxy_mode="own",
        proxy=ProxyForm(**way, password=Secret(CANARIES["own"])),
    )  # fmt: skip
    add_device("d", form, vault=vault, changes=desk, who=COMMAND_LINE)
    desk.activate(COMMAND_LINE)
    add_device("waits", form, vault=vault, changes=desk, who=COMMAND_LINE)
    add_user("canary", Role.OPERATOR, Secret(CANARIES["user"]), who=COMMAND_LINE, clock=store.clock)


def every_page(client):
    """Follow every link from the first page on; yield address and text of each."""
    waiting, seen = ["/account/"], {"/account/"}
    while waiting:
        address = waiting.pop()
        answer = client.get(address, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield address, answer.status_code, body.decode(errors="replace")
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        for link in map(unescape, _LINK.findall(body.decode())):
            if link not in seen and not link.startswith(("/static/", *_ENDS)):
                seen.add(link)
                waiting.append(link)


def test_no_page_no_export_no_log_and_no_table_holds_a_password(store, user, browser, caplog):
    caplog.set_level(logging.DEBUG)
    set_everywhere(store, user)
    client = browser(Role.ADMIN)
    client.post("/login/", {"username": "canary", "password": CANARIES["user"] + "wrong"})
    pages = list(every_page(client))
    found = [(address, text) for address, _, body in pages for text in spellings() if text in body]

    assert found == []
    assert [(address, code) for address, code, _ in pages if code >= 500] == []
    assert len(pages) > 15, [address for address, _, _ in pages]
    assert not any(text in caplog.text for text in spellings())
    held = database_text(store.config.home)
    assert b"reader" in held
    assert not any(word.encode() in held for word in CANARIES.values())


def test_a_page_that_breaks_tells_a_reference_and_its_traceback_holds_no_password(store, user, browser):
    from django.db import connection

    from vatriage.cli.access_log import log_settings
    from vatriage.cli.error_file import ErrorFile

    assert log_settings(store.config.home)["root"]["handlers"] == ["plain", "errors"]
    set_everywhere(store, user)
    typed = "c4n4ry-typed-Pä55"

    def broken(execute, sql, params, many, context):
        if "password" in sql and "INSERT" in sql:
            raise RuntimeError(f"nobody foresaw this: {typed} {params}")
        return execute(sql, params, many, context)

    log, file = logging.getLogger("vatriage.web"), ErrorFile(str(store.config.home))
    log.addHandler(file)
    client = browser(Role.ADMIN)
    try:
        with connection.execute_wrapper(broken):
            answer = client.post(
                "/devices/add/?type=qualys",
                {
                    "name": "new", "url": "127.0.0.1:1", "login": "reader", "password": typed, "zone": "default",
                    "complete_checks": "unknown", "proxy-mode": "inherit", "tls-mode": "inherit",
                },
            )  # fmt: skip
    finally:
        log.removeHandler(file)
    (reference,) = re.findall(r"reference: ([0-9a-f]{10})", answer.text)
    kept = (store.config.home / "errors.log").read_text()

    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    assert f"has the reference {reference}" in kept
    assert "nobody foresaw this: ***" in kept
    assert typed not in kept
    assert not any(text in kept for text in spellings())
