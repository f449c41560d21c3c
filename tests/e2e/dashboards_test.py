"""The dashboards of deploy/grafana: every query of them has data in a real Prometheus that scrapes real
servers under load."""

import copy
import json
import math
import re
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, request_id, trial
from tests.e2e.main_job_test import answer, decline, offer, referrals_of, submit
from tests.e2e.pki import Pki
from tests.e2e.watching import Watch
from tests.support import grafana
from tests.support import prometheus as support
from tests.support.prometheus import eventually
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    directory_service_pb2 as directory_pb,
    feasibility_service_pb2 as feasibility_pb,
    referral_service_pb2 as referral_pb,
    trial_request_service_pb2 as request_pb,
)

FILES = sorted((harness.ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
BOARDS = {path.stem: json.loads(path.read_text()) for path in FILES}
ROUNDS = 5
SCRAPE = 1  # seconds
# Metrics of the server that no panel needs to show, each with the reason.
NOT_SHOWN = {
    "process_virtual_memory_bytes": "resident memory says what is used",
    "trialgate_metrics_samples_dropped_total": "a fault of the program, found by its tests",
}

needs_prometheus = pytest.mark.skipif(not support.installed(), reason="prometheus is not installed")


def refused(call):
    with pytest.raises(Failure):
        call()


def work(server, number):
    """One round of everything that the dashboards show: each call is there, and each kind of error."""
    requester, national = server.client(REQUESTER), server.client(NATIONAL)
    requester.feasibility.AssessTrialRequest(
        feasibility_pb.AssessTrialRequestRequest(trial_request=trial()))
    name = submit(server, title=f"Study {number}").trial_request.name
    # Looks on until the server stops.
    Watch(requester, "WatchTrialRequest", request_pb.WatchTrialRequestRequest(name=name)).next()
    referrals = referrals_of(server, name)
    desk = server.client(harness.coordinator(referrals[0].desk))
    desk.referral.AcknowledgeReferral(
        referral_pb.AcknowledgeReferralRequest(name=referrals[0].name, request_id=request_id()))
    # Of every second request all desks answer; the others lie, and become overdue. Slots of sites
    # are few: only the first holds some.
    if number % 2 == 0:
        for referral in referrals[1:]:
            decline(server, referral)
        answer(server, referrals[0], [offer(s, firm=number == 0) for s in referrals[0].sites])
    requester.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest())
    server.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest())
    refused(lambda: submit(server, patientsWanted=-1))
    refused(lambda: decline(server, referrals[0]) and decline(server, referrals[0]))
    refused(lambda: national.requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name="trialRequests/00000000000000000000000000")))
    refused(lambda: requester.directory.ApplyPack(directory_pb.ApplyPackRequest()))
    refused(lambda: server.client("").directory.ListSites(directory_pb.ListSitesRequest()))


class Country:
    """A signing server with the country's work, a second one over TLS, and what scrapes both."""

    def __init__(self, folder):
        key = folder / "key"
        subprocess.run(
            [harness.BUILD / "tools" / "cli" / "trialgate", "audit", "make-key", key],
            check=True, capture_output=True)
        self.busy = harness.Server(
            folder / "busy",
            [f"--audit-key={key}", "--audit-checkpoint-commits=1", *harness.UNLIMITED]).start()
        self.secured = harness.Server(folder / "secured", tls=Pki(folder / "pki")).start()
        targets = [self.busy.metrics_address, self.secured.metrics_address]
        self.prometheus = support.Prometheus(folder / "prometheus", targets)
        self.begin = time.time()

    def await_scrape(self):
        """Until Prometheus has read the busy server once more, so that the load lies in time."""
        up = f'up{{instance="{self.busy.metrics_address}"}}'
        series = f"timestamp({up}) and {up} == 1"
        asked = time.time()
        assert eventually(
            lambda: [r for r in self.prometheus.query(series) if float(r["value"][1]) > asked]
        ), self.prometheus.log()

    def load(self):
        self.await_scrape()
        harness.apply_pack(self.busy)
        harness.apply_pack(self.secured)
        for number in range(ROUNDS):
            work(self.busy, number)
            self.await_scrape()
        # Three weeks later, where nobody did anything: on the same port, so the series go on.
        self.busy.stop()
        self.busy.clock = "2026-12-14T09:00:00+01:00"
        self.busy.start(metrics=self.busy.metrics_address)
        self.await_scrape()
        for number in range(ROUNDS, 2 * ROUNDS):
            work(self.busy, number)
            self.await_scrape()
        self.end = time.time()

    def stop(self):
        self.prometheus.stop()
        self.busy.stop()
        self.secured.stop()


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    running = Country(tmp_path_factory.mktemp("dashboards"))
    try:
        running.load()
        yield running
    finally:
        running.stop()


def values_of(series):
    """All values of one series, as numbers."""
    return [float(value) for _, value in series.get("values") or [series["value"]]]


def query_fault(country, expression, instant, values):
    """What is wrong with the answer to `expression`; empty where it has data."""
    text = grafana.interpolate(expression, values, SCRAPE, SCRAPE,
                               math.ceil(country.end - country.begin))
    try:
        if instant:
            answer = country.prometheus.ask("query", query=text, time=country.end)
        else:
            answer = country.prometheus.ask("query_range", query=text, start=country.begin,
                                            end=country.end, step=SCRAPE)
    except urllib.error.HTTPError as error:
        return f"refused: {error.read().decode()}: {text}"
    found = [value for series in answer["result"] for value in values_of(series)]
    if any(math.isinf(value) for value in found):
        return f"infinite: {text}"
    # A quotient of nothing by nothing is a gap of the line; a line of gaps shows nothing.
    return "" if any(math.isfinite(value) for value in found) else f"no data: {text}"


