"""The directory as people keep it: what each verb is for, and whose it is.

What is wrong with calls of each verb is tried in tests/verbs.
"""

import pytest
from google.protobuf import field_mask_pb2
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator, trial
from tests.verbs import table_directory_edits as edits
from tests.verbs.table_directory_edits import DESK, REGION, TODAY, create
from tests.verbs.verb import Country
from trialgate.v1 import directory_pb2, organization_pb2, types_pb2

AT_DESK, ELSEWHERE = coordinator(DESK), coordinator("desks/central-denmark")


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """For tests that make what they change."""
    running = harness.Server(tmp_path_factory.mktemp("edits"), harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield Country(running)
    running.stop()


@pytest.fixture
def fresh(denmark):
    """A country of one's own."""
    return Country(denmark)


def restart(country, clock):
    country.server.stop()
    country.server.clock = clock
    return Country(country.server.start())


def refused(country, principal, short, **fields):
    with pytest.raises(Failure) as failure:
        country.do(principal, short, **fields)
    return failure.value


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def events(country):
    return country.do(AUDITOR, "ListAuditEvents", page_size=1000).audit_events


@pytest.mark.parametrize("short", edits.BY_COORDINATORS)
def test_a_coordinator_does_it_for_its_desk_only_and_one_event_tells_of_it(country, short):
    request = edits.copied(edits.VERBS[short].make(country)[1])
    with pytest.raises(Failure) as failure:
        country.call(ELSEWHERE, short, request)
    assert (failure.value.code.name, failure.value.reason) == ("PERMISSION_DENIED", "ROLE_NOT_PERMITTED")
    before = len(events(country))
    country.call(AT_DESK, short, request)
    event, = [e for e in events(country)[before:] if e.action == short]
    assert event.changes and event.principal.desks == [DESK]
    assert event.reason == getattr(request, "reason", "")


@pytest.mark.parametrize("short", [short for short, verb in edits.VERBS.items() if verb.etag])
def test_what_does_not_exist_is_not_found(country, short):
    request = edits.copied(edits.VERBS[short].make(country)[1])
    fields = request.DESCRIPTOR.fields_by_name
    holder = request if "name" in fields else getattr(request, edits.VERBS[short].etag.split(".")[0])
    kind, _, tail = holder.name.split("/", 2) if holder.name.count("/") > 1 else (
        *holder.name.split("/"), "")
    for name in (f"{kind}/nowhere" + (f"/{tail}" if tail else ""), "\x01", "x" * 5000, ""):
        holder.name = name
        with pytest.raises(Failure) as failure:
            country.call(NATIONAL, short, request)
        assert failure.value.code.name == "NOT_FOUND", name


def submit(country, organization):
    return country.do(f"requester:{organization}:rolf", "SubmitTrialRequest",
                      trial_request=trial(requester=organization)).trial_request


def test_a_proposed_organization_submits_once_it_is_approved_and_until_it_is_suspended(country):
    name = edits.name_of_proposed(country)
    with pytest.raises(Failure) as failure:
        submit(country, name)
    assert (failure.value.code.name, failure.value.reason, failure.value.metadata["state"]) == (
        "FAILED_PRECONDITION", "ORGANIZATION_NOT_APPROVED", "PROPOSED")
    # Nor does anybody else submit for it.
    assert refused(country, NATIONAL, "SubmitTrialRequest",
                   trial_request=trial(requester=name)).reason == "ORGANIZATION_NOT_APPROVED"
    approved = country.do(NATIONAL, "ApproveOrganization", name=name)
    assert approved.state == organization_pb2.ORGANIZATION_STATE_APPROVED
    submitted = submit(country, name)
    country.do(NATIONAL, "SuspendOrganization", name=name, reason="a fraud")
    with pytest.raises(Failure) as failure:
        submit(country, name)
    assert failure.value.metadata["state"] == "SUSPENDED"
    # What was submitted before goes on: it reads and withdraws it, and does nothing else.
    rolf = f"requester:{name}:rolf"
    assert country.do(rolf, "GetTrialRequest", name=submitted.name).name == submitted.name
    renamed = refused(country, rolf, "UpdateOrganization",
                      organization={"name": name, "display_name": "Another name"})
    assert (renamed.reason, renamed.metadata["state"]) == ("ORGANIZATION_NOT_APPROVED", "SUSPENDED")
    referral = country.do(NATIONAL, "ListReferrals", parent=submitted.name).referrals[0]
    asked = country.do(NATIONAL, "AskRequester", name=referral.name, questions=["How many?"])
    replies = [{"question": asked.thread[0].id, "text": "Ten"}]
    assert refused(country, rolf, "ReplyToReferral", name=referral.name, replies=replies).reason == (
        "ORGANIZATION_NOT_APPROVED")
    # A national coordinator acts in its stead.
    assert country.do(NATIONAL, "ReplyToReferral", name=referral.name, replies=replies).thread[1].text == "Ten"
    country.do(rolf, "WithdrawTrialRequest", name=submitted.name, reason="it went elsewhere")


def test_a_requester_proposes_none_but_its_own_organization(country):
    failure = refused(country, REQUESTER, "CreateOrganization", **edits.new_organization())
    assert (failure.code.name, failure.reason) == ("PERMISSION_DENIED", "ROLE_NOT_PERMITTED")
    # That one is there already is nobody's business.
    taken = {**edits.new_organization(), "organization_id": create(country, "CreateOrganization").name[14:]}
    assert refused(country, REQUESTER, "CreateOrganization", **taken).message == failure.message


def test_a_requester_changes_its_own_organization_but_not_what_it_is(country):
    name = edits.name_of_proposed(country)
    own = f"requester:{name}:rolf"
    country.do(own, "UpdateOrganization", organization={"name": name, "type": "ORGANIZATION_TYPE_CRO"})
    country.do(NATIONAL, "ApproveOrganization", name=name)
    read = country.do(own, "GetOrganization", name=name)
    read.display_name = "A better name"
    changed = country.do(own, "UpdateOrganization", organization=read)
    assert changed.display_name == "A better name" and changed.etag != read.etag
    failure = refused(country, own, "UpdateOrganization",
                      organization={"name": name, "type": "ORGANIZATION_TYPE_COMPANY"})
    assert failure.metadata["fields"] == "type"
    for other in (name, "organizations/nowhere"):
        failure = refused(country, REQUESTER, "UpdateOrganization",
                          organization={"name": other, "display_name": "Mine"})
        assert failure.code.name == "NOT_FOUND"


def test_a_profile_that_is_edited_says_so_and_a_review_names_the_desk_only(country):
    name = create(country, "CreateSite").name
    changed = country.do(AT_DESK, "UpdateSite", site={
        "name": name, "start_up": {"median_days": 40}, "source": {"origin": "a call"}})
    assert changed.start_up.source.kind == types_pb2.SOURCE_KIND_DECLARED
    assert (changed.start_up.source.as_of, changed.source.origin) == (TODAY, "a call")
    changed = country.do(AT_DESK, "UpdateSite", site={"name": name, "city": "Thisted"})
    assert changed.source == types_pb2.Source(kind="SOURCE_KIND_DECLARED", as_of=TODAY)
    reviewed = country.do(AT_DESK, "MarkSiteReviewed", name=name)
    assert reviewed.review == directory_pb2.SiteReview(reviewer=DESK, date=TODAY)
    assert country.do(NATIONAL, "GetSite", name=name) == reviewed
    assert country.do(NATIONAL, "MarkSiteReviewed", name=name).review.reviewer == "national"


def test_a_star_replaces_all_that_may_be_changed_and_only_that(country):
    site = create(country, "CreateSite")
    country.do(NATIONAL, "UpdateSite",
               site={"name": site.name, "city": "Thisted", "hospital": "A hospital"})
    replaced = country.do(AT_DESK, "UpdateSite", update_mask=mask("*"), site={
        "name": site.name, "display_name": site.display_name, "type": site.type, "region": site.region,
        "kinds": site.kinds, "city": "Skagen"})
    assert (replaced.city, replaced.hospital, replaced.region) == ("Skagen", "", REGION)


def test_a_coordinator_moves_no_site_to_another_region(country):
    name = create(country, "CreateSite").name
    failure = refused(country, AT_DESK, "UpdateSite",
                      site={"name": name, "region": "regions/central-denmark"})
    assert (failure.reason, failure.metadata["fields"]) == ("ROLE_NOT_PERMITTED", "region")
    moved = country.do(NATIONAL, "UpdateSite", site={"name": name, "region": "regions/central-denmark"})
    assert moved.region == "regions/central-denmark"
    assert refused(country, AT_DESK, "MarkSiteReviewed", name=name).code.name == "PERMISSION_DENIED"


def test_coordinators_write_their_regions_texts_and_nothing_else_of_it(country):
    texts = [{"topic": "trends", "text": "More trials at home."}]
    changed = country.do(AT_DESK, "UpdateRegion", update_mask=mask("texts"),
                         region={"name": REGION, "texts": texts})
    text, = changed.texts
    assert (text.review_date, text.source.as_of) == (TODAY, TODAY)
    for principal, region in ((AT_DESK, {"name": REGION, "display_name": "The North"}),
                              (ELSEWHERE, {"name": REGION, "texts": texts})):
        assert refused(country, principal, "UpdateRegion", region=region).reason == "ROLE_NOT_PERMITTED"


def test_coordinators_describe_their_desk_and_choose_its_lead_only(country):
    desk = country.do(NATIONAL, "GetDesk", name=DESK)
    desk.description = "Ask us first."
    # What is as it was is no change.
    assert country.do(AT_DESK, "UpdateDesk", desk=desk).description == "Ask us first."
    failure = refused(country, AT_DESK, "UpdateDesk", desk={
        "name": DESK, "time_zone": "Europe/Oslo", "display_name": "The North"})
    assert failure.metadata["fields"] == "display_name,time_zone"
    assert refused(country, ELSEWHERE, "UpdateDesk",
                   desk={"name": DESK, "description": "x"}).code.name == "PERMISSION_DENIED"


def test_no_site_stands_where_no_desk_answers(country):
    site, desk = edits.new_site(), edits.new_desk()
    region = site["site"]["region"] = create(country, "CreateRegion").name
    assert set(refused(country, NATIONAL, "CreateSite", **site).fields) == {"site.region"}
    desk["desk"] |= {"kind": "DESK_KIND_REGION", "regions": [region]}
    name = country.do(NATIONAL, "CreateDesk", **desk).name
    country.do(coordinator(name), "CreateSite", **site)
    # And none is left without one.
    failure = refused(country, NATIONAL, "UpdateDesk", desk={"name": name, "regions": [REGION]})
    assert f'answers for "{region}"' in failure.message


def test_persons_fields_are_in_no_event_and_no_log_of_an_edit(country):
    marks = ("Zephyrine Quaxx", "zephyrine@north.example", "+45 70991199")
    changed = country.do(AT_DESK, "UpdateContact", contact={
        "name": create(country, "CreateContact").name, "display_name": marks[0], "email": marks[1],
        "phone": marks[2]})
    assert (changed.display_name, changed.email, changed.phone) == marks
    assert changed in country.do(NATIONAL, "ListContacts", parent=DESK, page_size=1000).contacts
    assert country.do(AT_DESK, "GetContact", name=changed.name) == changed
    assert list(country.do(AT_DESK, "BatchGetContacts", names=[changed.name]).contacts) == [changed]
    told = "".join(str(event) for event in events(country)) + country.server.log()
    assert not [mark for mark in marks if mark in told]


def test_use_is_declared_for_months_that_anybody_plans_for(country):
    name = edits.name_of_capacity(country)
    failure = refused(country, AT_DESK, "SetCapacityMonths", name=name, months=[
        {"month": month, "occupied_declared": 1} for month in ("1900-01", "2027-01", "9999-12", "2101-01")])
    assert {field: words[0].split(":")[0] for field, words in failure.fields.items()} == {
        "months[0].month": "OUT_OF_RANGE", "months[2].month": "INVALID_FORMAT", "months[3].month": "OUT_OF_RANGE"}
    assert all("from 2000-01 to 2100-12" in words[0] for words in failure.fields.values())


def test_months_are_set_one_by_one_and_overbooked_only_by_force(country):
    name = edits.name_of_capacity(country)

    def set_months(months, **more):
        return country.do(AT_DESK, "SetCapacityMonths", name=name, **more, months=[
            {"month": month, "occupied_declared": occupied} for month, occupied in months.items()])

    set_months({"2027-01": 1, "2027-03": 2})
    answer = set_months({"2027-01": 2})
    assert [(m.month, m.free) for m in answer.months] == [("2027-01", 0), ("2027-03", 0)]
    failure = refused(country, AT_DESK, "SetCapacityMonths", name=name, slots=1,
                      months=[{"month": "2027-03", "occupied_declared": 3}])
    assert failure.metadata["months"] == "2027-01,2027-03"
    forced = set_months({"2027-03": 4}, force=True, reason="two sponsors")
    assert (list(forced.overbooked_months), forced.overbooked_reason) == (["2027-03"], "two sponsors")
    assert [e.reason for e in events(country) if e.action == "SetCapacityMonths"][-1] == "two sponsors"
    read = country.do(AT_DESK, "GetSiteCapacity", name=name)
    assert read == forced
    foreign = country.do(ELSEWHERE, "GetSiteCapacity", name=name)
    assert (list(foreign.overbooked_months), foreign.overbooked_reason) == (["2027-03"], "")
    # Other months are set meanwhile; and once nothing is over, nothing is said.
    assert set_months({"2027-01": 0}).overbooked_reason == "two sponsors"
    eased = set_months({"2027-03": 1})
    assert not eased.overbooked_months and eased.overbooked_reason == ""
    replaced = country.do(AT_DESK, "UpdateSiteCapacity", force=True, reason="a ward closes", capacity={
        "name": name, "slots": 0, "months": [{"month": "2027-05", "occupied_declared": 1}]})
    assert (list(replaced.overbooked_months), replaced.overbooked_reason) == (["2027-05"], "a ward closes")


# --- with referrals ---


def ask(country):
    """A request, of which a referral lies with somebody at DESK: (report, planned referral)."""
    report = country.do(REQUESTER, "SubmitTrialRequest", trial_request=trial(
        regionsWanted=[REGION], specialities=[], conditions=[{"text": "Surgery"}])).report
    return report, next(planned for planned in report.referrals if planned.desk == DESK)


def inbox(country):
    return country.do(AT_DESK, "ListReferrals", parent="trialRequests/-", desk=DESK).referrals


def answer(country, planned):
    """The fields of an answer that offers the first site firmly."""
    return {"name": inbox(country)[0].name,
            "offers": [{"site": planned.sites[0], "patients_claimed": 3, "earliest_start": "2027-09-01",
                        "firmness": "OFFER_FIRMNESS_FIRM"}],
            "refusals": [{"site": site, "reason": "REFUSAL_REASON_NO_STAFF"} for site in planned.sites[1:]]}


def test_an_absence_says_who_stands_in_and_what_lies_there(fresh):
    _, planned = ask(fresh)
    contacts = {c.name: c for c in fresh.do(NATIONAL, "ListContacts", parent=DESK).contacts}
    contact = contacts[planned.contact]
    told = fresh.do(AT_DESK, "AddContactAbsence", name=contact.name,
                    absence={"first_day": TODAY, "last_day": "2026-12-24"})
    assert (told.open_referrals, told.stands_in) == (1, contact.deputies[0])
    assert told.contact.display_name == contact.display_name
    # Nobody hands it to who is away; why not, until when, and who is there instead is told.
    name = inbox(fresh)[0].name
    deputy = contact.deputies[0]
    fresh.do(AT_DESK, "HandOverReferral", name=name, contact=deputy, reason="away")
    away = refused(fresh, AT_DESK, "HandOverReferral", name=name, contact=contact.name, reason="back?")
    assert (away.code.name, away.reason) == ("FAILED_PRECONDITION", "WRONG_STATE")
    assert (away.metadata["state"], away.metadata["until"]) == ("AWAY", "2026-12-24")
    assert deputy in away.metadata["deputies"].split(",")
    fresh.do(AT_DESK, "RemoveContactAbsence", name=contact.name,
             absence={"first_day": TODAY, "last_day": "2026-12-24"})
    fresh.do(AT_DESK, "HandOverReferral", name=name, contact=contact.name, reason="back")
    fresh.do(AT_DESK, "AddContactAbsence", name=contact.name,
             absence={"first_day": TODAY, "last_day": "2026-12-24"})
    # The open referral stays, the next one goes to another.
    assert [referral.contact for referral in inbox(fresh)] == [contact.name]
    assert ask(fresh)[1].contact != contact.name


def test_who_left_is_asked_no_more_and_a_lead_leaves_when_another_leads(fresh):
    lead = fresh.do(NATIONAL, "GetDesk", name=DESK).lead
    first, *others = [c.name for c in fresh.do(NATIONAL, "ListContacts", parent=DESK).contacts
                      if c.name != lead]
    assert set(refused(fresh, AT_DESK, "EndContact", name=lead, reason="retired",
                       new_lead="desks/skane/contacts/deputy").fields) == {"new_lead"}
    ended = fresh.do(AT_DESK, "EndContact", name=lead, new_lead=first, reason="retired")
    assert ended.contact.valid_to == TODAY and ended.contact.email
    assert fresh.do(NATIONAL, "GetDesk", name=DESK).lead == first
    for name in others:
        fresh.do(NATIONAL, "EndContact", name=name, reason="moved")
    later = restart(fresh, "2026-11-24T09:00:00+01:00")
    assert ask(later)[1].contact == first
    for short, fields in (("EndContact", {"reason": "again"}), ("AddContactAbsence", {
            "absence": {"first_day": "2026-12-01", "last_day": "2026-12-01"}}), ("UpdateContact", {})):
        if short == "UpdateContact":
            failure = refused(later, NATIONAL, short, contact={"name": lead, "phone": "+45 1234"})
            assert (failure.reason, failure.metadata["state"]) == ("WRONG_STATE", "ENDED")
            continue
        failure = refused(later, NATIONAL, short, name=lead, **fields)
        assert (failure.reason, failure.metadata["state"]) == ("WRONG_STATE", "ENDED")


def test_an_overbooked_month_holds_nothing_further(fresh):
    _, planned = ask(fresh)
    capacity = fresh.do(NATIONAL, "GetSiteCapacity", name=planned.sites[0] + "/capacity")
    fresh.do(AT_DESK, "SetCapacityMonths", name=capacity.name, force=True, reason="a trial that runs late",
             months=[{"month": "2027-10", "occupied_declared": capacity.slots + 1}])
    failure = refused(fresh, AT_DESK, "AnswerReferral", **answer(fresh, planned))
    assert failure.reason == "NO_FREE_SLOT" and "2027-10" in failure.metadata["months"]


def test_a_site_ends_with_its_holds_counted_and_kept(fresh):
    _, planned = ask(fresh)
    site = planned.sites[0]
    fresh.do(AT_DESK, "AnswerReferral", **answer(fresh, planned))
    ended = fresh.do(AT_DESK, "EndSite", name=site, last_day="2027-06-30", reason="the ward closes")
    assert (ended.site.valid_to, ended.later_holds) == ("2027-06-30", 1)
    assert len(fresh.do(NATIONAL, "GetSiteCapacity", name=site + "/capacity").holds) == 1
    assert site not in [eligible.site for eligible in ask(fresh)[0].eligible]


def test_what_ended_is_neither_ended_nor_reviewed_again(fresh):
    site = create(fresh, "CreateSite").name
    fresh.do(NATIONAL, "EndSite", name=site, last_day=TODAY, reason="closed")
    later = restart(fresh, "2026-11-24T09:00:00+01:00")
    for short, fields in (("EndSite", {"last_day": "2026-12-01", "reason": "again"}),
                          ("MarkSiteReviewed", {}), ("UpdateSite", {"site": {"city": "Elsewhere"}})):
        if "site" in fields:
            fields["site"]["name"] = site
        else:
            fields["name"] = site
        failure = refused(later, NATIONAL, short, **fields)
        assert (failure.reason, failure.metadata["state"]) == ("WRONG_STATE", "ENDED")


def test_what_changes_nothing_is_not_written_and_what_the_server_sets_not_named(fresh):
    desk = fresh.do(NATIONAL, "GetDesk", name=DESK)
    before = len(events(fresh))
    same = fresh.do(AT_DESK, "UpdateDesk", desk={"name": DESK, "description": desk.description},
                    update_mask=mask("description"))
    assert same == desk
    contact = fresh.do(NATIONAL, "ListContacts", parent=DESK).contacts[0]
    shown = fresh.do(AT_DESK, "UpdateContact", contact={"name": contact.name, "email": contact.email})
    assert (shown.etag, shown.email) == (contact.etag, contact.email)
    changes = [event for event in events(fresh) if event.action in ("UpdateDesk", "UpdateContact")]
    assert changes == [] and len(events(fresh)) >= before
    failure = refused(fresh, AT_DESK, "UpdateDesk", desk={"name": DESK}, update_mask=mask("etag"))
    assert set(failure.fields) == {"update_mask.paths[0]"}


def test_a_pack_that_is_applied_again_leaves_what_people_changed(fresh):
    site = fresh.do(NATIONAL, "ListSites", region=REGION).sites[0]
    desk = fresh.do(NATIONAL, "GetDesk", name=DESK)
    fresh.do(AT_DESK, "UpdateSite", site={"name": site.name, "city": "Elsewhere"})
    fresh.do(AT_DESK, "UpdateDesk", desk={"name": DESK, "description": "We help."})
    again = harness.apply_pack(fresh.server)
    assert again.changed == 0
    assert any("1 edited since, left as they are" in line for line in again.summary)
    assert fresh.do(NATIONAL, "GetSite", name=site.name).city == "Elsewhere"
    # What a pack says anew of other fields comes.
    files = harness.pack_files()
    for file in files:
        file.content = file.content.replace(desk.display_name.encode(), b"A new name")
    fresh.do(NATIONAL, "ApplyPack", files=files, allow_sample=True)
    changed = fresh.do(NATIONAL, "GetDesk", name=DESK)
    assert (changed.display_name, changed.description) == ("A new name", "We help.")
    assert fresh.do(NATIONAL, "GetSite", name=site.name).city == "Elsewhere"
