"""The whole way of a sign-in: a real OpenID provider, the command line, the real server over TLS."""

import json
import os
import subprocess

import pytest
from tests.e2e import harness
from tests.e2e.cli_connection_test import CLI, Shell
from tests.e2e.tokens import AUDIENCE, token_server
from tests.support.oidc_provider import OidcProvider

CLIENTS = [{"id": "robot", "claims": {"trialgate_role": "auditor"}}]
USERS = [{"id": "nora", "claims": {"trialgate_role": "national"}}]


@pytest.fixture(scope="module")
def provider():
    with OidcProvider(audience=AUDIENCE, clients=CLIENTS, users=USERS) as running:
        yield running


@pytest.fixture(scope="module")
def served(provider, tmp_path_factory):
    running = token_server(tmp_path_factory, provider)
    yield running
    running.stop()


@pytest.fixture
def shell(provider, served, tmp_path):
    """A command line with a context for people and one for a program."""
    made = Shell(tmp_path)
    at = ["--server", served.address, "--ca", served.tls.ca, "--issuer", provider.issuer,
          "--audience", AUDIENCE]
    made.ok("config", "set-context", "person", *at, "--client-id", "trialgate-cli", "--scopes",
            "openid offline_access api")
    made.ok("config", "set-context", "program", *at, "--client-id", "robot", "--client-secret-env",
            "ROBOT_SECRET", "--scopes", "api")
    made.ok("config", "use-context", "person")
    return made


def sign_in(shell, provider, settle):
    """Signs in with the device flow; `settle` is given the code. Returns exit code and words."""
    environment = {**os.environ, "TRIALGATE_CONFIG": str(shell.config)}
    environment.pop("TRIALGATE_SERVER", None)
    with subprocess.Popen([CLI, "login"], env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as running:
        lines = []
        while not lines or "Waiting until" not in lines[-1]:
            lines.append(running.stderr.readline())
            assert lines[-1], f"it ended: {lines}"
        code = lines[lines.index("and enter the code\n") + 2].strip()
        assert settle(code) == 204
        rest = running.communicate(timeout=60)[1]
    return running.returncode, "".join(lines) + rest


def tokens(shell, context):
    return json.loads((shell.config.parent / "tokens" / f"{context}.json").read_text())


def test_a_person_signs_in_is_known_and_stays_known(shell, provider):
    code, words = sign_in(shell, provider, lambda code: provider.approve_device(code, "nora"))
    assert code == 0 and "Signed in" in words, words
    who = json.loads(shell.ok("auth", "whoami", "-o", "json"))
    assert who == {"role": "ROLE_NATIONAL", "subject": "nora"}
    assert shell.ok("auth", "can-i", "ApplyPack").startswith("yes")
    shell.ok("pack", "validate", harness.PACK, "--sample")

    # The token has expired: the next command gets another by itself.
    path = shell.config.parent / "tokens" / "person.json"
    old = tokens(shell, "person")
    path.write_text(json.dumps({**old, "expires": 0}))
    shell.ok("auth", "whoami")
    new = tokens(shell, "person")
    assert new["access_token"] != old["access_token"] and new["expires"] > 0
    assert old["access_token"] not in words and old["refresh_token"] not in words

    shell.ok("logout")
    assert shell.run("auth", "whoami").returncode == 7


def test_a_person_who_says_no_is_not_signed_in(shell, provider):
    code, words = sign_in(shell, provider, provider.deny_device)
    assert code == 7 and "refused" in words
    assert shell.run("auth", "whoami").returncode == 7


def test_a_program_signs_in_with_its_secret(shell):
    shell.ok("--context", "program", "login", "--client-credentials", ROBOT_SECRET="robot-secret")
    who = json.loads(shell.ok("--context", "program", "auth", "whoami", "-o", "json"))
    assert who == {"role": "ROLE_AUDITOR", "subject": "robot"}
    shell.ok("--context", "program", "audit", "verify")
    assert shell.run("--context", "program", "region", "list").returncode == 7


def test_a_wrong_secret_is_refused_and_not_repeated(shell):
    said = shell.refused(5, "--context", "program", "login", "--client-credentials",
                         ROBOT_SECRET="s3cr3t-wrong")
    assert "invalid_client" in said and "s3cr3t-wrong" not in said


def test_a_token_that_the_server_does_not_take_asks_for_a_new_sign_in(shell):
    shell.ok("--context", "program", "login", "--client-credentials", ROBOT_SECRET="robot-secret")
    path = shell.config.parent / "tokens" / "program.json"
    kept = tokens(shell, "program")
    path.write_text(json.dumps({**kept, "access_token": kept["access_token"][:-4] + "AAAA"}))
    said = shell.refused(7, "--context", "program", "auth", "whoami")
    assert "trialgate login" in said