def faults_of(country, board):
    values = dict.fromkeys((name for name, _, _ in grafana.variables(board)), ".*")
    faults = []
    for where, expression, instant in grafana.queries(board):
        fault = query_fault(country, expression, instant, values)
        if fault:
            faults.append(f"{where}: {fault}")
    return faults


@needs_prometheus
@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_query_of_a_dashboard_has_data_under_load(country, board):
    assert len(grafana.queries(board)) > 10
    assert faults_of(country, board) == []


@needs_prometheus
@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_variable_offers_values_and_a_chosen_one_selects(country, board):
    for name, match, label in grafana.variables(board):
        everything = {other: ".*" for other, _, _ in grafana.variables(board)}
        series = grafana.interpolate(match, everything, SCRAPE, SCRAPE, SCRAPE)
        offered = country.prometheus.ask(f"label/{label}/values", **{"match[]": series})
        assert offered, f"variable {name} offers nothing"
        used = [q for q in grafana.queries(board) if re.search(rf"\${name}\b", q[1])]
        assert used, f"variable {name} selects nothing"
        # Grafana escapes what it puts into a regular expression.
        chosen = {**everything, name: re.escape(offered[0]).replace("\\", "\\\\")}
        faults = [query_fault(country, e, instant, chosen) for _, e, instant in used]
        assert not [fault for fault in faults if fault.startswith("refused")]
        assert "" in faults, f"no query has data for {name}={offered[0]}"


@needs_prometheus
def test_a_query_for_what_is_not_there_is_found(country):
    board = copy.deepcopy(BOARDS["work"])
    panel = next(p for p in grafana.panels(board) if p["title"] == "Answers overdue")
    panel["targets"][0]["expr"] = panel["targets"][0]["expr"].replace("overdue_referrals", "late_referrals")
    (fault,) = faults_of(country, board)
    assert fault.startswith("Answers overdue A: no data")
    panel["targets"][0]["expr"] = "sum(("
    (fault,) = faults_of(country, board)
    assert "refused" in fault


@needs_prometheus
def test_overdue_referrals_are_those_that_the_desks_have_not_worked_off(country):
    busy = f'instance="{country.busy.metrics_address}"'

    def by_desk(metric, due=""):
        found = country.prometheus.query(f"{metric}{{{busy}{due}}}")
        return {series["metric"]["desk"]: int(float(series["value"][1])) for series in found}

    late = by_desk("trialgate_overdue_referrals", ', due="answer"')
    opened = by_desk("trialgate_open_referrals")
    # Those of the first weeks: two of the first five requests were not answered.
    names = [
        r.name for r in country.busy.client(REQUESTER).requests.ListTrialRequests(
            request_pb.ListTrialRequestsRequest(page_size=100)).trial_requests
    ]
    expected = dict.fromkeys(opened, 0)
    unacknowledged = dict.fromkeys(opened, 0)
    still_open = dict.fromkeys(opened, 0)
    for referral in (r for name in names for r in referrals_of(country.busy, name)):
        if referral.state not in (1, 2, 3):
            continue
        still_open[referral.desk] += 1
        if referral.answer_due_time.ToJsonString() < "2026-12-14T08:00:00Z":
            expected[referral.desk] += 1
            unacknowledged[referral.desk] += referral.state == 1
    assert sum(expected.values()) >= 2
    assert (late, opened) == (expected, still_open)
    assert by_desk("trialgate_overdue_referrals", ', due="acknowledge"') == unacknowledged


def exposed_metrics(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {line.split()[2] for line in lines if line.startswith("# TYPE ")}


@needs_prometheus
def test_every_metric_of_the_server_is_on_a_dashboard(country):
    shown = " ".join(q for board in BOARDS.values() for _, q, _ in grafana.queries(board))
    metrics = exposed_metrics(country.busy.metrics_address)
    metrics |= exposed_metrics(country.secured.metrics_address)
    missing = {name for name in metrics if not re.search(rf"\b{name}(_bucket|_count|_sum)?\b", shown)}
    assert missing == set(NOT_SHOWN), "put it on a dashboard, or say here why not"


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_dashboard_is_well_formed(board):
    assert grafana.structure_faults(board) == []


def test_dashboards_have_an_address_of_their_own():
    uids = [board["uid"] for board in BOARDS.values()]
    assert len(uids) == 2 and len(set(uids)) == 2


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda b: b["panels"][1].pop("description"), "no description"),
        (lambda b: b["panels"][1]["fieldConfig"]["defaults"].pop("unit"), "no unit"),
        (lambda b: b["panels"][1]["gridPos"].update(b["panels"][2]["gridPos"]), "overlap"),
        (lambda b: b["panels"][1]["gridPos"].update(x=23), "outside the grid"),
        (lambda b: b["panels"][1]["targets"][0].update(datasource={"uid": "mine"}), "chosen datasource"),
        (lambda b: b["panels"][1].update(id=b["panels"][2]["id"]), "id of their own"),
        (lambda b: b.update(id=7), "belongs to one Grafana"),
        (lambda b: b.pop("uid"), "no uid"),
    ],
)
def test_a_malformed_dashboard_is_found(spoil, said):
    board = copy.deepcopy(BOARDS["service"])
    spoil(board)
    assert any(said in fault for fault in grafana.structure_faults(board))
