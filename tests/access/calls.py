"""How each method is called by prober.py, what an answer changes, and whether it is what may be seen."""

from tests.access.model import request_of, same_report
from tests.access.world import ALPHA, BETA, CRO, REGIONAL, request_id
from trialgate.v1 import referral_pb2, trial_request_pb2

MALFORMED = (
    "", "trialRequests", "trialRequests/", "trialRequests/../x", "trialRequests/%2e", "x" * 5000, "/",
    " trialRequests/a", "trialRequests//referrals/a", "TRIALREQUESTS/A", "trialRequests/-/referrals/-",
    "organizations/\x01", "trialRequests/æ", "sites/-", "trialRequests/a|b", "trialRequests/a\x00")
# Stored objects beyond which nothing more is made.
MAX_REQUESTS, MAX_CDAS, MAX_ORGANIZATIONS = 60, 40, 20


# Of what the directory holds: only validated, so that what the model knows of it stays.
DIRECTORY_CHANGES = (
    "AddContactAbsence", "ApproveOrganization", "CreateContact", "CreateDesk", "CreateRegion", "CreateSite",
    "EndContact", "EndSite", "MarkSiteReviewed", "RemoveContactAbsence", "SetCapacityMonths",
    "SuspendOrganization", "UpdateContact", "UpdateDesk", "UpdateOrganization", "UpdateRegion", "UpdateSite")


def is_list(name):
    return ".List" in name or name.endswith(".WatchReferrals")


def set_field(message, path, value):
    *parents, last = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, last, value)


def lines(model):
    return [f"{r.name}/{site}" for r in model.referrals.values() for site in r.sites]


def all_names(model):
    return {**model.requests, **model.referrals, **dict.fromkeys(lines(model)), **model.cdas, **model.organizations, **model.sites,
            **model.desks, **model.regions}


# --- what is sent ---


def garbage_bytes(rng):
    return rng.choice((b"", b"\xff" * 20, b"\x0a\x02\xff\xfe", rng.randbytes(rng.randrange(200))))


def garbage(prober, method):
    """Every field filled with what no method takes."""
    rng, message = prober.rng, method.request()
    for field in message.DESCRIPTOR.fields:
        if field.label == field.LABEL_REPEATED:
            if field.cpp_type == field.CPPTYPE_MESSAGE:
                getattr(message, field.name).add()
        elif field.cpp_type == field.CPPTYPE_STRING and field.type == field.TYPE_STRING:
            setattr(message, field.name, rng.choice(("", "x" * 40000, "\x01", "?" * 200)))
        elif field.type in (field.TYPE_INT32, field.TYPE_INT64, field.TYPE_ENUM):
            setattr(message, field.name, rng.choice((-1, 2**31 - 1, 99)))
    return message


def pool(model, name, rule):
    if rule.sees in ("sees_request", "decides", "replays"):
        return list(model.requests)
    if rule.sees == "works_on_line":
        return lines(model)
    if rule.sees in ("sees_referral", "works_on", "replies_to"):
        return list(model.referrals)
    if rule.sees == "exists":
        kind = name.split(".")[1]
        if "Capacity" in kind:
            # More often such as may have holds.
            busy = {o.site for r in model.referrals.values() for o in r.offers}
            return [site + "/capacity" for site in [*model.sites] + sorted(busy) * 20]
        return list(model.sites if "Site" in kind else model.regions if "Region" in kind else model.desks)
    return list({"sees_cda": model.cdas, "sees_organization": model.organizations}[rule.sees])


def pick_name(prober, name, rule, principal):
    """A resource: the caller's, another's, one that does not exist, or no name at all."""
    rng, model = prober.rng, prober.model
    if not rule.names:
        return ""
    if name.endswith((".ListReferrals", ".WatchReferrals")) and rng.random() < 0.5:
        return "trialRequests/-"
    names = pool(model, name, rule)
    sees = getattr(model, rule.sees)
    own = [n for n in names if sees(principal, n)]
    foreign = [n for n in names if not sees(principal, n)]
    draw = rng.random()
    if draw < 0.1:
        return rng.choice(MALFORMED)
    chosen = rng.choice((own if draw < 0.55 else foreign) or names)
    if name.endswith("Report") and rng.random() < 0.5:
        chosen += "/reports/" + rng.choice("1129")
    if name.endswith("CollatedAnswer") and rng.random() < 0.5:
        chosen += "/answers/" + rng.choice("1129")
    return chosen


