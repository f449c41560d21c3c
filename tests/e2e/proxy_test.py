"""The shipped HAProxy configuration, before a real server: calls get through it, floods do not.

Loopback only; every flood is bounded.
"""

import concurrent.futures
import contextlib
import socket
import time
import types

import grpc
import pytest
from tests.e2e import harness
from tests.e2e.front import CONFIGURATION, HAPROXY, Proxy, answers
from tests.e2e.harness import NATIONAL, Failure
from tests.e2e.pki import Pki
from tests.e2e.tokens import AUDIENCE, token_flags
from tests.e2e.watching import Watch
from tests.support.http2_client import (CALL, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE,
                                        SETTINGS, Http2Client, trusting)
from tests.support.http2_recorder import Recorder
from tests.support.oidc_provider import OidcProvider
from trialgate.v1 import audit_service_pb2 as audit_pb
from trialgate.v1 import directory_service_pb2 as directory_pb
from trialgate.v1 import directory_service_pb2_grpc as directory_pb_grpc

# As the configuration has them.
MOST_CONNECTIONS = 32
MOST_STREAMS = 100  # of a connection
MOST_CALLS = 100  # of an address at once
MOST_REQUESTS = 6000
STATUS_200 = b"\x88"  # as HPACK has it
# An address of loopback that is not ours.
ELSEWHERE = "127.0.0.2"

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="there is no haproxy")


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
                      clients=[{"id": "axel", "claims": {"trialgate_role": "auditor"}},
                               {"id": "nora", "claims": {"trialgate_role": "national"}}]) as running:
        yield running


@pytest.fixture(scope="module")
def server(pki, provider, tmp_path_factory):
    flags = token_flags(provider)
    running = harness.Server(tmp_path_factory.mktemp("server"), flags, tls=pki).start()
    yield running
    running.stop()


@pytest.fixture
def recorder(pki):
    """What stands in the server's place to show what reaches it."""
    running = Recorder(pki.certificate, pki.key, pki.ca)
    yield running
    running.stop()


@pytest.fixture
def proxy(server, pki, tmp_path):
    """Anew for each test: what one test did counts against its address."""
    running = Proxy(server, pki, tmp_path)
    yield running
    running.stop()


@pytest.fixture
def recorded(recorder, pki, tmp_path):
    """A proxy before the recorder."""
    running = Proxy(recorder, pki, tmp_path)
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


def test_a_stream_lives_longer_than_a_call_may_be_silent(server, pki, provider, tmp_path):
    """As it stands but for the time: what others get ends a stream no earlier than their own would."""
    running = Proxy(server, pki, tmp_path, [("timeout server 6m", "timeout server 1s")])
    channel = grpc.secure_channel(running.tokens, pki.credentials(None))
    stub = harness.Stub(directory_pb_grpc.DirectoryServiceStub(channel), None)
    stub._metadata = (("authorization", f"Bearer {provider.client_token('nora')}"),)
    watch = Watch(types.SimpleNamespace(directory=stub), "WatchDirectory",
                  directory_pb.WatchDirectoryRequest())
    watch.state()
    time.sleep(3)  # nothing comes, and nothing ends: there is nothing to wait for
    assert watch.failure is None
    harness.apply_pack(server)
    assert watch.next().sites
    watch.cancel()
    running.stop()


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


# What is sent instead of a header that has that name, if there is one.
ODD = {
    "te": [],
    "grpclb_client_stats": [("grpclb_client_stats", "x")],
    "x-bin": [("x-bin", "!!not base64!!"), ("grpc-tags-bin", "AAAA")],
    "grpc-timeout": [("grpc-timeout", "1S"), ("grpc-timeout", "2S")],
    "trialgate-principal": [("trialgate-principal", "auditor::axel")],
}


def odd_call(name, odd):
    return [header for header in CALL if header[0] != name] + odd


@pytest.mark.parametrize("name", ODD)
def test_headers_that_end_or_disconnect_the_server_do_not_reach_it(recorded, recorder, name):
    client = recorded.http2()
    plain = [("authorization", "Bearer x"), ("trialgate-details-bytes", "100")]
    # Often, so that HAProxy would refer to the table of headers if it ever did so towards a server.
    for _ in range(3):
        client.send(client.request(odd_call(name, ODD[name]) + plain))
        assert answers(client, client.stream)[client.stream] != b""
    client.close()
    assert len(recorder.calls()) == 3
    for call in recorder.calls():
        came = sorted(header for header in call.headers if header[0] != "content-length")
        assert came == sorted(CALL + plain)


def test_one_wait_that_a_client_says_reaches_the_server(recorded, recorder):
    client = recorded.http2()
    client.send(client.request([*CALL, ("grpc-timeout", "7S")]))
    assert answers(client, client.stream)
    assert ("grpc-timeout", "7S") in recorder.calls()[0].headers


@pytest.mark.parametrize("name", ODD)
def test_a_server_that_is_sent_such_headers_goes_on(proxy, server, token, name):
    client = proxy.http2()
    odd = ODD[name] or [(name, "x")]
    client.send(client.request(odd_call(name, odd) + [(f"x-fill-{n}", "x" * 1000) for n in range(9)]))
    assert answers(client, client.stream)
    client.close()
    assert server.process.poll() is None
    assert proxy.verify(token) == ""


def test_a_server_that_is_sent_such_headers_as_trailers_goes_on(proxy, server, token):
    # HAProxy 2.6 has no rule for the trailers of a request: they reach the server.
    client = proxy.http2()
    client.send(client.request(CALL, END_HEADERS) + client.frame(DATA, 0, client.stream, b"\0" * 5))
    client.stream -= 2
    client.send(client.request([("te", "x"), ("grpclb_client_stats", "x"), ("x-bin", "!!not base64!!")]))
    assert answers(client, client.stream)
    client.close()
    assert server.process.poll() is None
    assert proxy.verify(token) == ""


