"""Watchers that cost: those that take nothing, and very many that wait. Frame by frame where need be."""

import contextlib
import os
import struct
import time

import grpc
from trialgate.v1 import directory_service_pb2 as directory_pb
from trialgate.v1 import referral_service_pb2 as referrals_pb

from tests.e2e import harness
from tests.e2e.harness import NATIONAL
from tests.e2e.watch_test import metric, wait_for
from tests.support.http2_client import (CALL, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM,
                                        Http2Client)

WATCHERS = 1000
SECONDS = 10
WINDOW_UPDATE = 8
ABORTED = b"grpc-status\x0210"


class DeafWatcher:
    """Asks for the directory, and lets no more than the first 64 KiB come."""

    def __init__(self, server):
        self.client = Http2Client(server.address)
        path = (":path", "/trialgate.v1.DirectoryService/WatchDirectory")
        headers = [path if name == ":path" else (name, value) for name, value in CALL]
        message = directory_pb.WatchDirectoryRequest().SerializeToString()
        self.client.send(self.client.request(headers + [("trialgate-principal", NATIONAL)], END_HEADERS))
        self.client.send(self.client.frame(DATA, END_STREAM, self.client.stream,
                                           b"\0" + struct.pack(">I", len(message)) + message))

    def listen(self):
        """Takes what is there: the data, and the block of the trailers."""
        for stream in (0, self.client.stream):
            self.client.send(self.client.frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 64 << 20)))
        data = b""
        for kind, flags, stream, payload in self.client.frames():
            if kind == DATA:
                data += payload
            if kind == HEADERS and flags & END_STREAM:
                return data, payload
            if kind in (RST_STREAM, GOAWAY):
                break
        return data, b""


def serve(folder, *arguments):
    server = harness.Server(folder, [*harness.UNLIMITED, *arguments]).start()
    harness.apply_pack(server)
    return server


def test_who_takes_nothing_is_closed_with_its_token_and_cut_off_when_it_takes_not_even_that(tmp_path):
    server = serve(tmp_path, "--max-stream-write-seconds=4")
    late, never = DeafWatcher(server), DeafWatcher(server)
    wait_for(lambda: metric(server, "trialgate_streams_open") == 2)
    wait_for(lambda: metric(server, "trialgate_streams_open") == 0)
    # Their places are free, and their end waits for them; the status comes behind the message.
    data, trailers = late.listen()
    assert len(data) > 64 << 10 and ABORTED in trailers and b"with the token" in trailers
    assert server.log().count('"SLOW_WATCHER"') == 2
    time.sleep(6)  # until it is cut off: there is nothing to wait for, as this client hears nothing
    data, trailers = never.listen()
    assert len(data) <= 64 << 10 and ABORTED not in trailers
    late.client.close()
    never.client.close()
    server.stop()


def seconds_used(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_thousand_who_wait_take_hardly_any_time_or_memory(tmp_path):
    server = serve(tmp_path, "--max-streams=1100")
    pid = server.process.pid
    before = resident(pid)
    channels = [grpc.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)])
                for _ in range(4)]
    sent = referrals_pb.WatchReferralsRequest(
        parent="trialRequests/-", desk="desks/zealand").SerializeToString()
    calls = []
    for i in range(WATCHERS):
        call = channels[i % 4].unary_stream("/trialgate.v1.ReferralService/WatchReferrals")(
            sent, metadata=[("trialgate-principal", f"national::n{i // 16}")], timeout=300)
        calls.append(call)
    for call in calls:
        next(call)
    assert metric(server, "trialgate_streams_open") == WATCHERS
    memory = (resident(pid) - before) / WATCHERS
    # The reads of the first messages are recorded still.
    time.sleep(1)
    began, used = time.monotonic(), seconds_used(pid)
    time.sleep(SECONDS)
    share = (seconds_used(pid) - used) / (time.monotonic() - began)
    print(f"{WATCHERS} watchers that wait: {share:.2%} of a core, {memory / 1024:.0f} KiB each")
    assert share < 0.03
    assert memory < 64 << 10
    for call in calls:
        call.cancel()
    with contextlib.suppress(grpc.RpcError):
        list(calls[0])
    wait_for(lambda: metric(server, "trialgate_streams_open") == 0)
    server.stop()