def build(prober, method, rule, principal, target):
    """(message, whether everything in it is valid)."""
    rng, short = prober.rng, method.name.split(".")[1]
    is_valid = rng.random() < 0.6
    message = method.request() if is_valid else garbage(prober, method)
    if is_valid:
        FILL.get(short, lambda *_: None)(prober, message, principal, target)
    if rule.names:
        set_field(message, rule.names, target)
    if target == "trialRequests/-":
        mine = principal.desks or REGIONAL
        message.desk = rng.choice((rng.choice(mine), rng.choice(REGIONAL), "desks/nowhere"))
    if is_valid and "request_id" in message.DESCRIPTOR.fields_by_name:
        message.request_id = request_id()
        if "validate_only" in message.DESCRIPTOR.fields_by_name:
            message.validate_only = rng.random() < 0.7 or not may_store(prober, short)
    return message, is_valid and target not in MALFORMED


def may_store(prober, short):
    model = prober.model
    if short in DIRECTORY_CHANGES:
        return False
    return {"SubmitTrialRequest": len(model.requests) < MAX_REQUESTS,
            "CreateCda": len(model.cdas) < MAX_CDAS, "ApplyPack": False, "ErasePerson": False, "EndDesk": False,
            "EndRegion": False}.get(short, True)


def fill_answer(prober, message, principal, target):
    referral = prober.model.referrals.get(target)
    for i, site in enumerate(referral.sites if referral else ()):
        if i == 0:
            message.offers.add(site=site, patients_claimed=5, earliest_start="2027-09-01", firmness=2)
            for question in prober.model.requests[request_of(target)].questions:
                message.question_answers.add(question=question.id, site=site, not_known=True)
        else:
            message.refusals.add(site=site, reason=referral_pb2.REFUSAL_REASON_NO_STAFF, comment="none")
    if referral and not referral.sites:
        message.outcome = referral_pb2.REFERRAL_OUTCOME_TAKEN_UP


def fill_reply(prober, message, principal, target):
    thread = prober.model.referrals[target].thread if target in prober.model.referrals else ()
    replied = {entry.question for entry in thread}
    for entry in thread:
        if entry.kind == referral_pb2.THREAD_ENTRY_KIND_QUESTION and entry.id not in replied:
            message.replies.add(question=entry.id, text="Two visits a month")


def fill_wait(prober, message, principal, target):
    message.authority, message.reason = "the ethics committee", "its meeting is next week"


def fill_line(prober, message, principal, target):
    message.referral_site.asked_whom, message.referral_site.asked_date = "the lead nurse", "2026-11-23"
    message.referral_site.internal_note = "to be called again"


def fill_confirm(prober, message, principal, target):
    answer = prober.model.answers.get(target)
    for line in answer.sites if answer else ():
        if line.outcome == trial_request_pb2.SITE_OUTCOME_OFFERED:
            message.selections.add(site=line.site, referral=line.referral, comment="too many",
                                   reason=trial_request_pb2.NOT_SELECTED_REASON_ENOUGH_SITES)


def fill_hand_over(prober, message, principal, target):
    message.desk = prober.rng.choice((*REGIONAL, "desks/secretariat", "desks/idea-clinic"))
    message.reason = "they know the department"


def fill_add_referral(prober, message, principal, target):
    message.desk = prober.rng.choice((*REGIONAL, "desks/secretariat"))
    message.sites.extend(prober.rng.sample(sorted(prober.model.sites), 2))
    message.reason = "one more should be asked"


def fill_end(prober, message, principal, target):
    message.last_day, message.reason = "2027-06-30", "it merges"


def fill_capacity(prober, message, principal, target):
    message.capacity.slots = prober.rng.choice((40, 50))


def fill_cda(prober, message, principal, target):
    rng = prober.rng
    message.cda.sponsor = rng.choice((ALPHA, BETA, CRO))
    message.cda.desk = rng.choice(REGIONAL)
    message.cda.effective_date = rng.choice(("2026-01-01", "2026-11-23", "2026-11-24", "2028-01-01"))
    message.cda.expiry_date = rng.choice(("", "2029-01-01"))
    message.cda.reference = "D-7"


