"""HAProxy with the shipped configuration, before a server or what stands in its place."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

from tests.e2e import harness
from tests.e2e.tokens import VERIFY, verify_trail
from tests.support.http2_client import HEADERS, RST_STREAM, Http2Client, trusting

CONFIGURATION = harness.ROOT / "deploy" / "proxy" / "haproxy.cfg"
HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    """HAProxy as it is shipped, but for `changes` (old text, new text), before `server`."""

    def __init__(self, server, pki, folder, changes=()):
        self.server, self.pki = server, pki
        self.tokens = f"127.0.0.1:{free_port()}"
        self.certificates = f"127.0.0.1:{free_port()}"
        environment = {
            **os.environ,
            "TRIALGATE_PROXY_TOKENS": self.tokens,
            "TRIALGATE_PROXY_CERTIFICATES": self.certificates,
            "TRIALGATE_PROXY_CERTIFICATE": str(pki.folder / "front.pem"),
            "TRIALGATE_PROXY_CLIENT": str(pki.folder / "proxy.pem"),
            "TRIALGATE_PROXY_CA": str(pki.ca),
            "TRIALGATE_SERVER": server.address,
            "TRIALGATE_SERVER_NAME": "localhost",
        }
        configuration = CONFIGURATION
        if changes:
            text = CONFIGURATION.read_text()
            for shipped, changed in changes:
                assert shipped in text, shipped
                text = text.replace(shipped, changed)
            configuration = folder / "haproxy.cfg"
            configuration.write_text(text)
        self.log = folder / "haproxy.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([HAPROXY, "-db", "-f", configuration],
                                            env=environment, stdout=log, stderr=log)
        for address in (self.tokens, self.certificates):
            self._wait_for(address)

    def _wait_for(self, address):
        host, port = address.split(":")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
                return
            time.sleep(0.05)  # another process begins to listen
        raise AssertionError(f"nobody listens at {address}:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def http2(self, source=None):
        """A connection for tokens that speaks frame by frame."""
        return Http2Client(self.tokens, trusting(self.pki.ca), source)

    def verify(self, token, *metadata, path=VERIFY):
        """Calls as a token's holder: "" if that is answered, else the reason why not."""
        authorization = [("authorization", f"Bearer {token}")] if token else []
        return verify_trail(self.tokens, self.pki.credentials(None), authorization + list(metadata),
                            path, [("grpc.use_local_subchannel_pool", 1)])


def answers(client, *streams):
    """The first byte block of each stream's answer, by stream; b"" for one that is reset."""
    found = {}
    for kind, _, stream, payload in client.frames():
        if kind in (HEADERS, RST_STREAM) and stream in streams:
            found.setdefault(stream, payload if kind == HEADERS else b"")
            if len(found) == len(streams):
                break
    return found
