#!/usr/bin/python3
"""How long a change takes to reach those who watch, and what watching costs: against the real server.

    cmake --preset release && ninja -C build/release trialgate-server trialgate_python_protos
    TRIALGATE_BUILD_DIR=$PWD/build/release PYTHONPATH=$PWD/build/release/python:$PWD tests/bench/watch_bench.py

Client and server share the machine. The client is one Python process with a thread for each stream, so what
the last of many waits for is for the most part the client; the server's own part is told as its CPU time.
"""

import statistics
import tempfile
import threading
import time

import grpc
from trialgate.v1 import referral_service_pb2 as referrals_pb

from tests.e2e import harness
from tests.e2e.slow_watch_test import resident, seconds_used
from tests.e2e.watch_test import acknowledge, referrals_of, submit

ROUNDS = 20
IDLE_SECONDS = 20
CHANNELS = 8
METHOD = "/trialgate.v1.ReferralService/WatchReferrals"


class Watchers:
    """`count` watchers of one request; each notes when a message comes."""

    def __init__(self, server, count, parent):
        self.channels = [grpc.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)])
                         for _ in range(min(count, CHANNELS))]
        sent = referrals_pb.WatchReferralsRequest(parent=parent).SerializeToString()
        self.came = threading.Semaphore(0)
        self.times = []
        self.calls = [
            self.channels[i % len(self.channels)].unary_stream(METHOD)(
                sent, metadata=[("trialgate-principal", f"national::n{i // 16}")], timeout=600)
            for i in range(count)]
        for call in self.calls:
            threading.Thread(target=self.read, args=(call,), daemon=True).start()
        self.wait()

    def read(self, call):
        try:
            for _ in call:
                self.times.append(time.perf_counter())
                self.came.release()
        except grpc.RpcError:
            return

    def wait(self):
        """When the first and the last of one message for each came."""
        for _ in self.calls:
            assert self.came.acquire(timeout=120)
        times, self.times = self.times, []
        return min(times), max(times)

    def close(self):
        for call in self.calls:
            call.cancel()


def measure(server, count):
    pid = server.process.pid
    submitted = submit(server)
    before = resident(pid)
    watchers = Watchers(server, count, submitted.trial_request.name)
    memory = (resident(pid) - before) / count / 1024
    time.sleep(2)  # what the first messages brought along is written
    used = seconds_used(pid)
    time.sleep(IDLE_SECONDS)
    idle = (seconds_used(pid) - used) / IDLE_SECONDS
    firsts, lasts, used, rounds = [], [], seconds_used(pid), 0
    while rounds < ROUNDS:
        for referral in referrals_of(server, submitted):
            if rounds == ROUNDS or referral.state != 1:
                continue
            acknowledge(server, referral)
            committed = time.perf_counter()
            first, last = watchers.wait()
            firsts.append(1e3 * (first - committed))
            lasts.append(1e3 * (last - committed))
            rounds += 1
        watchers.close()
        if rounds < ROUNDS:
            submitted = submit(server)
            watchers = Watchers(server, count, submitted.trial_request.name)
    watchers.close()
    return count, statistics.median(firsts), statistics.median(lasts), idle, memory


def main():
    print("| watchers | first ms | last ms | idle, of a core | KiB each |\n|---:|---:|---:|---:|---:|")
    for count in (1, 100, 1000):
        with tempfile.TemporaryDirectory() as folder:
            server = harness.Server(folder, [*harness.UNLIMITED, "--max-streams=3000"]).start()
            harness.apply_pack(server)
            row = measure(server, count)
            print(f"| {row[0]:,} | {row[1]:.1f} | {row[2]:.1f} | {row[3]:.2%} | {row[4]:.0f} |", flush=True)
            server.kill()


if __name__ == "__main__":
    main()
