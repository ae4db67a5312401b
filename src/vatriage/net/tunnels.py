"""Through a proxy to a server: HTTP CONNECT with Basic login (RFC 9110), SOCKS5 with a login (RFC 1928, 1929).

The proxy resolves the server's name. Nothing that comes after the proxy's yes is read here: it is the server's.
"""

import base64
import re
import socket
from ipaddress import IPv4Address, ip_address

from vatriage.model.route import ProxyMode, ProxySettings, is_address, joined
from vatriage.net.interface import NetError, ProxyError, Reason, Stage

_HEAD_LIMIT = 65_536
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?\r\n")
_NO_LOGIN, _LOGIN, _NOTHING = 0, 2, 0xFF
_LOGIN_HINT = "Correct user and password in the proxy settings."


def through(connection: socket.socket, proxy: ProxySettings, host: str, port: int) -> str:
    """Ask the proxy at the other end of a connection to go on to a server; return what it answered.

    Raises:
        ProxyError: it refuses, wants another login, or is no proxy.
        NetError: it tried, and did not reach the server.
    """
    ask = _http if proxy.mode is ProxyMode.HTTP else _socks
    try:
        return ask(connection, proxy, host, port)
    except TimeoutError as error:
        raise _proxy_error(proxy, "did not answer in time", "", Reason.TIMEOUT) from error
    except OSError as error:
        raise _proxy_error(proxy, "hung up", "Check that it is a proxy of this kind.", Reason.RESET) from error


def _http(connection: socket.socket, proxy: ProxySettings, host: str, port: int) -> str:
    target = joined(host, port)
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.user:
        login = base64.b64encode(f"{proxy.user}:{proxy.password.reveal()}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {login}")
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    status, phrase = _status(connection, proxy)
    said = f"{status} {phrase}".strip()
    if 200 <= status <= 299:
        return said
    if status in (401, 407):  # tinyproxy answers a wrong password with 401
        raise _proxy_error(
            proxy, f"wants {'another' if proxy.user else 'a'} login ({said})", _LOGIN_HINT, Reason.PROXY_LOGIN
        )
    if status >= 500:
        raise _beyond(proxy, target, said)
    raise _proxy_error(
        proxy, f"refuses to connect to {target} ({said})", "Have the proxy's rules allow it.", Reason.PROXY_REFUSED
    )


def _status(connection: socket.socket, proxy: ProxySettings) -> tuple[int, str]:
    """Read the head of the answer, and nothing behind it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        head += piece
        if not piece or len(head) > _HEAD_LIMIT:
            break
    found = _STATUS.match(head)
    if found is None:
        what = "closed the connection without an answer" if not head else "gave no answer of an HTTP proxy"
        raise _proxy_error(proxy, what, "Check address, port and kind of the proxy.", Reason.NO_PROXY)
    _, _, behind = head.partition(b"\r\n\r\n")
    if found[1].startswith(b"2") and behind:
        raise _proxy_error(proxy, "sent more than its answer", "Check the kind of the proxy.", Reason.NO_PROXY)
    phrase = (found[2] or b"").decode("ascii", "replace")
    return int(found[1]), "".join(letter for letter in phrase if letter.isprintable())[:80].strip()


def _socks(connection: socket.socket, proxy: ProxySettings, host: str, port: int) -> str:
    methods = [_NO_LOGIN, _LOGIN] if proxy.user else [_NO_LOGIN]
    connection.sendall(bytes([5, len(methods), *methods]))
    version, method = _exactly(connection, 2)
    if version != 5:
        raise _proxy_error(proxy, "is no SOCKS5 proxy", "Check address, port and kind of the proxy.", Reason.NO_PROXY)
    if method == _LOGIN and proxy.user:
        _log_in(connection, proxy)
    elif method != _NO_LOGIN:
        what = "refuses the ways to log in that we know" if proxy.user else "wants a login"
        raise _proxy_error(proxy, what, _LOGIN_HINT, Reason.PROXY_LOGIN)
    connection.sendall(b"\x05\x01\x00" + _socks_address(host) + port.to_bytes(2, "big"))
    code = _exactly(connection, 4)
    if code[1] == 0:
        _exactly(connection, {1: 6, 4: 18}.get(code[3], 0) or _exactly(connection, 1)[0] + 2)
        return "succeeded"
    raise _socks_refusal(proxy, joined(host, port), code[1])


def _log_in(connection: socket.socket, proxy: ProxySettings) -> None:
    user, password = proxy.user.encode()[:255], proxy.password.reveal().encode()[:255]
    connection.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
    if _exactly(connection, 2)[1] != 0:
        raise _proxy_error(proxy, "refuses our login", _LOGIN_HINT, Reason.PROXY_LOGIN)


def _socks_address(host: str) -> bytes:
    if is_address(host):
        address = ip_address(host.strip("[]"))
        return (b"\x01" if isinstance(address, IPv4Address) else b"\x04") + address.packed
    name = host.encode("idna") if not host.isascii() else host.encode()
    return b"\x03" + bytes([len(name[:255])]) + name[:255]


_SOCKS = {
    1: "general failure", 2: "not allowed", 3: "network unreachable", 4: "host unreachable", 5: "connection refused",
    6: "time to live expired", 7: "command not supported", 8: "kind of address not supported",
}  # fmt: skip


def _socks_refusal(proxy: ProxySettings, target: str, code: int) -> NetError:
    said = f"{code} {_SOCKS.get(code, 'unknown')}"
    if code == 2:
        hint = "Have the proxy's rules allow it."
        return _proxy_error(proxy, f"refuses to connect to {target} ({said})", hint, Reason.PROXY_REFUSED)
    if code in (7, 8):
        return _proxy_error(proxy, f"cannot do what we ask ({said})", "Use another proxy.", Reason.NO_PROXY)
    return _beyond(proxy, target, said)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """Return so many bytes. Raises: ConnectionResetError: fewer came."""
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionResetError("the proxy hung up")
        data += piece
    return data


def _beyond(proxy: ProxySettings, target: str, said: str) -> NetError:
    return NetError(
        f"The proxy {proxy.place} could not reach {target}: {said}.",
        "Check the URL; if it is right, the proxy cannot resolve or reach that server.",
        reason=Reason.BEYOND_PROXY,
        stage=Stage.TCP,
    )


def _proxy_error(proxy: ProxySettings, what: str, hint: str, reason: Reason) -> ProxyError:
    return ProxyError(f"The proxy {proxy.place} {what}.", hint, reason=reason, stage=Stage.PROXY)
