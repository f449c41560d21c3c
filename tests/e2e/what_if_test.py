"""What-ifs against the real server: variants, portfolios, pages; and reports replayed."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure
from tests.verbs.verb import Country


@pytest.fixture
def country(tmp_path):
    running = harness.Server(tmp_path).start()
    harness.apply_pack(running)
    yield Country(running)
    running.stop()


def test_variants_stand_side_by_side_and_requesters_learn_no_slots(country):
    plain = harness.trial()
    later = harness.trial(recruitmentMonths=24)
    for principal in (NATIONAL, REQUESTER):
        compared = country.do(principal, "CompareTrialRequests", variants=[
            {"label": "as planned", "trial_request": plain}, {"label": "longer", "trial_request": later}])
        first, second = compared.variants
        assert (first.label, second.label) == ("as planned", "longer")
        assert not first.HasField("difference") and second.HasField("difference")
        assert second.eligible_count - first.eligible_count == (
            second.difference.sites_gained - second.difference.sites_lost)
        shown = any(site.parts.headroom for variant in compared.variants for site in variant.top_sites)
        assert shown == (principal == NATIONAL)


def test_a_comparison_out_of_bounds_is_refused_with_every_fault(country):
    variant = {"label": "a", "trial_request": harness.trial()}
    for variants in ([variant], [variant] * 300):
        with pytest.raises(Failure) as refused:
            country.do(NATIONAL, "CompareTrialRequests", variants=variants)
        assert refused.value.code.name == "INVALID_ARGUMENT"


def test_a_page_is_bounded_and_the_totals_stay(country):
    whole = country.do(NATIONAL, "AssessTrialRequest", trial_request=harness.trial()).report
    page = country.do(NATIONAL, "AssessTrialRequest", trial_request=harness.trial(), page_size=1,
                      near_miss_page_size=1, with_forecasts=True).report
    assert len(page.eligible) == min(1, whole.eligible_count)
    assert page.eligible_count == whole.eligible_count == len(whole.eligible)
    assert page.near_miss_count == whole.near_miss_count
    assert page.forecast.mean == whole.forecast.mean and len(page.forecast.months) > 0
    with pytest.raises(Failure):
        country.do(NATIONAL, "AssessTrialRequest", trial_request=harness.trial(), page_size=1000000)


def test_a_portfolio_reaches_what_it_says(country):
    plan = country.do(REQUESTER, "PlanPortfolio", trial_request=harness.trial(), probability=0.5)
    assert plan.reached == (plan.forecast.probability >= 0.5)
    assert len(plan.sites) <= plan.candidates_considered <= plan.candidates
    limited = country.do(REQUESTER, "PlanPortfolio", trial_request=harness.trial(), most_per_region=1)
    regions = [site.region for site in limited.sites]
    assert len(regions) == len(set(regions))


def test_a_report_is_replayed_to_the_byte_after_the_directory_has_changed(country):
    request = country.submit()
    for site in country.do(NATIONAL, "ListSites", page_size=30).sites:
        capacity = country.do(NATIONAL, "GetSiteCapacity", name=site.name + "/capacity")
        capacity.slots += 3
        country.do(NATIONAL, "UpdateSiteCapacity", capacity=capacity)
    name = getattr(request, "name", request)
    for principal in (NATIONAL, AUDITOR):
        replayed = country.do(principal, "ReplayFeasibilityReport", name=name)
        assert replayed.same, replayed
        assert not replayed.differing_fields and replayed.stored_sha256 == replayed.computed_sha256
    with pytest.raises(Failure) as denied:
        country.do(REQUESTER, "ReplayFeasibilityReport", name=name)
    assert denied.value.code.name == "PERMISSION_DENIED"
