"""A TLS server on loopback whose certificate is made to order; it answers every request alike, or misbehaves."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)  # noqa: TID251 - certificates are checked by the machine's clock
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Authority:
    """A certificate authority of our own."""

    def __init__(self, folder, name="test authority"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.folder = folder
        self.certificate = self._signed(self._name, self._key, [], ca=True)
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.file.write_text(self.pem)

    def server_file(self, *names, until=timedelta(days=90), since=timedelta(days=1), label="server"):
        """Write a server's certificate, its authority's behind it, and its key; return the file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._signed(subject, key, names, ca=False, since=since, until=until)
        file = self.folder / f"{label}.pem"
        encoding = serialization.Encoding.PEM
        file.write_bytes(
            certificate.public_bytes(encoding)
            + self.certificate.public_bytes(encoding)
            + key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return file

    def _signed(self, subject, key, names, *, ca, since=timedelta(days=30), until=timedelta(days=365)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - since)
            .not_valid_after(NOW + until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            alternatives = [_alternative(name) for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self._key, hashes.SHA256())


class TlsServer:
    """Serves one connection after the other. Use it in a with block; `port` is there inside.

    Args:
        certificate: of `Authority.server_file`; may be replaced while it runs.
        answer: bytes for every request; None = hang up once the request came.
        plain: speak no TLS.
    """

    def __init__(self, certificate, *, answer=ANSWER, plain=False):
        self.certificate = certificate
        self.heard = []
        self._answer = answer
        self._plain = plain
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
        while not self._over:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(5)
                try:
                    self._one(connection)
                except OSError:
                    continue  # the client did not like the certificate, or hung up

    def _one(self, connection):
        if self._over:
            return
        if self._plain:
            connection.recv(4096)
            connection.sendall(b"SSH-2.0-none\r\n")
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        with context.wrap_socket(connection, server_side=True) as wrapped:
            heard = wrapped.recv(65_536)
            if not heard:
                return
            self.heard.append(heard)
            if self._answer is None:
                return
            wrapped.sendall(self._answer)
            wrapped.unwrap()


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
