"""Walks over lists in pages of random sizes, and holds them against the model."""

import base64
import math
import re

from tests.access import filters
from trialgate.v1 import referral_pb2

PAGE_SIZES = (1, 1, 2, 3, 7, 50, 1000)
ID = re.compile(rb"trialRequests/[a-z2-7]+(?:/referrals/[a-z2-7]+)?|cdas/[a-z2-7]+")


def query(prober, principal, short, text):
    """(fields, names in order, how many rows there are to walk over, view of a name); `text`: the filter."""
    model, rng = prober.model, prober.rng
    if short == "ListCdas":
        names = model.list_cdas(principal)
        return {}, names, len(names), lambda n: model.cda_as_seen_by(principal, n)
    if short == "ListTrialRequests":
        state = rng.choice((0, 0, 1, 2, 3, 5))
        names, rows = model.list_requests(principal, state)
        return {"state": state}, names, rows, lambda n: model.request_as_seen_by(principal, n)
    requests = [n for n in model.requests if model.sees_request(principal, n)]
    desks = principal.desks if principal.role == "coordinator" else sorted(model.desks)
    desks = [d for d in desks if d in model.desks]
    states = rng.sample(referral_pb2.ReferralState.values()[1:], rng.choice((0, 0, 1, 3)))
    parent, desk = rng.choice(requests) if requests else "", ""
    if desks and principal.role != "requester" and (rng.random() < 0.5 or not parent):
        parent, desk = "trialRequests/-", rng.choice(desks)
    if not parent:
        return None
    # A filter that names the state decides alone where no states are asked for.
    walked = states or (referral_pb2.ReferralState.values()[1:] if text.startswith("state") else [])
    names, rows = model.list_referrals(principal, parent, desk, walked)
    fields = {"parent": parent, "desk": desk, "states": states}
    return fields, names, rows, lambda n: model.referral_as_seen_by(principal, n)


def check_token(prober, principal, token):
    """A token names nothing that its owner does not see."""
    model = prober.model
    for name in ID.findall(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))):
        name = name.decode()
        sees = (model.sees_cda if name.startswith("cdas/") else
                model.sees_referral if "/referrals/" in name else model.sees_request)
        assert sees(principal, name), f"{principal.text}: its page token names {name}"


def walk(prober, principal):
    """One list from the first page to the last."""
    rng = prober.rng
    short = rng.choice(("ListTrialRequests", "ListTrialRequests", "ListReferrals", "ListReferrals",
                        "ListCdas"))
    method = prober.world.method(short)
    text, finds, is_permitted = filters.draw(rng, principal, short)
    asked = query(prober, principal, short, text)
    if asked is None:
        return
    fields, names, rows, view = asked
    if text:
        fields["filter"] = text
        names = [name for name in names if finds(prober.model, principal, name)]
    size = rng.choice(PAGE_SIZES)
    seen, token, pages = [], "", 0
    while True:
        message = method.request(page_size=size, page_token=token, **fields)
        outcome = prober.call(principal, method, message)
        if outcome.code == "RESOURCE_EXHAUSTED":
            return
        says = prober.says(principal, message, outcome, f"page {pages} of {names}")
        if not is_permitted:
            assert outcome.reason == "INVALID_FILTER" and outcome.code == "INVALID_ARGUMENT", says
            return
        assert outcome.ok, says
        response = outcome.parsed()
        page = [value for f, value in response.ListFields() if f.name != "next_page_token"]
        page = list(page[0]) if page else []
        assert len(page) <= size, says
        for record in page:
            assert record.name in names and record == view(record.name), says
        seen += [record.name for record in page]
        pages += 1
        # More pages than own rows fill would tell of rows that are others'.
        assert pages <= max(1, math.ceil(rows / size) + (rows % size == 0)), says
        token = response.next_page_token
        if not token:
            break
        check_token(prober, principal, token)
        prober.tokens = prober.tokens[-200:] + [
            (principal, method, method.request(page_size=size, page_token=token, **fields))]
    assert seen == names, f"{principal.text}: {short} {fields} gave\n{seen}\ninstead of\n{names}"
    prober.count["lists"] += 1