def fill_organization(prober, message, principal, target):
    made = len(prober.model.organizations)
    message.organization_id = f"made-{made}" if made < MAX_ORGANIZATIONS else "made-5"
    message.organization.display_name, message.organization.type = f"Made {made}", 2


def fill_assess(prober, message, principal, target):
    draft = prober.world.draft(principal.organization or ALPHA, prober.rng.choice(("OPEN", "BLINDED")))
    message.trial_request.CopyFrom(draft)


def fill_compare(prober, message, principal, target):
    for label in ("as planned", "longer"):
        fill_assess(prober, message.variants.add(label=label), principal, target)
    message.variants[1].trial_request.recruitment_months += 6


def fill_portfolio(prober, message, principal, target):
    fill_assess(prober, message, principal, target)
    message.probability = prober.rng.choice((0, 0.3, 0.95))
    message.most_per_region = prober.rng.choice((0, 1))


def fill_submit(prober, message, principal, target):
    fill_assess(prober, message, principal, target)
    if principal.role == "coordinator" and prober.rng.random() < 0.8:
        message.trial_request.kind = 8
        del message.trial_request.specialities[:]
    message.trial_request.sites_already_contacted.extend(
        prober.rng.sample(sorted(prober.model.sites), 3))


def fill_person(prober, message, principal, target):
    message.name = prober.rng.choice(sorted(prober.model.requests) + ["desks/skane/contacts/lead", "sites/x"])
    if "reason" in message.DESCRIPTOR.fields_by_name:
        message.reason = "asked for"


def fill_batch(kind):
    def fill(prober, message, principal, target):
        names = sorted(getattr(prober.model, kind))
        own = [principal.organization] if principal.role == "requester" and kind == "organizations" else names
        message.names.extend(prober.rng.sample(own, min(len(own), prober.rng.choice((1, 2, 5)))))
    return fill


def leads(prober):
    return sorted({desk.lead for desk in prober.model.desks.values()} - {""})


def fill_leads(prober, message, principal, target):
    message.names.extend(prober.rng.sample(leads(prober), prober.rng.choice((1, 2))))


FILL = {
    "AddReferral": fill_add_referral,
    "AnswerReferral": fill_answer,
    "AskRequester": lambda p, m, *_: m.questions.append("How many visits are there?"),
    "AssessTrialRequest": fill_assess,
    "BatchGetContacts": fill_leads,
    "GetContact": lambda p, m, *_: setattr(m, "name", p.rng.choice(leads(p))),
    "BatchGetDesks": fill_batch("desks"),
    "BatchGetOrganizations": fill_batch("organizations"),
    "BatchGetRegions": fill_batch("regions"),
    "BatchGetSites": fill_batch("sites"),
    "CheckAccess": lambda p, m, *_: set_field(
        m, "method", p.rng.choice(("GetCda", "ListCdas", "ApplyPack", "ExportPerson"))),
    "CompareTrialRequests": fill_compare,
    "ConfirmTrialRequest": fill_confirm,
    "CreateCda": fill_cda,
    "CreateOrganization": fill_organization,
    "DeclineReferral": lambda p, m, *_: set_field(m, "decline.reason", 4),
    "Drain": lambda p, m, *_: set_field(m, "reason", "to be updated"),
    "EndDesk": fill_end,
    "EndRegion": fill_end,
    "ErasePerson": fill_person,
    "ExportPerson": fill_person,
    "HandOverReferral": fill_hand_over,
    "ImportStudyRecord": lambda p, m, *_: set_field(m, "study_record", b"{}"),
    "PlanPortfolio": fill_portfolio,
    "RecordAuthorityWord": lambda p, m, *_: set_field(m, "word", "it approved"),
    "ReplyToReferral": fill_reply,
    "RevokeCda": lambda p, m, *_: set_field(m, "reason", "it ended"),
    "SetLogLevel": lambda p, m, *_: set_field(m, "log_level", 2),
    "SubmitTrialRequest": fill_submit,
    "UpdateReferralSite": fill_line,
    "UpdateSiteCapacity": fill_capacity,
    "WaitForAuthority": fill_wait,
    "WithdrawTrialRequest": lambda p, m, *_: set_field(m, "reason", "no funds"),
}
# What is not filled in above in a way that always passes.
NOT_ALWAYS_VALID = (
    "AddReferral", "AnswerReferral", "ApplyPack", "Backup", "ConfirmTrialRequest", "DeclineReferral", "DiffPack",
    "EndDesk", "EndRegion", "HandOverReferral", "ImportStudyRecord", "ListReferrals", "ReplyToReferral",
    "SubmitTrialRequest", "UpdateReferralSite", "WatchReferrals", *DIRECTORY_CHANGES)


