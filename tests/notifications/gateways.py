"""Gateways of the tests' own that answer as told, or hang up, and a mail server that says what it is told to."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.gateway import serve

HANG_UP = "hang up"


class ScriptedGateway:
    """Takes POSTs. ``answers``: what the next ones get, a status or HANG_UP; 200 when they are used up."""

    def __init__(self):
        self.bodies, self.keys, self.answers, self.lock = [], [], [], threading.Lock()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with gateway.lock:
                    gateway.bodies.append(body)
                    gateway.keys.append(self.headers["Idempotency-Key"])
                    answer = gateway.answers.pop(0) if gateway.answers else 200
                if answer == HANG_UP:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(answer)
                self.end_headers()

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # so many ask at once

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        serve(self.server)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Enough of SMTP. ``recipient``, ``data``: the answers to RCPT and to the mail; HANG_UP hangs up."""

    def __init__(self):
        self.mails, self.recipient, self.data = [], "250 ok", "250 ok"
        server = self

        class Handler(StreamRequestHandler):
            def say(self, line):
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self):
                self.say("220 tests")
                while line := self.rfile.readline().decode().strip():
                    word = line.upper()
                    if word.startswith("RCPT"):
                        self.say(server.recipient)
                    elif word == "DATA":
                        self.say("354 go on")
                        mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                        if server.data == HANG_UP:
                            return
                        if server.data.startswith("250"):
                            server.mails.append(mail)
                        self.say(server.data)
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        self.server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host, self.port = self.server.server_address
        serve(self.server)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
