"""A client that is cut off and goes on, again and again, while things change at random: by a seed."""

import random

import pytest
from trialgate.v1 import directory_pb2
from trialgate.v1 import directory_service_pb2 as directory_pb
from trialgate.v1 import referral_service_pb2 as referrals_pb

from tests.e2e import harness
from tests.e2e.harness import NATIONAL, coordinator
from tests.e2e.watch_test import (SENT, acknowledge, decline, referrals_of, submit, wait_for, watch_directory,
                                  watch_inbox, watch_request, withdraw)


class Folded:
    """What a client knows that has read a stream: the newest version of each, and that none came twice."""

    def __init__(self):
        self.etags = {}
        self.seen = set()

    def take(self, messages, *fields):
        for message in messages:
            for field in fields:
                for record in getattr(message, field):
                    told = (record.name, record.etag)
                    assert told not in self.seen, f"told twice: {told}"
                    assert int(record.etag) > int(self.etags.get(record.name, 0)), f"out of order: {told}"
                    self.seen.add(told)
                    self.etags[record.name] = record.etag


@pytest.mark.parametrize("seed", [20261124, random.randrange(1 << 32)])
def test_whatever_happens_a_client_that_resumes_misses_nothing_and_is_told_nothing_twice(tmp_path, seed):
    print(f"seed {seed}")
    rng = random.Random(seed)
    server = harness.Server(tmp_path, harness.UNLIMITED).start()
    harness.apply_pack(server)
    first = submit(server)
    desk = first.report.referrals[0].desk
    opens = {
        "inbox": lambda token: watch_inbox(server, desk, token),
        "request": lambda token: watch_request(server, NATIONAL, first.trial_request.name, token),
        "directory": lambda token: watch_directory(server, NATIONAL, token),
    }
    fields = {"inbox": ["referrals"], "request": ["referrals"], "directory": ["capacities", "sites"]}
    folded = {kind: Folded() for kind in opens}
    watches = {kind: opens[kind]("") for kind in opens}
    requests = [first]
    national = server.client(NATIONAL)

    def some_referral(state):
        found = [r for s in requests for r in referrals_of(server, s) if r.state == state]
        return rng.choice(found) if found else None

    def read(kind):
        folded[kind].take(watches[kind].all_there(), *fields[kind])

    for _ in range(60):
        act = rng.choice("sssaaaadddwcccxxxR" if rng.random() < 0.5 else "aadcx")
        if act == "s" and len(requests) < 12:
            requests.append(submit(server))
        elif act in "ad":
            referral = some_referral(SENT)
            if referral is not None:
                (acknowledge if act == "a" else decline)(server, referral)
        elif act == "w" and len(requests) > 2:
            try:
                withdraw(server, requests.pop().trial_request.name)
            except harness.Failure as failure:
                assert failure.reason == "WRONG_STATE"
        elif act == "c":
            site = rng.choice(national.directory.ListSites(directory_pb.ListSitesRequest(page_size=20)).sites)
            slots = rng.randrange(40, 60)
            national.directory.UpdateSiteCapacity(directory_pb.UpdateSiteCapacityRequest(
                capacity=directory_pb2.SiteCapacity(name=site.name + "/capacity", slots=slots),
                request_id=harness.request_id()))
        elif act == "x":
            kind = rng.choice(sorted(watches))
            watches[kind].cancel()
            read(kind)
            watches[kind] = opens[kind](watches[kind].token)
        elif act == "R":
            rng.choice([server.stop, server.kill])()
            server.start()
            national = server.client(NATIONAL)
            for kind, watch in watches.items():
                watch.end()
                read(kind)
                watches[kind] = opens[kind](watch.token)

    expected = {
        "inbox": {r.name: r.etag for r in server.client(coordinator(desk)).referral.ListReferrals(
            referrals_pb.ListReferralsRequest(parent="trialRequests/-", desk=desk,
                                              page_size=1000)).referrals},
        "request": {r.name: r.etag for r in referrals_of(server, first)},
        "directory": {s.name: s.etag for s in national.directory.ListSites(
            directory_pb.ListSitesRequest(page_size=1000)).sites},
    }
    for site in list(expected["directory"]):
        capacity = national.directory.GetSiteCapacity(
            directory_pb.GetSiteCapacityRequest(name=site + "/capacity"))
        if capacity.etag != "0":
            expected["directory"][capacity.name] = capacity.etag

    def caught_up(kind):
        read(kind)
        return all(folded[kind].etags.get(name) == etag for name, etag in expected[kind].items())

    for kind in watches:
        wait_for(lambda kind=kind: caught_up(kind))
    server.stop()