def submission(method, draft):
    message = method.request(trial_request=draft)
    if "request_id" in message.DESCRIPTOR.fields_by_name:
        message.request_id = "once"
    return message


def add_faults(draft, rng):
    """None, some, or more than are told one by one."""
    for _ in range(rng.choice((0, 1, 50))):
        draft.documents.add(sha256="no hash", uri="nowhere", size_bytes=-1, media_type="?")


# --- what came back ---


def may_be_absent(model, name, target):
    """Whether NOT_FOUND is an answer to somebody who may see the resource named."""
    if name.startswith("PeopleService.") or "Contact" in name or ".BatchGet" in name:
        return True
    if name.endswith("CollatedAnswer"):
        answer = model.answers.get(request_of(target))
        return answer is None or ("/answers/" in target and answer.name != target)
    return "/reports/" in target and not target.endswith("/1")


def learn(prober, name, message, target, response):
    world, model = prober.world, prober.model
    short = name.split(".")[1]
    if short in ("CreateCda", "RevokeCda"):
        model.cdas[response.name] = response
    elif short == "CreateOrganization":
        model.organizations[response.name] = response
    elif short == "SubmitTrialRequest":
        world.learn_request(response.trial_request.name)
    elif "Referral" in short or "TrialRequest" in short or target in model.referrals:
        world.learn_request(request_of(target))


def differs(seen, expected):
    return "" if seen == expected else f"expected this content:\n{expected}"


def check_content(prober, name, principal, message, target, response):
    """What is wrong with the content of a response that was let through; "": nothing."""
    short = name.split(".")[1]
    check = CHECKS.get(short)
    return check(prober.model, principal, message, target, response) if check else ""


def check_report(model, principal, message, target, response):
    expected = model.report_as_seen_by(principal, target)
    return "" if same_report(response, expected) else f"expected this content:\n{expected}"


def check_submit(model, principal, message, target, response):
    if message.validate_only:
        return check_assess(model, principal, message, target, response)
    name = response.trial_request.name
    seen = response.trial_request
    if principal.role == "coordinator":
        wrong = seen.etag or seen.HasField("update_time")
        return "the version of a request that it cannot change" if wrong else ""
    return differs(seen, model.request_as_seen_by(principal, name)) or check_report(
        model, principal, message, name, response.report)


def check_assess(model, principal, message, target, response):
    if principal.role != "requester":
        return ""
    report = response.report
    order = [(-site.score, site.site) for site in report.eligible]
    shown = any(site.parts.headroom for site in report.eligible) or any(
        m.missing for m in report.near_misses if m.criterion == 10)
    return "slots are told, or the order of slots" if shown or order != sorted(order) else ""


def check_compare(model, principal, message, target, response):
    if [variant.label for variant in response.variants] != [variant.label for variant in message.variants]:
        return "other variants, or another order"
    if principal.role != "requester":
        return ""
    for variant in response.variants:
        order = [(-site.score, site.site) for site in variant.top_sites]
        if any(site.parts.headroom for site in variant.top_sites) or order != sorted(order):
            return "slots are told, or the order of slots"
    return ""


def check_capacity(model, principal, message, target, response):
    if model.sets_capacity(principal, target):
        return ""
    return "etag or holds of a site that is another's" if response.etag or response.holds else ""


def check_change(model, principal, message, target, response):
    """A request or referral after a change is seen as if it were read; a trial run shows no more."""
    if message.validate_only:
        return ""
    if target in model.requests:
        return differs(response, model.request_as_seen_by(principal, target))
    handed_over = "HandOver" in message.DESCRIPTOR.name
    return differs(response, model.referral_as_seen_by(principal, target, handed_over))


