"""A mail server on loopback: STARTTLS or TLS from the first byte, AUTH PLAIN, messages kept."""

import socket
import ssl
from base64 import b64decode
from threading import Thread


class SmtpServer:
    """Keeps (sender, recipients, message) of every mail in `heard`, and logins. Use it in a with block.

    Args:
        certificate: of `Authority.server_file`.
        implicit: TLS from the first byte.
        starttls: offer STARTTLS.
        refuse: answer to RCPT for this address.
    """

    def __init__(self, certificate, *, implicit=False, starttls=True, refuse=""):
        self.heard = []
        self.logins = []
        self.in_clear = []
        self._certificate, self._implicit, self._starttls, self._refuse = certificate, implicit, starttls, refuse
        self._over = False

    def __enter__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            connection, _ = self._socket.accept()
            if self._over:
                connection.close()
                return
            connection.settimeout(5)
            try:
                with connection:
                    self._talk(self._secured(connection) if self._implicit else connection, secure=self._implicit)
            except OSError:
                continue  # the client did not like the certificate, or hung up

    def _secured(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return context.wrap_socket(connection, server_side=True)

    def _talk(self, connection, *, secure, greet=True):
        """Speak until the client has had enough; after STARTTLS the conversation begins anew."""
        with connection, connection.makefile("rb") as lines:
            if greet:
                connection.sendall(b"220 test\r\n")
            sender, recipients = "", []
            while line := lines.readline():
                verb, _, rest = line.strip().partition(b" ")
                verb = verb.upper()
                if not secure:
                    self.in_clear.append(verb)
                if verb == b"STARTTLS":
                    connection.sendall(b"220 go on\r\n")
                    self._talk(self._secured(connection), secure=True, greet=False)
                    return
                sender = rest.decode() if verb == b"MAIL" else sender
                recipients += [rest.decode()] if verb == b"RCPT" else []
                connection.sendall(self._answer(verb, rest, secure=secure))
                if verb == b"DATA":
                    self.heard.append((sender, recipients, b"".join(iter(lines.readline, b".\r\n"))))
                    connection.sendall(b"250 taken\r\n")
                if verb == b"QUIT":
                    return

    def _answer(self, verb, rest, *, secure):
        if verb == b"EHLO":
            offered = [b"250-test", b"250-AUTH PLAIN" if secure else b"250-SIZE 1000000"]
            offered += [b"250-STARTTLS"] if self._starttls and not secure else []
            return b"\r\n".join([*offered, b"250 8BITMIME"]) + b"\r\n"
        if verb == b"AUTH":
            self.logins.append(b64decode(rest.split()[1]).split(b"\0")[1:])
            return b"235 welcome\r\n"
        if verb == b"RCPT" and self._refuse and self._refuse.encode() in rest:
            return b"550 no such user\r\n"
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")
