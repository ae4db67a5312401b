"""Receivers of verdicts on loopback: an HTTPS server that keeps what is POSTed, a syslog receiver over TLS, TCP or UDP."""

import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class WebhookReceiver:
    """Keeps (headers, body) of every POST in `heard`. Use it in a with block.

    Args:
        certificate: of `Authority.server_file`.
        answers: statuses to give, in turn; the last one for all that follow. A text is where a 302 leads.
    """

    def __init__(self, certificate, answers=(200,)):
        self.heard = []
        self.answers = list(answers)
        self._certificate = certificate

    def note(self, heard):
        """Keep what came: (headers, body, path)."""
        self.heard.append(heard)

    def __enter__(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.note((dict(self.headers), body, self.path))
                answer = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
                self.send_response(302 if isinstance(answer, str) else answer)
                if isinstance(answer, str):
                    self.send_header("Location", answer)
                self.send_header("Content-Length", "7")
                self.end_headers()
                self.wfile.write(b"no room")

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class SyslogReceiver:
    """Keeps all bytes of each connection in `heard`. Use it in a with block.

    Args:
        certificate: speak TLS with it; None = plain TCP.
        asks_client: want a certificate of the client too, which none of ours has.
    """

    def __init__(self, certificate=None, *, asks_client=False):
        self.heard = []
        self._certificate = certificate
        self._asks_client = asks_client

    def __enter__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._over = False
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
            try:
                self.heard.append(self._read(connection))
            except OSError:
                continue  # the client did not like the certificate

    def _read(self, connection):
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            if self._asks_client:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self._certificate)
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            connection.settimeout(5)
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
            if self._certificate:
                connection.unwrap()
            return b"".join(parts)


def frames(content):
    """Return the messages of an octet-counted stream (RFC 6587 3.4.1)."""
    found = []
    while content:
        length, _, rest = content.partition(b" ")
        found.append(rest[: int(length)])
        assert len(found[-1]) == int(length)
        content = rest[int(length) :]
    return found
