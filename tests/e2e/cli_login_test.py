"""Signing in with the command line: the files that it leaves, and what it never shows."""

import json
import os
import signal
import stat
import subprocess
from concurrent import futures

import pytest
from tests.e2e.cli_connection_test import CLI, Listener, Shell
from tests.e2e.oauth_server import OAuthServer

SECRETS = {"access": "s3cr3t-access", "refresh": "s3cr3t-refresh", "client": "s3cr3t-client",
           "device": "s3cr3t-device"}
CODE = {"device_code": SECRETS["device"], "user_code": "WDJB-MJHT", "expires_in": 60, "interval": 1}


def tokens(valid=600, **more):
    return 200, {"token_type": "Bearer", "access_token": SECRETS["access"], "expires_in": valid,
                 "refresh_token": SECRETS["refresh"], **more}


def refusal(error):
    return 400, {"error": error}


@pytest.fixture
def oauth():
    with OAuthServer() as server:
        server.answers["/device"] = (200, {**CODE, "verification_uri": server.issuer + "/go"})
        server.answers["/token"] = tokens()
        server.answers["/revoke"] = (200, {})
        yield server


@pytest.fixture
def trialgate():
    with Listener() as listener:
        yield listener


@pytest.fixture
def shell(tmp_path, oauth, trialgate):
    """A command line whose current context signs in at `oauth` for the server `trialgate`."""
    made = Shell(tmp_path)
    secret = tmp_path / "client-secret"
    secret.write_text(SECRETS["client"] + "\n")
    secret.chmod(0o600)
    made.ok("config", "set-context", "test", "--server", trialgate.address, "--insecure",
            "--issuer", oauth.issuer, "--client-id", "cli", "--audience", "urn:trialgate",
            "--client-secret-file", "client-secret")
    made.ok("config", "use-context", "test")
    yield made
    # Whatever happened: what is shown, and what everybody can read, has no secret.
    for path in tmp_path.rglob("*"):
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) != 0o600:
            assert not any(value in path.read_text() for value in SECRETS.values()), path


def said(done):
    """All that a run showed, which must hold no secret."""
    words = done.stdout + done.stderr
    for secret in SECRETS.values():
        assert secret not in words
    return words


def login(shell, *words, code=0, **variables):
    done = shell.run("login", *words, **variables)
    assert done.returncode == code, f"{done.returncode}\n{done.stderr}"
    return said(done)


def token_path(shell):
    return shell.config.parent / "tokens" / "test.json"


def expire(shell):
    """Makes the access token one that has expired."""
    content = json.loads(token_path(shell).read_text())
    content["expires"] = 0
    token_path(shell).write_text(json.dumps(content))


def test_a_person_signs_in_with_a_code_and_is_known_from_then_on(shell, oauth, trialgate):
    pending = [refusal("authorization_pending"), tokens()]
    oauth.answers["/token"] = lambda form: pending.pop(0)
    words = login(shell)
    assert "WDJB-MJHT" in words and oauth.issuer + "/go" in words and "Signed in" in words
    assert stat.S_IMODE(token_path(shell).stat().st_mode) == 0o600
    assert stat.S_IMODE(token_path(shell).parent.stat().st_mode) == 0o700
    assert oauth.forms("/device")[0]["resource"] == "urn:trialgate"
    shell.ok("region", "list")
    assert trialgate.last["authorization"] == f"Bearer {SECRETS['access']}"
    assert "yes" in shell.ok("config", "get-contexts")


def test_who_has_not_signed_in_is_told_to(shell, trialgate):
    done = shell.run("region", "list")
    assert done.returncode == 7
    assert "not signed in" in done.stderr and "`trialgate login --context test`" in done.stderr
    assert not trialgate.recorder.metadata


def test_a_program_signs_in_with_the_secret_in_a_file(shell, oauth):
    login(shell, "--client-credentials")
    path, form, headers = oauth.asked[-1]
    assert path == "/token" and form["grant_type"] == "client_credentials"
    assert headers["Authorization"].startswith("Basic ") and "client_id" not in form
    assert form["resource"] == "urn:trialgate"


def test_a_program_signs_in_with_the_secret_in_a_variable(shell, oauth):
    shell.ok("config", "set-context", "test", "--client-secret-file", "", "--client-secret-env",
             "MY_SECRET")
    assert "MY_SECRET is not set" in login(shell, "--client-credentials", code=2)
    login(shell, "--client-credentials", MY_SECRET=SECRETS["client"])


def test_a_secret_that_others_can_read_is_refused(shell, oauth):
    (shell.folder / "client-secret").chmod(0o644)
    assert "may be read by others" in login(shell, "--client-credentials", code=2)
    assert not oauth.asked
    (shell.folder / "client-secret").chmod(0o600)


