"""Competitors side by side under load: of the one, nothing reaches the other.

Every text that anybody sends carries a mark of its own, and every byte that anybody receives is searched for
the marks of the others (marks.py), and for names of what is theirs. TRIALGATE_ACCESS_SECONDS says for how
long (default 8), TRIALGATE_ACCESS_SEED with what seed; it is printed. Loopback only; stops by itself.
"""

import os
import random
import threading
import time
import uuid

import pytest
from tests.access import wire
from tests.access.channels import CHANNELS
from tests.access.marks import Mark
from tests.access.receivers import Receivers
from tests.access.rivals import DESKS, Actor, Desk, Loot, Rival
from tests.access.world import SERVER_FLAGS
from tests.e2e import harness

SECONDS = float(os.environ.get("TRIALGATE_ACCESS_SECONDS", "8"))
SEED = int(os.environ.get("TRIALGATE_ACCESS_SEED") or random.SystemRandom().randrange(2**32))
NATIONAL = "national::nora"
RIVALS = ("alpha", "beta", "cro", "shy")
KINDS = ("name", "open", "blind", "shown")
CHANNEL_PAUSE = 0.25
MAX_FLAPS = 100


class Run:
    def __init__(self, server):
        self.server, self.rng, self.log_read = server, random.Random(SEED), 0
        self.stop = threading.Event()
        names = [f"{rival} {kind}" for rival in RIVALS for kind in KINDS]
        names += [f"{desk} {what}" for desk in DESKS.values() for what in ("itself", "note")]
        names += [f"cda of {rival}" for rival in RIVALS]
        names += ["third", "operator", "elsewhere"]
        self.marks = {name: Mark(name, self.rng) for name in names}
        self.receivers, self.loot = Receivers(self.marks), Loot()
        self.wire = wire.Wire(server, self.receivers.received)
        self.methods = list(wire.methods().values())
        self.methods_by_short = {method.name.split(".")[1]: method for method in self.methods}
        self.national = Actor(self, NATIONAL, SEED, "national")
        self.organizations = {r: f"organizations/{self.marks[r + ' name'].text}" for r in RIVALS}
        self.cdas = {}

    def is_over(self, until):
        return self.stop.is_set() or bool(self.receivers.problems) or time.monotonic() > until

    def must(self, short, **fields):
        outcome = self.national.call(short, **fields)
        assert outcome.ok, outcome
        return outcome.parsed()

    def prepare(self):
        harness.apply_pack(self.server)
        for rival, name in self.organizations.items():
            self.must("CreateOrganization", organization_id=name.split("/")[1], request_id=uuid.uuid4().hex,
                      organization={"type": 2 if rival == "cro" else 1, "size": 0 if rival == "cro" else 4,
                                    "display_name": f"The {self.marks[rival + ' name'].text} company"})
        urology = [s for s in self.must("ListSites", page_size=1000).sites if "urologi" in s.specialities]
        self.sites = [site.name for site in urology]
        for site in self.sites:
            self.must("UpdateSiteCapacity", request_id=uuid.uuid4().hex,
                      capacity={"name": site + "/capacity", "slots": 1000})
        for rival in RIVALS:
            self.cda(rival, DESKS["cda"])
        self.cast()

    def cda(self, rival, desk):
        done = self.must("CreateCda", request_id=uuid.uuid4().hex, cda={
            "sponsor": self.organizations[rival], "desk": desk, "effective_date": "2026-01-01",
            "reference": f"Signed {self.marks['cda of ' + rival].text}"})
        self.cdas[done.name] = done
        return done

    def cast(self):
        """Who acts, and which marks each may see."""
        def marks(rival):
            return {kind: self.marks[f"{rival} {kind}"] for kind in KINDS}

        beta = self.organizations["beta"]
        self.rivals = [
            Rival(self, self.organizations["alpha"], marks("alpha"), SEED + 1),
            Rival(self, beta, marks("beta"), SEED + 2),
            Rival(self, self.organizations["cro"], marks("cro"), SEED + 3, sponsors=("", beta)),
            Rival(self, self.organizations["shy"], marks("shy"), SEED + 4,
                  kinds=("BLINDED", "CDA_REQUIRED"))]
        self.desks = [Desk(self, desk, SEED + 10 + i) for i, desk in enumerate(DESKS.values())]
        self.outsiders = [
            Actor(self, "requester:organizations/third-party:tom", SEED + 20, self.marks["third"].text),
            Actor(self, "operator::otto", SEED + 21, self.marks["operator"].text),
            Actor(self, "coordinator:desks/skane:eva", SEED + 22, self.marks["elsewhere"].text)]
        answers = [f"{desk} itself" for desk in DESKS.values()]
        for rival, actor in zip(RIVALS, self.rivals):
            allowed = [f"{rival} {kind}" for kind in KINDS] + answers + [f"cda of {rival}"]
            self.receivers.forbid(actor.principal, allowed + (["beta name"] if rival == "cro" else []))
        open_to_all = [f"{rival} shown" for rival in RIVALS] + [
            f"{rival} {kind}" for rival in RIVALS[:3] for kind in ("open", "name")]
        for kind, desk in zip(DESKS, self.desks):
            allowed = open_to_all + [f"{desk.desk} itself", f"{desk.desk} note"]
            if kind != "blind":
                allowed += [f"{rival} {kind}" for rival in RIVALS for kind in KINDS]
                allowed += [f"cda of {rival}" for rival in RIVALS]
            self.receivers.forbid(desk.principal, allowed)
        for actor, own in zip(self.outsiders, ("third", "operator", "elsewhere")):
            self.receivers.forbid(actor.principal, [own])

    # --- what runs beside the actors ---

    def flap(self, until):
        """CDAs with one desk come and go."""
        for _ in range(MAX_FLAPS):
            made = [self.cda(rival, DESKS["flaps"]) for rival in RIVALS]
            if self.stop.wait(min(5, max(0, until - time.monotonic()) / 4)) or self.is_over(until):
                return
            for cda in made:
                mark = self.marks["cda of " + next(
                    r for r, name in self.organizations.items() if name == cda.sponsor)].text
                self.must("RevokeCda", name=cda.name, reason=f"Ended {mark}", request_id=uuid.uuid4().hex)

    def watch(self, until):
        operator = Actor(self, "operator::olga", SEED, "olga")
        while not self.is_over(until):
            # As much as can be logged, whatever the other operator sets.
            operator.call("SetLogLevel", log_level=1, reason="to search the log")
            self.look()
            self.stop.wait(CHANNEL_PAUSE)

    def look(self):
        for name, read in CHANNELS.items():
            self.receivers.search(name, read(self))

    def work(self, seconds):
        until, failures = time.monotonic() + seconds, []

        def guarded(loop):
            try:
                loop(until)
            except BaseException as error:  # any: told by the test, in its own thread
                failures.append(error)
                self.stop.set()

        actors = self.rivals + self.desks + self.outsiders
        loops = [a.loop for a in actors] + [a.listen for a in actors] + [self.flap, self.watch]
        threads = [threading.Thread(target=guarded, args=(loop,)) for loop in loops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.look()
        if failures:
            raise failures[0]

    # --- names ---

    def rows(self, short, field, **fields):
        token, found = "", []
        while True:
            page = self.must(short, page_size=1000, page_token=token, **fields)
            found += getattr(page, field)
            token = page.next_page_token
            if not token:
                return found

    def check_names(self):
        """Nobody received a name of what is not its to see."""
        owners, desks = {}, {}
        for request in self.rows("ListTrialRequests", "trial_requests"):
            owners[request.name] = f"requester:{request.requester}:"
            for referral in self.rows("ListReferrals", "referrals", parent=request.name):
                owners[referral.name] = owners[request.name]
                desks.setdefault(request.name, set()).add(f"coordinator:{referral.desk}:")
                desks[referral.name] = {f"coordinator:{referral.desk}:"}
        for cda in self.rows("ListCdas", "cdas"):
            owners[cda.name] = f"requester:{cda.sponsor}:"
            desks[cda.name] = {f"coordinator:{cda.desk}:"}
        for principal, names in self.receivers.names.items():
            scope = principal.rsplit(":", 1)[0] + ":"
            for name in map(bytes.decode, names):
                self.receivers.count["names"] += 1
                if name in owners and scope != owners[name] and scope not in desks[name]:
                    self.receivers.problem(f"{principal} received the name {name} of {owners[name]}")


@pytest.fixture
def run(tmp_path):
    server = harness.Server(tmp_path, SERVER_FLAGS)
    # Searched here, as it grows, and big: not for logs_test.py too.
    server.log_file = tmp_path / "server.log"
    yield Run(server.start())
    server.stop()
    server.log_file.unlink()


def test_nothing_of_one_organization_reaches_another_or_a_desk_that_must_not_see_it(run):
    print(f"TRIALGATE_ACCESS_SEED={SEED}")
    run.prepare()
    seen = positive_control(run)
    run.work(SECONDS)
    run.check_names()
    counts = run.receivers.count
    print(f"\nseed {SEED}: {dict(sorted(counts.items()))}; "
          f"{[len(rival.requests) for rival in run.rivals]} requests")
    assert not run.receivers.problems, "\n\n".join(run.receivers.problems)
    assert counts["searched bytes"] > 1_000_000 and counts["names"] > 10 and counts["OK"] > 100
    missing = {(who, what) for who, what in expected_sights(run) if not seen[who, what]}
    assert not missing, f"nothing was received of what may be seen, so the search proves nothing: {missing}"


def expected_sights(run):
    """Marks that each must have received of its own, or be shown: else the search would be blind."""
    blind, cda, _ = run.desks
    return [(run.rivals[0].principal, "alpha blind"), (run.rivals[1].principal, "beta open"),
            (blind.principal, "alpha shown"), (blind.principal, "alpha open"),
            (cda.principal, "alpha blind"), (cda.principal, "shy name"),
            (blind.principal, f"{blind.desk} note")]


def positive_control(run):
    """Counts sights of marks that may be seen, by the very search that looks for those that may not."""
    seen = {key: 0 for key in expected_sights(run)}
    search = run.wire.on_received

    def count(principal, method, sent, outcome):
        search(principal, method, sent, outcome)
        data = outcome.received()
        for who, what in seen:
            if who == principal and not seen[who, what] and outcome.ok:
                seen[who, what] += run.marks[what].find(data, data.lower()) is not None

    run.wire.on_received = count
    return seen
