"""Tokens of a real OpenID Provider are verified as what they say."""

import json
import urllib.request

import pytest

from tests.identity.token_check import TokenCheck
from tests.support.oidc_provider import OidcProvider

AUDIENCE = "https://trialgate.example"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
REQUESTER = {"trialgate_role": "requester", "trialgate_organization": "organizations/acme"}

CLIENTS = [{"id": f"robot-{alg}", "alg": alg, "claims": REQUESTER} for alg in ALGORITHMS] + [
    {"id": "without-role"},
    {"id": "king", "claims": {"trialgate_role": "king"}},
    {"id": "program", "claims": {"trialgate_role": "program"}},
    {"id": "desk-list", "claims": {"trialgate_role": "coordinator",
                                   "trialgate_desks": ["desks/a", "desks/b"]}},
    {"id": "desk-text", "claims": {"trialgate_role": "coordinator",
                                   "trialgate_desks": "desks/a desks/b"}},
    {"id": "both", "claims": {**REQUESTER, "trialgate_desks": ["desks/a"]}},
]
USERS = [{"id": "alice", "claims": {"trialgate_role": "national"}},
         {"id": "auth0|123", "claims": {"trialgate_role": "auditor"}}]


@pytest.fixture(scope="module", name="provider")
def fixture_provider():
    with OidcProvider(audience=AUDIENCE, clients=CLIENTS, users=USERS) as provider:
        yield provider


def check_of(provider, *arguments):
    return TokenCheck(f"--issuer={provider.issuer}", f"--audience={AUDIENCE}", *arguments)


@pytest.fixture(scope="module", name="check")
def fixture_check(provider):
    with check_of(provider) as check:
        yield check


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_token_of_each_algorithm_is_accepted(provider, check, alg):
    token = provider.client_token(f"robot-{alg}")
    for _ in range(2):  # the second time it is remembered
        assert check.verify(token) == f"accepted requester:organizations/acme:robot-{alg}"


def test_desks_are_a_list_or_a_text(provider, check):
    for client in ("desk-list", "desk-text"):
        assert (check.verify(provider.client_token(client))
                == f"accepted coordinator:desks/a,desks/b:{client}")


def test_a_token_without_a_role_that_callers_have_is_refused(provider, check):
    assert check.verify(provider.client_token("without-role")).startswith("refused NO_ROLE ")
    for client in ("king", "program", "both"):
        assert check.verify(provider.client_token(client)).startswith("refused INVALID_TOKEN ")


def test_who_signs_in_on_a_device_is_a_principal(provider, check):
    device = provider.start_device()
    assert provider.poll_device(device["device_code"])[1]["error"] == "authorization_pending"
    assert provider.approve_device(device["user_code"], "alice") == 204
    status, answer = provider.poll_device(device["device_code"])
    assert status == 200
    assert check.verify(answer["access_token"]) == "accepted national::alice"
    status, answer = provider.refresh(answer["refresh_token"])
    assert status == 200
    assert check.verify(answer["access_token"]) == "accepted national::alice"
    # An ID token is for the application, not for us.
    assert "(aud)" in check.verify(answer["id_token"])


def test_who_does_not_agree_gets_no_token(provider):
    device = provider.start_device()
    assert provider.approve_device(device["user_code"], "nobody") == 404
    assert provider.deny_device(device["user_code"]) == 204
    assert provider.poll_device(device["device_code"])[1]["error"] == "access_denied"


def test_a_subject_with_other_characters_is_known_by_its_hash(provider, check):
    device = provider.start_device()
    assert provider.approve_device(device["user_code"], "auth0|123") == 204
    token = provider.poll_device(device["device_code"])[1]["access_token"]
    answer = check.verify(token)
    assert answer.startswith("accepted auditor::sha256-")
    assert len(answer) == len("accepted auditor::sha256-") + 64


def test_a_token_of_another_provider_is_refused(provider, check):
    with OidcProvider(audience=AUDIENCE, clients=CLIENTS) as other:
        forged = other.client_token("robot-ES256")
        assert check.verify(forged).startswith("refused INVALID_TOKEN ")
        # Its keys have the same ids, so that the signature decides.
        assert "has a signature that is not its key's" in check.verify(forged)
        assert check.verify(provider.client_token("robot-ES256")).startswith("accepted ")


def test_a_token_for_another_audience_is_refused(provider):
    with TokenCheck(f"--issuer={provider.issuer}", "--audience=https://other.example") as check:
        assert "(aud)" in check.verify(provider.client_token("robot-RS256"))


def test_an_expired_token_is_refused():
    # 60 s of skew are granted; the provider's clock cannot be moved, so its tokens are issued old.
    with OidcProvider(audience=AUDIENCE, clients=CLIENTS, ttl=-61) as provider:
        with check_of(provider) as check:
            assert "has expired" in check.verify(provider.client_token("robot-RS256"))


def test_keys_are_found_by_address_and_in_a_file_too(provider, tmp_path):
    token = provider.client_token("robot-PS256")
    with check_of(provider, f"--jwks-url={provider.jwks_uri}") as check:
        assert check.verify(token).startswith("accepted ")
    keys = tmp_path / "keys.json"
    with urllib.request.urlopen(provider.jwks_uri) as answer:
        keys.write_bytes(answer.read())
    assert len(json.loads(keys.read_bytes())["keys"]) == 4
    with check_of(provider, f"--jwks-file={keys}") as check:
        assert check.verify(token).startswith("accepted ")


def test_without_a_provider_no_token_is_judged(provider):
    token = provider.client_token("robot-RS256")
    with OidcProvider(audience=AUDIENCE) as gone:
        pass
    with check_of(provider, f"--jwks-url={gone.jwks_uri}") as check:
        assert check.verify(token).startswith("refused IDENTITY_PROVIDER_UNAVAILABLE ")
    # A provider that calls itself something else than it is configured as.
    with TokenCheck(f"--issuer={provider.issuer}/", f"--audience={AUDIENCE}") as check:
        assert check.verify(token).startswith("refused IDENTITY_PROVIDER_UNAVAILABLE ")


def test_no_part_of_a_token_is_logged(provider):
    tokens = [provider.client_token(client) for client in ("robot-RS256", "king", "without-role")]
    tokens.append(tokens[0][:-5] + "AAAAA")
    with check_of(provider) as check:
        answers = [check.verify(token) for token in tokens]
    assert "identity_keys_loaded" in check.log
    for token in tokens:
        for part in token.split("."):
            assert part not in check.log
            assert all(part not in answer for answer in answers)