def check_batch(model, principal, message, target, response):
    """All that were named, in that order, without versions for requesters, and nobody else's."""
    records = [record for _, records in response.ListFields() for record in records]
    if [record.name for record in records] != list(message.names):
        return "other records, or another order"
    if principal.role != "requester":
        return ""
    wrong = any(record.etag for record in records) or any(
        name.startswith("organizations/") and name != principal.organization for name in message.names)
    return "a version, or another's organization" if wrong else ""


def check_reminders(model, principal, message, target, response):
    """Coordinators are reminded of sites of their desks' regions."""
    if principal.role == "national":
        return ""
    regions = {region for desk in principal.desks if desk in model.desks
               for region in model.desks[desk].regions}
    return "" if all(one.region in regions for one in response.review_reminders) else "another desk's"


def check_added(model, principal, message, target, response):
    if message.validate_only:
        return ""
    return differs(response.trial_request, model.request_as_seen_by(principal, target)) or differs(
        response.referral, model.referral_as_seen_by(principal, response.referral.name))


def check_caller(model, principal, message, target, response):
    same = (list(response.desks), response.organization, response.subject) == (
        list(principal.desks), principal.organization, principal.subject)
    return "" if same else "somebody else"


def check_watch(model, principal, message, target, response):
    """What a stream tells first is what the same caller reads."""
    request = response.trial_request if "trial_request" in response.DESCRIPTOR.fields_by_name else None
    wrong = request is not None and differs(request, model.request_as_seen_by(principal, target))
    for referral in response.referrals:
        seen = model.sees_referral(principal, referral.name)
        wrong = wrong or ("" if seen else f"{referral.name} of another")
        wrong = wrong or differs(referral, model.referral_as_seen_by(principal, referral.name))
    return wrong or ("" if not response.removed_referrals else "something is gone that was never told")


def check_directory(model, principal, message, target, response):
    if principal.role == "national":
        return ""
    own = [o for o in response.organizations if o.name == principal.organization]
    if len(own) != len(response.organizations):
        return "organizations of others"
    if principal.role == "requester":
        told = response.contacts or response.capacities or any(
            r.etag for r in [*response.regions, *response.desks, *response.sites])
        return "contacts, slots or versions" if told else ""
    for capacity in response.capacities:
        wrong = check_capacity(model, principal, message, capacity.name, capacity)
        if wrong:
            return wrong
    return ""


CHECKS = {
    "AcknowledgeReferral": check_change,
    "AddReferral": check_added,
    "AnswerReferral": check_change,
    "AskRequester": check_change,
    "AssessTrialRequest": check_assess,
    "BatchGetContacts": check_batch,
    "BatchGetDesks": check_batch,
    "BatchGetOrganizations": check_batch,
    "BatchGetRegions": check_batch,
    "BatchGetSites": check_batch,
    "CompareTrialRequests": check_compare,
    "ConfirmTrialRequest": check_change,
    "DeclineReferral": check_change,
    "GetCaller": check_caller,
    "GetCda": lambda m, p, _, t, r: differs(r, m.cda_as_seen_by(p, t)),
    "GetCollatedAnswer": lambda m, p, _, t, r: "" if "/answers/" in t and r.name != m.answers[
        request_of(t)].name else differs(r, m.answer_as_seen_by(p, t)),
    "GetFeasibilityReport": check_report,
    # A requester may change its own, so it reads its version.
    "GetOrganization": lambda m, p, _, t, r: differs(r, m.organizations[t]),
    "GetReferral": lambda m, p, _, t, r: differs(r, m.referral_as_seen_by(p, t)),
    "GetSiteCapacity": check_capacity,
    "GetTrialRequest": lambda m, p, _, t, r: differs(r, m.request_as_seen_by(p, t)),
    "HandOverReferral": check_change,
    "ListReviewReminders": check_reminders,
    "RecordAuthorityWord": check_change,
    "ReplyToReferral": check_change,
    "SubmitTrialRequest": check_submit,
    "WaitForAuthority": check_change,
    "WatchDirectory": check_directory,
    "WatchReferrals": check_watch,
    "WatchTrialRequest": check_watch,
    "WithdrawTrialRequest": check_change,
}
