"""A small OAuth server on loopback that says what a test wants it to say.

It stands in where a real provider cannot be brought to misbehave; what is of the protocol is tested
against a real one.
"""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class OAuthServer:
    """`answers` maps a path to (status, body) or to a function of the form that returns them."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer({})

            def do_POST(self):
                length = int(self.headers.get("content-length", 0))
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
                outer.asked.append((self.path, form, dict(self.headers)))
                self._answer(form)

            def _answer(self, form):
                answer = outer.answers.get(self.path)
                if self.path == "/.well-known/openid-configuration" and answer is None:
                    answer = (200, outer.discovery())
                status, body = answer(form) if callable(answer) else answer or (404, {})
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("location", outer.issuer + "/elsewhere")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"

    def discovery(self):
        return {"issuer": self.issuer, "token_endpoint": self.issuer + "/token",
                "device_authorization_endpoint": self.issuer + "/device",
                "revocation_endpoint": self.issuer + "/revoke"}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def forms(self, path):
        return [form for asked, form, _ in self.asked if asked == path]
