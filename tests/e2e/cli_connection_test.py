"""How the command line finds its server: contexts, TLS, and words for what is wrong with either.

The servers here answer every call with an empty message, and remember what they were sent.
"""

import json
import os
import stat
import subprocess
from concurrent import futures

import grpc
import pytest
from tests.e2e import harness, pki

CLI = harness.BUILD / "tools" / "cli" / "trialgate"
SECRET = "s3cr3t-that-nobody-may-see"
PAST = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]


class Recorder(grpc.GenericRpcHandler):
    """Answers everything with an empty message."""

    def __init__(self):
        self.metadata = []

    def service(self, details):
        self.metadata.append(dict(details.invocation_metadata))
        return grpc.unary_unary_rpc_method_handler(lambda request, context: b"")


class Listener:
    """A gRPC server on a port of its own; `files` are its key and certificate."""

    def __init__(self, files=None, clients_of=None):
        self.recorder = Recorder()
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        self.server.add_generic_rpc_handlers([self.recorder])
        if files is None:
            port = self.server.add_insecure_port("127.0.0.1:0")
        else:
            authority = clients_of.ca.read_bytes() if clients_of else None
            port = self.server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials(
                [tuple(path.read_bytes() for path in files)], authority, clients_of is not None))
        self.address = f"127.0.0.1:{port}"
        self.server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(None)

    @property
    def last(self):
        return self.recorder.metadata[-1]


