"""Calls of the tests of TLS, and waiting for what a server takes from its files."""

import time

from tests.e2e.harness import Failure
from trialgate.v1 import directory_service_pb2 as directory_pb

# The server looks at its files twice a second, and takes them at the second look.
SOON = 15


def list_regions(client):
    return client.directory.ListRegions(directory_pb.ListRegionsRequest())


def until(condition, what):
    """Waits for another process: returns once `condition` holds."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, f"not within {SOON} s: {what}"
        time.sleep(0.05)


def refusal(call):
    """Why `call` is refused; empty if it is not."""
    try:
        call()
    except Failure as failure:
        return failure.reason or failure.code.name
    return ""
