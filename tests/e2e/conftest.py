"""Fixtures of the black-box tests."""

import pytest

from tests.e2e import harness


@pytest.fixture
def server(tmp_path):
    """A server with an empty store."""
    running = harness.Server(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture
def denmark(server):
    """A server with the Danish pack and its sample values."""
    harness.apply_pack(server)
    return server


@pytest.fixture(scope="module")
def shared_denmark(tmp_path_factory):
    """A server with the Danish pack for tests that change nothing."""
    running = harness.Server(tmp_path_factory.mktemp("shared")).start()
    harness.apply_pack(running)
    yield running
    running.stop()