class Shell:
    """The command line with a file of contexts of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "settings" / "config.toml"

    def run(self, *words, **variables):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("TRIALGATE_", "XDG_"))}
        environment.update(TRIALGATE_CONFIG=str(self.config), **variables)
        return subprocess.run([CLI, "--timeout", "10", *map(str, words)], capture_output=True,
                              text=True, timeout=60, check=False, env=environment, cwd=self.folder)

    def ok(self, *words, **variables):
        done = self.run(*words, **variables)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, code, *words, **variables):
        done = self.run(*words, **variables)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert not done.stdout
        return done.stderr


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return pki.Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def client(authority):
    return authority.client(harness.NATIONAL)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return pki.Pki(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def mutual(authority):
    """A server that wants certificates of clients."""
    with Listener((authority.key, authority.certificate), clients_of=authority) as listener:
        yield listener


@pytest.fixture(scope="module")
def plain():
    with Listener() as listener:
        yield listener


def pair(files):
    return ["--certificate", files[1], "--key", files[0]]


# --- Contexts ---


def test_a_context_holds_everything_that_a_command_needs(shell, mutual, authority, client):
    # Paths are given from where one stands, and hold from everywhere.
    for name, path in zip(("ca.pem", "client.key", "client.pem"), (authority.ca, *client)):
        (shell.folder / name).write_bytes(path.read_bytes())
        (shell.folder / name).chmod(0o600)
    shell.ok("config", "set-context", "denmark", "--server", mutual.address, "--ca", "ca.pem",
             "--certificate", "client.pem", "--key", "client.key")
    shell.ok("config", "use-context", "denmark")
    assert shell.ok("config", "current-context") == "denmark\n"
    away = shell.folder / "away"
    away.mkdir()
    shell.folder = away
    shell.ok("region", "list")
    assert "authorization" not in mutual.last and "trialgate-principal" not in mutual.last


def test_contexts_are_listed_viewed_changed_and_deleted(shell):
    shell.ok("config", "set-context", "a", "--server", "a.example:1", "--issuer",
             "https://login.example", "--client-id", "cli", "--client-secret-file", "/run/secret")
    shell.ok("config", "set-context", "b", "--insecure", "--as", "national::nora")
    shell.ok("config", "use-context", "a")
    listed = shell.ok("config", "get-contexts")
    assert "a.example:1" in listed and "as national::nora" in listed
    assert "signs in at https://login.example" in listed
    viewed = json.loads(shell.ok("config", "view", "-o", "json"))
    assert viewed["current-context"] == "a"
    assert [context["name"] for context in viewed["contexts"]] == ["a", "b"]
    assert viewed["contexts"][1]["insecure"] is True
    assert "[contexts.a]" in shell.ok("config", "view")
    shell.ok("config", "set-context", "a", "--server", "other.example:1", "--issuer", "",
             "--client-id", "", "--client-secret-file", "")
    changed = json.loads(shell.ok("config", "view", "-o", "json"))["contexts"][0]
    assert changed == {"name": "a", "server": "other.example:1"}
    shell.ok("config", "delete-context", "a")
    assert "no context is current" in shell.refused(4, "config", "current-context")
    assert "there are: b" in shell.refused(2, "config", "use-context", "a")
    assert "there are: b" in shell.refused(2, "config", "delete-context", "a")


def test_the_file_of_contexts_is_for_its_owner_only(shell):
    shell.ok("config", "set-context", "a", "--server", "127.0.0.1:1")
    assert stat.S_IMODE(shell.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(shell.config.parent.stat().st_mode) == 0o700
    shell.config.chmod(0o666)
    assert "may be written by others" in shell.refused(2, "config", "view")


def test_a_context_that_would_not_work_is_not_written(shell):
    said = shell.refused(2, "config", "set-context", "a", "--server", "a.example:1", "--insecure",
                         "--certificate", "c.pem")
    assert "--insecure" in said and "--certificate: needs key" in said
    assert "digits" in shell.refused(2, "config", "set-context", "../x", "--server", "x:1")
    assert "say what to set" in shell.refused(2, "config", "set-context", "a")
    assert not shell.config.exists()


def test_many_at_once_change_the_file_without_losing_one(shell):
    with futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: shell.ok("config", "set-context", f"c{i}", "--server", f"h{i}:1"),
                      range(16)))
    names = [c["name"] for c in json.loads(shell.ok("config", "view", "-o", "json"))["contexts"]]
    assert sorted(names) == sorted(f"c{i}" for i in range(16))


# --- TLS ---


def test_a_server_is_known_by_its_certificate_and_a_client_by_its_own(shell, mutual, authority,
                                                                      client):
    shell.ok("--server", mutual.address, "--ca", authority.ca, *pair(client), "region",
             "list")


def test_the_environment_names_certificates_too(shell, mutual, authority, client):
    shell.ok("region", "list", TRIALGATE_SERVER=mutual.address,
             TRIALGATE_CA=str(authority.ca), TRIALGATE_CERTIFICATE=str(client[1]),
             TRIALGATE_KEY=str(client[0]))


def test_a_server_name_stands_for_that_of_the_address(shell, authority):
    with Listener(authority.odd_client("named", usage="serverAuth")) as named:
        flags = ["--server", named.address, "--ca", authority.ca]
        said = shell.refused(8, *flags, "region", "list")
        assert "a certificate for another name" in said and "--server-name" in said
        shell.ok(*flags, "--server-name", "odd.example", "region", "list")


def test_a_server_of_an_unknown_authority_is_not_trusted(shell, mutual, stranger, client):
    said = shell.refused(8, "--server", mutual.address, "--ca", stranger.ca, *pair(client),
                         "region", "list")
    assert "not to be trusted" in said and "--ca" in said


def test_a_server_whose_certificate_is_past_is_said_so(shell, authority):
    with Listener(authority.odd_client("past", usage="serverAuth", dates=PAST)) as past:
        said = shell.refused(8, "--server", past.address, "--ca", authority.ca, "--server-name",
                             "odd.example", "region", "list")
    assert "has expired" in said


def test_a_client_without_a_certificate_or_with_a_strange_one_learns_why(shell, mutual, authority,
                                                                        stranger):
    flags = ["--server", mutual.address, "--ca", authority.ca]
    said = shell.refused(8, *flags, "region", "list")
    assert "asks for a client's certificate" in said and "--certificate" in said
    said = shell.refused(8, *flags, *pair(stranger.client(harness.NATIONAL)), "region", "list")
    assert "does not accept the client's certificate" in said


def test_files_that_do_not_fit_are_named_before_anything_is_sent(shell, authority, client):
    flags = ["--server", "127.0.0.1:1", "--ca", authority.ca]
    other = authority.client(harness.AUDITOR)
    said = shell.refused(2, *flags, *pair((other[0], client[1])), "region", "list")
    assert "is not the key of the certificate" in said
    said = shell.refused(2, *flags, *pair(authority.odd_client("late", dates=PAST)), "region", "list")
    assert "expired" in said
    said = shell.refused(2, *flags, *pair((client[0], "none.pem")), "region", "list")
    assert "none.pem" in said and "No such file" in said


def test_a_server_with_tls_and_one_without_are_told_apart(shell, mutual, plain, authority):
    said = shell.refused(8, "--server", mutual.address, "region", "list")
    assert "is to be called with TLS" in said
    said = shell.refused(8, "--server", plain.address, "--ca", authority.ca, "region",
                         "list")
    assert "answers without TLS" in said


# --- Tokens ---


def token_file(shell, content=SECRET, mode=0o600):
    path = shell.folder / "token"
    path.write_text(content + "\n")
    path.chmod(mode)
    return path


def test_a_token_in_a_file_is_sent_over_tls(shell, mutual, authority, client):
    shell.ok("--server", mutual.address, "--ca", authority.ca, *pair(client), "region",
             "list", TRIALGATE_TOKEN_FILE=str(token_file(shell)))
    assert mutual.last["authorization"] == f"Bearer {SECRET}"


def test_without_tls_a_token_is_sent_only_where_insecure_is_said(shell, plain):
    token = token_file(shell)
    calls = len(plain.recorder.metadata)
    shell.refused(8, "--server", plain.address, "--token-file", token, "region", "list")
    assert len(plain.recorder.metadata) == calls
    shell.ok("--server", plain.address, "--token-file", token, "--insecure", "region", "list")
    assert plain.last["authorization"] == f"Bearer {SECRET}"
    said = shell.refused(2, "--server", "trialgate.example:1", "--token-file", token, "--insecure",
                         "region", "list")
    assert "on this machine only" in said


def test_a_token_that_others_can_read_or_that_is_none_is_refused(shell, plain):
    flags = ["--server", plain.address, "--insecure", "region", "list", "--token-file"]
    said = shell.refused(2, *flags, token_file(shell, mode=0o644))
    assert "may be read by others" in said
    said = shell.refused(2, *flags, token_file(shell, content=f"{SECRET} and\nmore"))
    assert "holds no access token" in said and SECRET not in said


@pytest.mark.parametrize("flag", ["--token", "--secret", "--client-secret", "--password",
                                  "--access-token", "--bearer-token"])
def test_no_flag_takes_a_secret_and_none_is_repeated(shell, plain, flag):
    for words in (["region", "list", flag, SECRET], [flag, SECRET, "region", "list"],
                  ["region", "list", f"{flag}={SECRET}"],
                  ["config", "set-context", "a", "--server", "x:1", flag, SECRET]):
        done = shell.run("--server", plain.address, *words)
        assert done.returncode == 2, words
        assert SECRET not in done.stdout + done.stderr
        assert "never given on a command line" in done.stderr
    assert not shell.config.exists()


# --- The real server ---


@pytest.fixture(scope="module")
def served(authority, tmp_path_factory):
    running = harness.Server(tmp_path_factory.mktemp("served"), tls=authority).start()
    yield running
    running.stop()


def test_the_real_server_knows_people_by_their_certificates(shell, served, authority, client):
    shell.ok("config", "set-context", "nora", "--server", served.address, "--ca", authority.ca,
             *pair(client))
    shell.ok("config", "set-context", "axel", "--server", served.address, "--ca", authority.ca,
             *pair(authority.client(harness.AUDITOR)))
    shell.ok("--context", "nora", "pack", "validate", harness.PACK, "--sample")
    assert shell.run("--context", "axel", "pack", "validate", harness.PACK).returncode == 7
    shell.ok("--context", "axel", "audit", "verify")
    assert json.loads(shell.ok("--context", "axel", "auth", "whoami", "-o", "json")) == {
        "role": "ROLE_AUDITOR", "subject": "axel"}
    assert shell.ok("--context", "nora", "auth", "can-i", "ApplyPack").startswith("yes")
    assert shell.run("--context", "axel", "auth", "can-i", "ApplyPack").returncode == 7
    assert shell.run("--context", "axel", "auth", "can-i", "NoSuchMethod").returncode == 3


def test_the_real_server_turns_down_strangers(shell, served, authority, stranger):
    flags = ["--server", served.address, "--ca", authority.ca]
    assert "asks for a client's certificate" in shell.refused(8, *flags, "region", "list")
    said = shell.refused(8, *flags, *pair(stranger.client(harness.NATIONAL)), "region", "list")
    assert "does not accept the client's certificate" in said