def test_many_commands_at_once_renew_an_expired_token_once(shell, oauth, trialgate):
    login(shell)
    expire(shell)
    oauth.asked.clear()
    oauth.answers["/token"] = tokens(refresh_token=SECRETS["refresh"] + "-2")
    with futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: shell.ok("region", "list"), range(6)))
    assert [form["grant_type"] for form in oauth.forms("/token")] == ["refresh_token"]
    assert len(trialgate.recorder.metadata) == 6


def test_a_sign_in_that_the_provider_ended_asks_for_a_new_one(shell, oauth):
    login(shell)
    expire(shell)
    oauth.answers["/token"] = refusal("invalid_grant")
    done = shell.run("region", "list")
    assert done.returncode == 7 and "`trialgate login --context test`" in said(done)
    assert not token_path(shell).exists()


def test_signing_out_revokes_and_forgets(shell, oauth):
    login(shell)
    done = shell.run("logout")
    assert done.returncode == 0 and "revoked" in said(done)
    assert oauth.forms("/revoke") == [{"token": SECRETS["refresh"],
                                       "token_type_hint": "refresh_token"}]
    assert not token_path(shell).exists()
    assert shell.run("region", "list").returncode == 7


def test_signing_out_where_the_provider_is_gone_still_forgets(shell, oauth):
    login(shell)
    oauth.answers["/revoke"] = (500, {})
    done = shell.run("logout")
    assert done.returncode == 0 and "not revoked" in said(done)
    assert not token_path(shell).exists()


def test_deleting_a_context_deletes_its_tokens(shell, oauth):
    login(shell)
    shell.ok("config", "delete-context", "test")
    assert not token_path(shell).exists()


def test_an_answer_that_is_none_signs_nobody_in(shell, oauth):
    for answer in ((200, b"<html>" + SECRETS["access"].encode()), (500, {}), (302, {}),
                   (200, b"{\"x\": \"" + b"x" * (1 << 20) + b"\"}"), (200, [SECRETS["access"]]),
                   (200, {"access_token": SECRETS["access"] + "\r\nx: y", "token_type": "Bearer"})):
        oauth.answers["/token"] = answer
        login(shell, "--client-credentials", code=8)
    assert not token_path(shell).exists()
    assert not any(path == "/elsewhere" for path, _, _ in oauth.asked)


def test_a_provider_that_repeats_secrets_does_not_make_us_repeat_them(shell, oauth):
    oauth.answers["/token"] = (401, {"error": "invalid_client",
                                     "error_description": f"no {SECRETS['client']} here"})
    assert "invalid_client" in login(shell, "--client-credentials", code=5)


def test_a_provider_that_says_it_is_another_is_not_believed(shell, oauth):
    oauth.answers["/.well-known/openid-configuration"] = (
        200, {**oauth.discovery(), "issuer": "https://other.example"})
    assert "says that it is" in login(shell, code=8)
    assert not oauth.asked


def test_a_provider_that_is_not_there_is_said_so(shell):
    shell.ok("config", "set-context", "test", "--issuer", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1" in login(shell, code=8)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_sign_in_ends_it_and_leaves_nothing(shell, oauth, number):
    oauth.answers["/token"] = refusal("authorization_pending")
    environment = {**os.environ, "TRIALGATE_CONFIG": str(shell.config)}
    with subprocess.Popen([CLI, "login"], env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as running:
        words = ""
        while "Ctrl-C" not in words:
            words += running.stderr.readline()
        running.send_signal(number)
        rest = running.communicate(timeout=30)[1]
    assert running.returncode == -number
    assert "Cancelled" in rest and SECRETS["device"] not in words + rest
    assert not token_path(shell).exists()


def test_no_output_of_any_kind_shows_a_token(shell):
    login(shell)
    for words in (["config", "view"], ["config", "view", "-o", "json"], ["config", "get-contexts"],
                  ["config", "get-contexts", "-o", "json"], ["region", "list", "-o", "json"],
                  ["region", "show"], ["--help"], ["login", "--help"]):
        said(shell.run(*words))
    done = subprocess.run([CLI, "region", "list"], capture_output=True, text=True, timeout=60,
                          check=False, env={**os.environ, "TRIALGATE_CONFIG": str(shell.config),
                                            "TRIALGATE_SERVER": ""})
    said(done)


def test_a_context_without_a_provider_says_what_is_missing(shell):
    shell.ok("config", "set-context", "plain", "--server", "127.0.0.1:1")
    assert "--issuer" in login(shell, "--context", "plain", code=2)
    assert "--issuer" in login(shell, "--server", "127.0.0.1:1", code=2)
