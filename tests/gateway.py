"""A gateway for short messages on this machine."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


def serve(server):
    """Answer in a thread until ``server.shutdown()``, which waits for the next look at whether it was called."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class Gateway:
    """A gateway on this machine: keeps what it was sent, and answers ``status``."""

    def __init__(self):
        self.received, self.status = [], 200
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.received.append((self.headers["Authorization"], body))
                self.send_response(gateway.status)
                if gateway.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        serve(self.server)

    @property
    def texts(self):
        return [body["text"] for _, body in self.received]

    def code(self):
        """The digits sent last."""
        return re.search("[0-9]{6}", self.texts[-1])[0]
