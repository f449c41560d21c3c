"""Streams: what is told, how they go on, and how they end."""

import re
import time
import urllib.request

import grpc
import pytest
from google.protobuf import json_format
from trialgate.v1 import access_service_pb2 as access_pb
from trialgate.v1 import access_service_pb2_grpc as access_grpc
from trialgate.v1 import directory_pb2
from trialgate.v1 import directory_service_pb2 as directory_pb
from trialgate.v1 import referral_pb2
from trialgate.v1 import referral_service_pb2 as referrals_pb
from trialgate.v1 import trial_request_pb2
from trialgate.v1 import trial_request_service_pb2 as requests_pb

from tests.e2e import harness
from tests.e2e.harness import NATIONAL, REQUESTER, Failure, coordinator
from tests.e2e.watching import Watch

ACKNOWLEDGED = referral_pb2.REFERRAL_STATE_ACKNOWLEDGED
DECLINED = referral_pb2.REFERRAL_STATE_DECLINED
SENT = referral_pb2.REFERRAL_STATE_SENT
OTHER_REQUESTER = "requester:organizations/other-pharma:otto"


def submit(server, **changes):
    return server.client(REQUESTER).requests.SubmitTrialRequest(requests_pb.SubmitTrialRequestRequest(
        trial_request=harness.trial(**changes), request_id=harness.request_id()))


def acknowledge(server, referral):
    return server.client(coordinator(referral.desk)).referral.AcknowledgeReferral(
        referrals_pb.AcknowledgeReferralRequest(name=referral.name, request_id=harness.request_id()))


def decline(server, referral):
    return server.client(coordinator(referral.desk)).referral.DeclineReferral(
        referrals_pb.DeclineReferralRequest(
            name=referral.name, decline=referral_pb2.Refusal(reason="REFUSAL_REASON_NO_CAPACITY"),
            request_id=harness.request_id()))


def withdraw(server, name):
    return server.client(NATIONAL).requests.WithdrawTrialRequest(
        requests_pb.WithdrawTrialRequestRequest(name=name, reason="tried", request_id=harness.request_id()))


def watch_request(server, principal, name, token=""):
    return Watch(server.client(principal), "WatchTrialRequest",
                 requests_pb.WatchTrialRequestRequest(name=name, resume_token=token))


def watch_inbox(server, desk, token="", principal=None):
    return Watch(server.client(principal or coordinator(desk)), "WatchReferrals",
                 referrals_pb.WatchReferralsRequest(parent="trialRequests/-", desk=desk,
                                                    resume_token=token))


def watch_directory(server, principal=NATIONAL, token=""):
    return Watch(server.client(principal), "WatchDirectory",
                 directory_pb.WatchDirectoryRequest(resume_token=token))


def referrals_of(server, submitted):
    return server.client(NATIONAL).referral.ListReferrals(referrals_pb.ListReferralsRequest(
        parent=submitted.trial_request.name)).referrals


