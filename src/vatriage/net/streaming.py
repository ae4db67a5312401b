"""Bytes to a server that answers nothing: over TLS or TCP as one stream, over UDP as datagrams."""

import socket
import ssl
from collections.abc import Sequence

from vatriage.net.connecting import Connecting
from vatriage.net.interface import NetError, Reason, Stage

_LAST_WORD_S = 2.0
"""How long the server may take to say that it broke the connection off."""


def deliver(connecting: Connecting, content: bytes, *, tls: bool, timeout_s: float) -> None:
    """Connect, send everything, and close in order.

    A server that resets the connection did not take it all, and that is told; one that just closes, or stays, took it as
    far as anybody can know: syslog has no receipts.

    Raises: NetError: there is no connection, or it broke.
    """
    connection: socket.socket = connecting.connected()
    if tls:
        connection = connecting.secure(connection)
    with connection:
        try:
            connection.settimeout(timeout_s)
            connection.sendall(content)
            _close(connection)
        except OSError as error:
            raise NetError(
                f"The connection to {connecting.server} broke: {error.strerror or error}.", "It is tried again.",
                reason=Reason.BROKEN_OFF, stage=Stage.ANSWER,
            ) from error  # fmt: skip


def _close(connection: socket.socket) -> None:
    """Say that this is all, and hear whether the server had already gone. Raises: OSError: it had."""
    connection.settimeout(_LAST_WORD_S)
    try:
        if isinstance(connection, ssl.SSLSocket):
            connection = connection.unwrap()
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    except (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError):
        return  # it stays, or closed without a word: what was sent is with it
    except ssl.SSLError as error:
        # an alert: it refused us after all (in TLS 1.3 a missing client certificate is told only now)
        if error.reason != "APPLICATION_DATA_AFTER_CLOSE_NOTIFY":
            raise
    except ConnectionError:
        raise
    except OSError:
        return


def datagrams(connecting: Connecting, lines: Sequence[bytes]) -> None:
    """Send each line as a datagram: nobody knows whether one arrives. Raises: NetError: the name is unknown, or the network is down."""
    address = connecting.resolved().addresses[0].strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            for line in lines:
                sender.sendto(line, (address, connecting.port))
    except OSError as error:
        raise NetError(
            f"{connecting.server} cannot be sent datagrams: {error.strerror or error}.", "Check the network.",
            reason=Reason.UNREACHABLE, stage=Stage.TCP,
        ) from error  # fmt: skip
