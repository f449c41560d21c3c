"""The shipped HAProxy configuration, before a real server: calls get through it, floods do not.

Loopback only; every flood is bounded.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time

import grpc
import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL, Failure
from tests.e2e.pki import Pki
from tests.e2e.tokens import AUDIENCE, VERIFY, token_flags, verify_trail
from tests.support.http2_client import CALL, GOAWAY, HEADERS, Http2Client, trusting
from tests.support.oidc_provider import OidcProvider
from trialgate.v1 import audit_service_pb2 as audit_pb
from trialgate.v1 import directory_service_pb2 as directory_pb

CONFIGURATION = harness.ROOT / "deploy" / "proxy" / "haproxy.cfg"
HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
# As the configuration has them.
MOST_CONNECTIONS = 32
MOST_REQUESTS = 6000

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="there is no haproxy")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    made = Pki(tmp_path_factory.mktemp("pki"))
    made.run("client", "auditor::unused", "unused")
    made.odd_client("proxy")  # names no principal
    (made.folder / "proxy.pem").write_bytes(
        b"".join((made.folder / "clients" / f"proxy.{end}").read_bytes() for end in ("crt", "key")))
    (made.folder / "front.pem").write_bytes(made.certificate.read_bytes() + made.key.read_bytes())
    return made


@pytest.fixture(scope="module")
def provider():
    with OidcProvider(audience=AUDIENCE,
                      clients=[{"id": "axel", "claims": {"trialgate_role": "auditor"}}]) as running:
        yield running


@pytest.fixture(scope="module")
def server(pki, provider, tmp_path_factory):
    flags = token_flags(provider)
    running = harness.Server(tmp_path_factory.mktemp("server"), flags, tls=pki).start()
    yield running
    running.stop()


class Proxy:
    """HAProxy as it is shipped, before `server`."""

    def __init__(self, server, pki, folder):
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
        self.log = folder / "haproxy.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([HAPROXY, "-db", "-f", CONFIGURATION],
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

    def http2(self):
        """A connection for tokens that speaks frame by frame."""
        return Http2Client(self.tokens, trusting(self.pki.ca))

    def verify(self, token, *metadata, path=VERIFY):
        """Calls as a token's holder: "" if that is answered, else the reason why not."""
        authorization = [("authorization", f"Bearer {token}")] if token else []
        return verify_trail(self.tokens, self.pki.credentials(None), authorization + list(metadata),
                            path, [("grpc.use_local_subchannel_pool", 1)])


@pytest.fixture
def proxy(server, pki, tmp_path):
    """Anew for each test: what one test did counts against its address."""
    running = Proxy(server, pki, tmp_path)
    yield running
    running.stop()


@pytest.fixture
def token(provider):
    return provider.client_token("axel")


def test_a_call_with_a_token_gets_through(proxy, token):
    assert proxy.verify(token) == ""


def test_the_proxys_own_certificate_makes_nobody_anybody(proxy):
    assert proxy.verify("") in ("NO_PRINCIPAL", "NO_ROLE")
    assert proxy.verify("", ("trialgate-principal", "auditor::axel")) in ("NO_PRINCIPAL", "NO_ROLE")


def test_an_error_and_its_details_get_through(proxy, token):
    channel = grpc.secure_channel(proxy.tokens, proxy.pki.credentials(None))
    call = channel.unary_unary("/trialgate.v1.AuditService/ListAuditEvents")
    with pytest.raises(grpc.RpcError) as error:
        call(audit_pb.ListAuditEventsRequest(page_size=-1).SerializeToString(),
             metadata=[("authorization", f"Bearer {token}")], timeout=20)
    assert Failure(error.value).fields.keys() == {"page_size"}


def test_a_call_with_a_certificate_gets_through(proxy, pki):
    client = harness.Client(proxy.certificates, None, pki.credentials(pki.client(NATIONAL)))
    assert client.directory.ListRegions(directory_pb.ListRegionsRequest()) is not None


def test_what_is_no_call_of_the_api_is_refused_by_the_proxy(proxy, token):
    for path in ("/trialgate.v1.OperatorService/GetServerStatus",
                 "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/metrics"):
        assert proxy.verify(token, path=path) == "PERMISSION_DENIED", path


def test_headers_that_are_too_large_stop_at_the_proxy(proxy, token):
    client = proxy.http2()
    client.send(client.request([*CALL, ("x-large", "x" * 20_000)]))
    # An answer that is an error, or the end of the connection; nothing that reached the server.
    kinds = []
    for kind, _, _, _ in client.frames():
        kinds.append(kind)
        if kind in (HEADERS, GOAWAY, 3):
            break
    assert kinds[-1:] != [] and kinds[-1] in (HEADERS, GOAWAY, 3), kinds
    client.close()
    assert proxy.verify(token) == ""


@pytest.mark.parametrize("odd", [("te", "x"), ("grpclb_client_stats", "x"), ("x-bin", "!!not base64!!")])
def test_headers_that_end_or_disconnect_the_server_do_not_reach_it(proxy, server, token, odd):
    client = proxy.http2()
    client.send(client.request([h for h in CALL if h[0] != odd[0]] + [odd] +
                               [(f"x-fill-{n}", "x" * 1000) for n in range(9)]))
    for kind, _, _, _ in client.frames():
        if kind in (HEADERS, GOAWAY, 3):
            break
    client.close()
    assert server.process.poll() is None
    assert proxy.verify(token) == ""


def test_a_flood_of_resets_is_cut_off_and_the_server_goes_on(proxy, server, pki):
    client = proxy.http2()
    sent, cut = 0, False
    with contextlib.suppress(OSError):
        while sent < 4 * MOST_REQUESTS:
            client.send(b"".join(client.request(CALL) + client.reset() for _ in range(100)))
            sent += 100
    client.socket.settimeout(10)
    # What is no portal is not answered any more: the connection is over, and so are new ones.
    with contextlib.suppress(OSError):
        client.send(client.request(CALL))
    cut = not any(kind == HEADERS and stream == client.stream
                  for kind, _, stream, _ in client.frames())
    assert cut, f"{sent} requests, all taken"
    assert proxy.verify("x") == "UNAVAILABLE"
    # Others do not feel it: they come to the server by another way here, as all are one address.
    national = harness.Client(server.address, None, pki.credentials(pki.client(NATIONAL)))
    assert national.directory.ListRegions(directory_pb.ListRegionsRequest()) is not None


@pytest.mark.parametrize("way", ["tokens", "certificates"])
def test_one_address_has_so_many_connections_and_no_more(proxy, way):
    host, port = getattr(proxy, way).split(":")
    held, refused = [], 0
    for _ in range(MOST_CONNECTIONS + 20):
        try:
            held.append(socket.create_connection((host, int(port)), 5))
        except ConnectionError:
            refused += 1  # reset before the call returned
    time.sleep(0.2)  # the proxy closes what is too much
    for connection in held:
        connection.setblocking(False)
        try:
            refused += connection.recv(1) == b""
        except BlockingIOError:
            pass
        except ConnectionError:
            refused += 1
    for connection in held:
        connection.close()
    assert refused >= 20 - 2, refused
    assert refused < MOST_CONNECTIONS
