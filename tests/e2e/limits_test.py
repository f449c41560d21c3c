"""Limits that gRPC keeps for the server: common/rpc/LIMITS.md names each. Frame by frame, on loopback."""

import contextlib
import struct

import grpc
import pytest

from tests.e2e import harness
from tests.e2e.harness import NATIONAL
from tests.support.http2_client import (ACK, CALL, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM,
                                        SETTINGS, Http2Client)

MAX_CONCURRENT_STREAMS = 3  # of the settings
PING = 6
STREAMS = 1000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = harness.Server(
        tmp_path_factory.mktemp("limits"), ["--rate-failed-logins=unlimited"]).start()
    yield server
    server.stop()


@pytest.fixture
def connection(running):
    client = Http2Client(running.address)
    client.socket.settimeout(5)
    yield client
    client.close()


def assert_alive(server):
    """Others are answered. On a connection of their own: gRPC may end that on which a limit was broken."""
    assert server.process.poll() is None
    with grpc.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        call = channel.unary_unary("/trialgate.v1.DirectoryService/ListRegions")
        call(b"", metadata=[("trialgate-principal", NATIONAL)], timeout=20)


def first(client, *kinds):
    """The first frame of one of `kinds`; None where the connection ends before."""
    return next((frame for frame in client.frames() if frame[0] in kinds), None)


def test_who_may_not_call_is_answered_before_a_message(running, connection):
    """So nobody else makes the server keep one."""
    connection.send(connection.request(CALL, flags=END_HEADERS))
    kind, flags, _, block = first(connection, HEADERS, RST_STREAM, GOAWAY)
    assert kind == HEADERS and flags & END_STREAM and b"grpc-status" in block and b"16" in block
    assert_alive(running)


def test_metadata_beyond_the_limit_is_refused_with_words(running):
    call = running.client(NATIONAL).channel.unary_unary("/trialgate.v1.DirectoryService/ListRegions")
    with pytest.raises(grpc.RpcError) as error:
        call(b"", metadata=[("trialgate-principal", NATIONAL), ("x-large", "x" * 20_000)], timeout=20)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert_alive(running)


@pytest.mark.parametrize("odd", [
    ("te", "x"), (":scheme", "x"), ("grpclb_client_stats", "x"), ("x-bin", "!!not base64!!"),
    ("x-large", "x" * 100_000)])
def test_odd_headers_and_too_many_do_not_end_the_server(running, connection, odd):
    headers = [odd if header[0] == odd[0] else header for header in CALL]
    headers += [odd] if odd not in headers else []
    fill = [(f"x-fill-{n}", "x" * 1000) for n in range(20)]
    with contextlib.suppress(OSError):
        connection.send(connection.request(headers + fill))
        first(connection, HEADERS, RST_STREAM, GOAWAY)
    assert_alive(running)


def test_a_connection_is_told_how_many_streams_it_may_have(connection):
    _, _, _, settings = first(connection, SETTINGS)
    told = {struct.unpack(">HI", settings[i:i + 6])[0]: struct.unpack(">HI", settings[i:i + 6])[1]
            for i in range(0, len(settings), 6)}
    assert told[MAX_CONCURRENT_STREAMS] == STREAMS


def test_streams_beyond_that_are_not_taken(running, connection):
    # gRPC keeps to the number once the client has acknowledged it; what never does so is the proxy's to
    # stop. No stream is ever ended, so that all stay open.
    assert first(connection, SETTINGS) is not None
    connection.send(connection.frame(SETTINGS, ACK, 0, b""))
    with contextlib.suppress(OSError):
        for _ in range(STREAMS + 200):
            connection.send(connection.request(CALL, END_HEADERS))
    refused = first(connection, RST_STREAM, GOAWAY)
    assert refused is not None and refused[0] in (RST_STREAM, GOAWAY)
    assert_alive(running)


def test_a_client_that_pings_without_end_is_sent_away(running, connection):
    with contextlib.suppress(OSError):
        for n in range(20):
            connection.send(connection.frame(PING, 0, 0, struct.pack(">Q", n)))
    away = first(connection, GOAWAY)
    assert away is not None and b"too_many_pings" in away[3]
    assert_alive(running)
