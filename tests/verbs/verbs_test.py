"""Every verb of the API, done right and done wrong: state, version, role, fields, retry."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import Failure, request_id
from tests.verbs import (
    table_access, table_directory, table_directory_edits, table_referral_work, table_referrals,
    table_requests)
from tests.verbs.verb import BY_NAME, STRANGERS, Country, set_path

VERBS = {**table_referrals.VERBS, **table_referral_work.VERBS, **table_requests.VERBS,
         **table_directory.VERBS, **table_directory_edits.VERBS, **table_access.VERBS}
EACH = pytest.mark.parametrize("name", sorted(VERBS))


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    running = harness.Server(tmp_path_factory.mktemp("verbs"), harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield Country(running)
    running.stop()


def made(country, name):
    verb = VERBS[name]
    principal, request = verb.make(country)
    request.request_id = request_id()
    return verb, principal, request


def refused(country, principal, name, request):
    """The failure of a call that must change nothing."""
    action = VERBS[name].action or name
    before = country.events(action)
    with pytest.raises(Failure) as failure:
        country.call(principal, name, request)
    assert country.events(action) == before, "it was refused and yet it was done"
    return failure.value


def test_every_method_that_changes_something_is_in_the_tables():
    changing = {name for name, method in BY_NAME.items()
                if "request_id" in method.request.DESCRIPTOR.fields_by_name}
    assert changing == set(VERBS)


@EACH
def test_a_verb_is_done_once_however_often_it_is_retried(country, name):
    verb, principal, request = made(country, name)
    action = verb.action or name
    before = country.events(action)
    first = country.call(principal, name, request)
    assert country.events(action) == before + 1
    assert country.call(principal, name, request) == first
    assert country.events(action) == before + 1
    if verb.alter:
        verb.alter(request)
    else:
        other = verb.make(country)[1]
        other.request_id = request.request_id
        request = other
    failure = refused(country, principal, name, request)
    assert (failure.code.name, failure.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")


@EACH
def test_a_verb_that_is_only_checked_changes_nothing(country, name):
    verb, principal, request = made(country, name)
    if not verb.checks:
        assert "validate_only" not in request.DESCRIPTOR.fields_by_name
        return
    action = verb.action or name
    before = country.events(action)
    request.validate_only = True
    country.call(principal, name, request)
    assert country.events(action) == before
    request.validate_only = False
    country.call(principal, name, request)
    assert country.events(action) == before + 1


@EACH
def test_a_verb_tells_all_faults_of_its_fields_at_once(country, name):
    verb, principal, request = made(country, name)
    fields = verb.spoil(request)
    failure = refused(country, principal, name, request)
    assert (failure.code.name, failure.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
    told = set(failure.fields)
    assert all(any(path.startswith(field) for path in told) for field in fields), (fields, told)


@EACH
def test_a_verb_is_denied_to_other_roles(country, name):
    verb, principal, request = made(country, name)
    assert verb.denied and principal.split(":")[0] not in verb.denied
    for role in verb.denied:
        failure = refused(country, STRANGERS[role], name, request)
        assert (failure.code.name, failure.reason) == ("PERMISSION_DENIED", "ROLE_NOT_PERMITTED"), role


@EACH
def test_a_verb_is_not_done_where_the_state_forbids_it(country, name):
    verb, principal, request = made(country, name)
    if verb.outdate is None:
        assert verb.always, "say why no state forbids it"
        return
    code, reason = verb.outdate(country, request)
    failure = refused(country, principal, name, request)
    assert (failure.code.name, failure.reason) == (code, reason)


@EACH
def test_a_verb_on_an_older_version_is_aborted(country, name):
    verb, principal, request = made(country, name)
    if not verb.etag:
        assert "etag" not in request.DESCRIPTOR.fields_by_name
        return
    set_path(request, verb.etag, "999999")
    failure = refused(country, principal, name, request)
    assert (failure.code.name, failure.reason) == ("ABORTED", "ETAG_MISMATCH")
    set_path(request, verb.etag, "")
    country.call(principal, name, request)
