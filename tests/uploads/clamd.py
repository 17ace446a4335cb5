"""A scanner of the tests' own that speaks clamd's INSTREAM: what holds EICAR's text is infected."""

import socketserver

from tests.gateway import serve

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Connection(socketserver.StreamRequestHandler):
    def handle(self):
        command = self.rfile.read(len(b"zINSTREAM\0"))
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        self.server.asked.append((command, content))
        found = self.server.answer or (
            b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        )
        self.wfile.write(found + b"\0")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Scanner:
    """``asked``: (command, content) of every scan; ``answer``: said to everything instead, when set."""

    def __init__(self, path=None):
        self.server = _UnixServer(path, _Connection) if path else _Server(("127.0.0.1", 0), _Connection)
        self.server.asked, self.server.answer = [], b""
        self.url = f"unix://{path}" if path else f"clamd://127.0.0.1:{self.server.server_address[1]}"
        serve(self.server)

    @property
    def asked(self):
        return self.server.asked

    def says(self, answer):
        self.server.answer = answer

    def close(self):
        self.server.shutdown()
        self.server.server_close()
