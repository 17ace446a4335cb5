"""A program that takes events: https on this machine, with a certificate of an authority of the tests' own."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.gateway import serve

HOST, PORT = "events.example.cn", 8443  # the port of its address; the one it listens on is whichever is free
HANG_UP, DRIP = "hang up", "drip"
DRIPS = 300  # a tenth of a second each; then it answers after all


def write_certificate(folder):
    """A certificate for HOST, signed by itself; the path of the file with key and certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2000))
        .not_valid_after(now + timedelta(days=2000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Receiver:
    """``answers``: what the next POSTs get: a status, (status, {header: value}), HANG_UP or DRIP; 204 when used
    up."""

    url = f"https://{HOST}:{PORT}/events?from=portal"

    def __init__(self, certificate):
        self.posts, self.answers, self.lock = [], [], threading.Lock()
        self.closing = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.posts.append((self.path, dict(self.headers), body))
                    answer = receiver.answers.pop(0) if receiver.answers else 204
                if answer == HANG_UP:
                    self.close_connection = True
                    return
                if answer == DRIP:
                    self.close_connection = True
                    with suppress(OSError):
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
                        for _ in range(DRIPS):
                            if receiver.closing.wait(0.1):
                                return
                            self.wfile.write(b"x")
                        self.wfile.write(b"\r\n\r\n")
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):  # a caller who does not trust us hangs up
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        serve(self.server)

    @property
    def place(self):
        """(address, port) that it listens on."""
        return self.server.server_address

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def name_leads_to(monkeypatch, *addresses):
    """What the name of the receiver resolves to; numbers stay what they are."""
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *arguments, **options):
        if host != HOST:
            return real(host, port, *arguments, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
