"""Random principals, objects and methods, against the small table of table.py and the views of model.py.

TRIALGATE_ACCESS_SECONDS says for how long (default 5), TRIALGATE_ACCESS_SEED with what seed; it is printed.
Loopback only; stops by itself.
"""

import os
import random
import time

import pytest
from tests.access import calls, wire
from tests.access.model import Principal
from tests.access.prober import MALFORMED_PRINCIPALS, Prober, roles_of
from tests.access.table import RULES
from tests.access.world import ALPHA, SERVER_FLAGS, World
from tests.e2e import harness

SECONDS = float(os.environ.get("TRIALGATE_ACCESS_SECONDS", "5"))
SEED = int(os.environ.get("TRIALGATE_ACCESS_SEED") or random.SystemRandom().randrange(2**32))
# Whatever the time, no more than this.
MAX_STEPS = 5_000_000
ROLES = {
    "requester": Principal("requester", ALPHA), "coordinator": Principal("coordinator", desks=("desks/skane",)),
    "national": Principal("national"), "auditor": Principal("auditor"), "operator": Principal("operator")}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    print(f"TRIALGATE_ACCESS_SEED={SEED}")
    server = harness.Server(tmp_path_factory.mktemp("access"), SERVER_FLAGS)
    # Of ten minutes: too big to be searched by logs_test.py as well.
    server.log_file = server.folder / "server.log"
    server.start()
    try:
        yield World(server, random.Random(SEED)).populate()
    finally:
        server.stop()
        server.log_file.unlink()


def test_every_method_has_a_line_in_the_table_and_every_line_a_method():
    assert set(wire.methods()) == set(RULES)


def test_a_role_that_may_not_call_is_denied_whatever_it_sends(world):
    prober = Prober(world, random.Random(SEED))
    for name, rule in RULES.items():
        for role, principal in ROLES.items():
            if role not in roles_of(rule):
                for _ in range(4):
                    prober.denied(principal, world.methods[name])
    assert prober.count["denied"] >= 100


def test_nobody_or_a_malformed_principal_is_unauthenticated(world):
    for method in world.methods.values():
        for principal in MALFORMED_PRINCIPALS:
            outcome = world.wire.call(method, calls.garbage_bytes(world.rng), principal)
            assert (outcome.code, outcome.reason) == ("UNAUTHENTICATED", "NO_PRINCIPAL"), (
                principal, str(outcome))


def test_what_one_may_is_what_check_access_says(world):
    for name, rule in RULES.items():
        for role, principal in ROLES.items():
            said = world.must(principal, "CheckAccess", method=name.split(".")[1])
            assert said.allowed == (role in roles_of(rule)), (role, name)


def test_random_calls_are_answered_as_the_table_and_the_model_say(world):
    prober = Prober(world, world.rng)
    until = time.monotonic() + SECONDS
    for _ in range(MAX_STEPS):
        if time.monotonic() > until:
            break
        prober.step()
    print(f"\nseed {SEED}: {dict(prober.count)}; {len(world.model.requests)} requests")
    assert all(prober.count[kind] for kind in ("denied", "hidden", "content", "lists", "unauthenticated"))
