"""Requests from 64 calls in flight, answers and capacity changes running, and a kill in the middle.

TRIALGATE_CRASH_REQUESTS says how many (default 20000). Loopback only; stops by itself.
"""

import os
import subprocess
import time

from tests.e2e import harness

REQUESTS = int(os.environ.get("TRIALGATE_CRASH_REQUESTS", "20000"))
LOAD = harness.BUILD / "tools" / "load" / "trialgate-load"


def requests(path):
    """Requests that the ledger says were acknowledged."""
    return path.read_bytes().count(b"request ") if path.exists() else 0


def test_nothing_acknowledged_is_lost_and_no_slot_oversold_when_the_server_is_killed(tmp_path):
    server = harness.Server(tmp_path, harness.UNLIMITED, clock=None).start()
    harness.apply_pack(server)
    ledger = tmp_path / "ledger.txt"
    load = subprocess.Popen(
        [LOAD, "run", "--server", server.address, "--ledger", ledger, "--requests", str(REQUESTS),
         "--in-flight", "64"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        deadline = time.monotonic() + 600
        while requests(ledger) < REQUESTS // 2:
            assert load.poll() is None, load.communicate()[0]
            assert time.monotonic() < deadline, "the load did not get half way"
            time.sleep(0.02)  # another process makes the ledger grow
        server.kill()
        at_kill = requests(ledger)
        server.start(listen=server.address, metrics=server.metrics_address)
        said = load.communicate(timeout=600)[0]
    finally:
        if load.poll() is None:
            load.kill()
            load.wait()
    print(f"killed after {at_kill} acknowledged requests\n{said}")
    assert load.returncode == 0, said
    verified = subprocess.run(
        [LOAD, "verify", "--server", server.address, "--ledger", ledger, "--expect", str(REQUESTS)],
        capture_output=True, text=True, timeout=600, check=False)
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        memory = [line.strip() for line in status if line.startswith("VmHWM")]
    print(verified.stdout, *memory)
    server.stop()
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert requests(ledger) == REQUESTS