def metric(server, name):
    """The sum of a metric's series."""
    with urllib.request.urlopen(f"http://{server.metrics_address}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.M))


def wait_for(condition, seconds=30):
    """Waits for another process to do something."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def test_a_request_is_told_as_it_is_and_then_what_changes(denmark):
    submitted = submit(denmark)
    name = submitted.trial_request.name
    watch = watch_request(denmark, REQUESTER, name)
    first = watch.next()
    assert first.trial_request.state == trial_request_pb2.TRIAL_REQUEST_STATE_ROUTED
    told = sorted(referral.name for referral in first.referrals)
    assert told == sorted(referral.name for referral in referrals_of(denmark, submitted))
    assert not first.more and first.resume_token

    one = first.referrals[0]
    acknowledge(denmark, one)
    changed = watch.next()
    assert [(r.name, r.state) for r in changed.referrals] == [(one.name, ACKNOWLEDGED)]
    assert not changed.HasField("trial_request") and not changed.removed_referrals

    for referral in first.referrals:
        decline(denmark, referral)
    answered = watch.next()
    while not answered.HasField("trial_request"):
        answered = watch.next()
    assert answered.trial_request.state == trial_request_pb2.TRIAL_REQUEST_STATE_ANSWERED
    assert answered.trial_request.answer_version == 1
    watch.cancel()


def test_an_inbox_is_told_as_it_is_and_then_what_comes_changes_and_goes(denmark):
    desk = submit(denmark).report.referrals[0].desk
    watch = watch_inbox(denmark, desk)
    (before,) = [r for message in watch.state() for r in message.referrals]
    second = submit(denmark)
    came = watch.next().referrals
    assert [(r.desk, r.state) for r in came] == [(desk, SENT)]
    assert came[0].name.startswith(second.trial_request.name)
    # It leaves the list of those that are open, and is told once more.
    decline(denmark, before)
    assert [(r.name, r.state) for r in watch.next().referrals] == [(before.name, DECLINED)]
    watch.cancel()


def test_the_inbox_of_a_desk_that_is_not_there_is_not_found(denmark):
    call = {"parent": "trialRequests/-", "desk": "desks/nowhere"}
    national = denmark.client(NATIONAL)
    with pytest.raises(Failure) as failure:
        national.referral.ListReferrals(referrals_pb.ListReferralsRequest(**call))
    assert (failure.value.code.name, failure.value.reason) == ("NOT_FOUND", "NOT_FOUND")
    assert failure.value.message == '"desks/nowhere" does not exist, or is not yours to see'
    watch = Watch(national, "WatchReferrals", referrals_pb.WatchReferralsRequest(**call))
    ended = watch.end()
    assert (ended.code.name, ended.reason) == ("NOT_FOUND", "NOT_FOUND")


def test_a_stream_goes_on_with_what_has_changed_since(denmark):
    submitted = submit(denmark)
    name = submitted.trial_request.name
    watch = watch_request(denmark, NATIONAL, name)
    first, second = watch.next().referrals[:2]
    watch.cancel()
    acknowledge(denmark, first)
    decline(denmark, first)
    acknowledge(denmark, second)
    resumed = watch_request(denmark, NATIONAL, name, watch.token)
    message = resumed.next()
    # Each once, as it is now.
    assert sorted((r.name, r.state) for r in message.referrals) == sorted(
        [(first.name, DECLINED), (second.name, ACKNOWLEDGED)])
    assert not message.HasField("trial_request")
    resumed.cancel()
    # Nothing has changed: only a token comes.
    nothing = watch_request(denmark, NATIONAL, name, resumed.token).next()
    assert not nothing.referrals and not nothing.HasField("trial_request") and nothing.resume_token


def test_a_token_is_its_callers_and_its_querys(denmark):
    submitted = submit(denmark)
    name, desk = submitted.trial_request.name, submitted.report.referrals[0].desk
    watch = watch_request(denmark, NATIONAL, name)
    watch.next()
    token = watch.token
    damaged = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    for other in (watch_request(denmark, REQUESTER, name, token),
                  watch_request(denmark, "national::nils", name, token),
                  watch_request(denmark, NATIONAL, name, damaged),
                  watch_inbox(denmark, desk, token, NATIONAL), watch_directory(denmark, NATIONAL, token),
                  watch_request(denmark, NATIONAL, name, "x" * 5000)):
        failure = other.end()
        assert (failure.code, failure.reason) == (
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_RESUME_TOKEN")
    watch.cancel()


def test_a_token_of_another_trail_has_expired(tmp_path):
    """As after a backup was put back: whether its trail is shorter by now, or longer."""
    tokens = []
    for fields in ({"patientsWanted": 60}, {"patientsWanted": 61}):
        server = harness.Server(tmp_path / str(len(tokens)), ["--store=memory"]).start()
        harness.apply_pack(server)
        if tokens:
            for commits in (0, 5):
                for _ in range(commits):
                    submit(server, **fields)
                failure = watch_directory(server, NATIONAL, tokens[0]).end()
                assert (failure.code, failure.reason) == (
                    grpc.StatusCode.OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED")
        for _ in range(3):
            submit(server, **fields)
        watch = watch_directory(server)
        watch.state()
        tokens.append(watch.token)
        server.stop()


def test_a_stranger_watches_nothing_of_others(denmark):
    submitted = submit(denmark)
    name = submitted.trial_request.name
    desks = {referral.desk for referral in submitted.report.referrals}
    stranger = coordinator("desks/of-strangers")
    for watch in (watch_request(denmark, OTHER_REQUESTER, name), watch_request(denmark, stranger, name),
                  watch_inbox(denmark, next(iter(desks)), principal=stranger),
                  watch_inbox(denmark, next(iter(desks)), principal=REQUESTER)):
        assert watch.end().reason == "NOT_FOUND"
    for principal in (harness.AUDITOR, harness.OPERATOR):
        assert watch_directory(denmark, principal).end().reason == "ROLE_NOT_PERMITTED"


def test_the_directory_is_told_to_each_as_they_may_see_it(denmark):
    def told(principal):
        messages = watch_directory(denmark, principal).state()
        return {field: sum(len(getattr(message, field)) for message in messages)
                for field in ("regions", "desks", "contacts", "sites", "capacities", "organizations")}

    national, requester = told(NATIONAL), told(REQUESTER)
    assert all(national.values()), national
    assert requester["sites"] == national["sites"] and requester["desks"] == national["desks"]
    assert (requester["contacts"], requester["capacities"], requester["organizations"]) == (0, 0, 1)
    some_desk = submit(denmark).report.referrals[0].desk
    watch = watch_directory(denmark, coordinator(some_desk))
    assert not any(message.organizations for message in watch.state())
    with_ledger = [c for m in watch_directory(denmark).state() for c in m.capacities]
    changed = directory_pb2.SiteCapacity(name=with_ledger[0].name, slots=with_ledger[0].slots + 1)
    denmark.client(NATIONAL).directory.UpdateSiteCapacity(directory_pb.UpdateSiteCapacityRequest(
        capacity=changed, request_id=harness.request_id()))
    message = watch.next()
    assert [(c.name, c.slots) for c in message.capacities] == [(changed.name, changed.slots)]
    assert not (message.sites or message.regions or message.desks or message.removed)
    watch.cancel()


def test_a_desk_sees_a_blinded_request_as_it_is_from_a_cda_on_and_until_it_is_revoked(denmark):
    title = harness.trial().title
    submitted = submit(denmark, confidentiality="CONFIDENTIALITY_BLINDED",
                       blindedTitle="A register study in urology")
    desk = submitted.report.referrals[0].desk
    watch = watch_request(denmark, coordinator(desk), submitted.trial_request.name)
    assert title not in str(watch.next())
    access = harness.Stub(access_grpc.AccessServiceStub(denmark.client(NATIONAL).channel), NATIONAL)
    cda = access.CreateCda(json_format.ParseDict({
        "cda": {"sponsor": "organizations/nordic-demo-pharma", "desk": desk, "effectiveDate": "2026-11-01",
                "reference": "CDA 17/2026"},
        "requestId": harness.request_id()}, access_pb.CreateCdaRequest()))
    assert watch.next().trial_request.title == title
    access.RevokeCda(access_pb.RevokeCdaRequest(name=cda.name, reason="ended",
                                                request_id=harness.request_id()))
    assert watch.next().trial_request.title != title
    watch.cancel()


def test_a_caller_has_so_many_streams_and_places_are_given_back(tmp_path):
    server = harness.Server(tmp_path, ["--max-streams-per-caller=3", "--max-streams=5"]).start()
    mine = [watch_directory(server) for _ in range(3)]
    for watch in mine:
        watch.state()
    refused = watch_directory(server).end()
    assert (refused.code, refused.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS")
    assert refused.retry_after > 0
    others = [watch_directory(server, "national::nils") for _ in range(2)]
    for watch in others:
        watch.state()
    refused = watch_directory(server, "national::nina").end()
    assert (refused.reason, refused.retry_after > 0) == ("OVERLOADED", True)
    assert metric(server, "trialgate_streams_open") == 5
    mine[0].cancel()
    wait_for(lambda: metric(server, "trialgate_streams_open") == 4)
    watch_directory(server).state()
    server.stop()


def test_streams_end_at_once_with_their_token_when_the_server_stops(tmp_path):
    server = harness.Server(tmp_path, ["--shutdown-grace-seconds=60"]).start()
    harness.apply_pack(server)
    watches = [watch_directory(server) for _ in range(10)]
    for watch in watches:
        watch.state()
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 10
    for watch in watches:
        failure = watch.end()
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "STREAM_ENDED")
        assert failure.metadata["resume_token"] == watch.token
    server.start()
    resumed = watch_directory(server, NATIONAL, watches[0].token)
    assert not resumed.next().sites
    server.stop()


def test_a_stream_that_lived_long_enough_ends_with_its_token(tmp_path):
    server = harness.Server(tmp_path, ["--max-stream-seconds=1"]).start()
    watch = watch_directory(server)
    watch.state()
    failure = watch.end()
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "STREAM_ENDED")
    assert failure.metadata["resume_token"] == watch.token
    server.stop()


def test_a_token_is_renewed_while_other_things_change(tmp_path):
    server = harness.Server(tmp_path, ["--stream-token-seconds=1"]).start()
    harness.apply_pack(server)
    watch = watch_inbox(server, "desks/idea-clinic", principal=NATIONAL)
    token = watch.next().resume_token
    submit(server)
    renewed = watch.next()
    assert renewed.resume_token != token and not renewed.referrals
    server.stop()
