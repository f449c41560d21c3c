"""Filters of lists, and what each means of what the caller sees: written from the domain's rules.

    text, finds, is_permitted = filters.draw(rng, principal, "ListTrialRequests")
    names = [name for name in names if finds(model, principal, name)]
"""

from tests.access.model import is_blinded
from tests.access.world import ALPHA, BETA
from trialgate.v1 import referral_pb2, trial_request_pb2, types_pb2


def title_of(model, principal, name):
    """Desks compare the title that they may see without a CDA, whether there is one or not."""
    request = model.requests[name]
    return request.blinded_title if principal.role == "coordinator" and is_blinded(request) else request.title


# (text, whether it finds a request as the principal sees it, roles that may not use it)
REQUESTS = (
    ('title:"STUDY numbered"', lambda m, p, n: "study numbered" in title_of(m, p, n), ""),
    ("title:device AND kind != IDEA", lambda m, p, n: "device" in title_of(m, p, n)
     and m.requests[n].kind != types_pb2.TRIAL_KIND_IDEA, ""),
    ("confidentiality = BLINDED",
     lambda m, p, n: m.requests[n].confidentiality == trial_request_pb2.CONFIDENTIALITY_BLINDED, ""),
    ("state = ANSWERED AND patients_wanted > 59", lambda m, p, n: m.requests[n].patients_wanted > 59
     and m.requests[n].state == trial_request_pb2.TRIAL_REQUEST_STATE_ANSWERED, ""),
    ("specialities:urologi", lambda m, p, n: "urologi" in m.requests[n].specialities, ""),
    (f"requester = {ALPHA}", lambda m, p, n: m.requests[n].requester == ALPHA, "coordinator"),
    (f"sponsor = {ALPHA} AND requester != {BETA}",
     lambda m, p, n: m.requests[n].sponsor == ALPHA and m.requests[n].requester != BETA, "coordinator"),
    ('withdraw_reason:"no funds"', lambda m, p, n: False, "requester coordinator national"),
    ('synopsis:"whole synopsis"', lambda m, p, n: False, "requester coordinator national"),
)
REFERRALS = (
    ('title:"study numbered"', lambda m, p, n: "study numbered" in m.referrals[n].title, ""),
    ("title:device", lambda m, p, n: "device" in m.referrals[n].title, ""),
    ("round = 1 AND late = false", lambda m, p, n: m.referrals[n].round == 1 and not m.referrals[n].late, ""),
    ('answer_time = ""', lambda m, p, n: not m.referrals[n].HasField("answer_time"), ""),
    ("state = DECLINED",
     lambda m, p, n: m.referrals[n].state == referral_pb2.REFERRAL_STATE_DECLINED, ""),
    ("comment:gladly", lambda m, p, n: False, "requester coordinator national"),
)


def draw(rng, principal, short):
    """(text, finds, whether the principal may use it); no text: it finds all."""
    menu = {"ListTrialRequests": REQUESTS, "ListReferrals": REFERRALS}.get(short)
    if menu is None or rng.random() < 0.5:
        return "", lambda *_: True, True
    text, finds, denied_to = rng.choice(menu)
    return text, finds, principal.role not in denied_to.split()