# Calls that never say all of their message: none of it, or more than the proxy holds back.
UNFINISHED = {"nothing": [], "much": [b"\0\0\x10\0\0" + b"x" * 10_000, b"x" * 10_000]}


@pytest.mark.parametrize("message", UNFINISHED)
def test_calls_that_are_never_ended_leave_others_their_calls(proxy, server, token, message):
    flood = []
    for _ in range(MOST_CONNECTIONS):
        client = proxy.http2(ELSEWHERE)
        for _ in range(MOST_STREAMS):
            client.send(client.request(CALL, END_HEADERS))
            with contextlib.suppress(OSError):
                for piece in UNFINISHED[message]:
                    client.send(client.frame(DATA, 0, client.stream, piece))
        flood.append(client)
    for client in flood:
        client.settle()
    assert [proxy.verify(token) for _ in range(10)] == [""] * 10
    for client in flood:
        client.close()
    assert server.process.poll() is None


def test_a_call_without_its_message_never_reaches_the_server(recorded, recorder):
    client = recorded.http2()
    client.send(client.request(CALL, END_HEADERS))
    silent = client.stream
    client.send(client.request(CALL, END_HEADERS))
    client.send(client.frame(DATA, 0, client.stream, b"\0\0\0"))
    begun = time.monotonic()
    statuses = answers(client, silent, client.stream)
    assert all(b"408" in status for status in statuses.values()), statuses
    assert 8 < time.monotonic() - begun < 15
    assert recorder.calls() == []


def test_an_address_has_so_many_calls_at_once_and_no_more(recorded, recorder):
    clients = [recorded.http2(), recorded.http2()]
    message = b"\0\0\0\0\x04" + b"\0" * 4

    def call(client):
        client.send(client.request(CALL, END_HEADERS) +
                    client.frame(DATA, END_STREAM, client.stream, message))
        return client.stream

    early = [{}, {}]
    with recorder.hold():
        for _ in range(MOST_CALLS):
            call(clients[0])
        clients[0].settle()
        # Which of the calls is the one too many is not said: those of the first connection may still be
        # on their way through the proxy.
        for _ in range(20):
            last = call(clients[1])
        for client, found in zip(clients, early):
            client.socket.settimeout(2)
            found.update(answers(client, *range(1, 2 * MOST_CALLS, 2)))
        refused = [payload for found in early for payload in found.values()]
        assert len(refused) == 20 and all(b"429" in payload for payload in refused), refused
        # Another address has its own.
        elsewhere = recorded.http2(ELSEWHERE)
        call(elsewhere)
    assert answers(elsewhere, elsewhere.stream)[elsewhere.stream][:1] == STATUS_200
    late = [answers(client, *set(range(1, client.stream + 1, 2)) - found.keys())
            for client, found in zip(clients, early) if len(found) < (client.stream + 1) // 2]
    assert [p[:1] for found in late for p in found.values()] == [STATUS_200] * MOST_CALLS
    # They are over, so there may be others.
    again = call(clients[1])
    assert again > last and answers(clients[1], again)[again][:1] == STATUS_200


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


# As an address is only believed once a connection is there, its rules are, too, in these tests.
TOLD_ADDRESSES = [("tcp-request connection", "tcp-request session"),
                  ('TRIALGATE_PROXY_TOKENS}"', 'TRIALGATE_PROXY_TOKENS}" accept-proxy'),
                  ('TRIALGATE_PROXY_CERTIFICATES}"', 'TRIALGATE_PROXY_CERTIFICATES}" accept-proxy')]


def connect_from(address, proxy, way):
    """A connection by `way` that is said to come from `address`; None if it is closed at once."""
    host, port = getattr(proxy, way).split(":")
    connection = socket.create_connection((host, int(port)), 5)
    family = "TCP6 {0} 2001:db8::1" if ":" in address else "TCP4 {0} 192.0.2.1"
    try:
        connection.sendall(f"PROXY {family.format(address)} 1000 443\r\n".encode())
        if way == "tokens":
            context = trusting(proxy.pki.ca)
            context.set_alpn_protocols(["h2"])
            connection = context.wrap_socket(connection, server_hostname="localhost")
            connection.sendall(PREFACE + Http2Client.frame(SETTINGS, 0, 0, b""))
        connection.settimeout(0.5 if way == "certificates" else 5)
        return connection if connection.recv(1) else None
    except TimeoutError:
        return connection
    except OSError:
        return None


@pytest.mark.parametrize("way", ["tokens", "certificates"])
@pytest.mark.parametrize("same,other", [("2001:db8:1:1::{:x}", "2001:db8:1:2::1"),
                                        ("::ffff:192.0.2.7", "192.0.2.8"), ("192.0.2.7", "192.0.2.8")])
def test_a_64_of_ipv6_counts_as_one_address_and_each_of_ipv4_as_its_own(
        server, pki, tmp_path, way, same, other):
    running = Proxy(server, pki, tmp_path, TOLD_ADDRESSES)
    try:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            held = list(pool.map(lambda n: connect_from(same.format(n), running, way),
                                 range(1, MOST_CONNECTIONS + 6)))
        assert sum(connection is None for connection in held) == 5
        assert connect_from(other, running, way) is not None
    finally:
        running.stop()


def test_every_count_is_of_a_64_or_an_address():
    counts = [line for line in CONFIGURATION.read_text().splitlines() if "track-sc" in line]
    assert len(counts) == 3 and all(" src,ipmask(32,64)" in line for line in counts), counts
