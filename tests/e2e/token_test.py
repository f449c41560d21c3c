"""Access tokens of a real OpenID provider over TLS, beside certificates."""

import pytest
from tests.e2e import harness, tokens
from tests.e2e.harness import NATIONAL
from tests.e2e.pki import Pki
from tests.support.oidc_provider import OidcProvider

CLIENTS = [
    {"id": "axel", "claims": {"trialgate_role": "auditor"}},
    {"id": "without-role"},
]


@pytest.fixture(scope="module")
def provider():
    with OidcProvider(audience=tokens.AUDIENCE, clients=CLIENTS) as running:
        yield running


@pytest.fixture(scope="module")
def served(provider, tmp_path_factory):
    running = tokens.token_server(tmp_path_factory, provider)
    yield running
    running.stop()


def verify_trail(server, *authorization, certificate=None):
    metadata = [("authorization", a) for a in authorization]
    return tokens.verify_trail(server.address, server.tls.credentials(certificate), metadata)


def test_a_token_says_who_calls_without_a_certificate(served, provider):
    assert verify_trail(served, f"Bearer {provider.client_token('axel')}") == ""


def test_a_token_counts_and_not_the_certificate(served, provider):
    national = served.tls.client(NATIONAL)
    assert verify_trail(served, certificate=national) == "ROLE_NOT_PERMITTED"
    token = provider.client_token("axel")
    assert verify_trail(served, f"Bearer {token}", certificate=national) == ""


def test_a_bad_token_is_never_mended_by_a_certificate(served, provider):
    auditor = served.tls.client("auditor::axel")
    assert verify_trail(served, certificate=auditor) == ""
    token = provider.client_token("axel")
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for authorization in (
        [f"Bearer {forged}"], ["Bearer "], ["Bearer x"], ["Basic eDp5"], [token],
        [f"Bearer {token}", f"Bearer {token}"],
    ):
        assert verify_trail(served, *authorization, certificate=auditor) == "INVALID_TOKEN"
    without_role = provider.client_token("without-role")
    assert verify_trail(served, f"Bearer {without_role}", certificate=auditor) == "NO_ROLE"


def test_without_token_and_certificate_nobody_calls(served):
    assert verify_trail(served) == "NO_PRINCIPAL"


def test_no_token_is_logged(served, provider):
    token = provider.client_token("axel")
    assert verify_trail(served, f"Bearer {token}") == ""
    assert verify_trail(served, f"Bearer {token}x") == "INVALID_TOKEN"
    for part in token.split("."):
        assert part not in served.log()


def test_a_server_with_tokens_alone_asks_for_no_certificate(provider, tmp_path, request):
    pki = Pki(tmp_path / "pki")
    flags = [f for f in pki.server_flags() if "client-ca" not in f and "crl" not in f]
    flags += tokens.token_flags(provider)
    tls = type("TokensAlone", (), {"server_flags": lambda self: flags, "credentials": pki.credentials})()
    server = harness.Server(tmp_path / "server", tls=tls).start()
    request.addfinalizer(server.stop)
    assert verify_trail(server, f"Bearer {provider.client_token('axel')}") == ""
    assert verify_trail(server, certificate=pki.client("auditor::axel")) == "NO_PRINCIPAL"
