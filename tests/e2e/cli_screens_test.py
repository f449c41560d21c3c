"""The command line's frame with the real binaries: formats, terminals, forms, completion, watching."""

import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import fcntl
import time

import pytest
from tests.e2e import harness
from tests.e2e.cli_test import CLI, DETAILS, STUDY, Shell, shell, submitted, width  # noqa: F401
from tests.e2e.harness import NATIONAL, REQUESTER, coordinator

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def shared(shared_denmark, tmp_path_factory):
    return Shell(shared_denmark.address, tmp_path_factory.mktemp("shell"))


def environment(shell, **more):
    base = {key: value for key, value in os.environ.items()
            if key not in ("TRIALGATE_AS", "NO_COLOR", "COLUMNS", "EDITOR", "VISUAL")}
    return {**base, "TRIALGATE_SERVER": shell.address, "TZ": "Europe/Copenhagen", "TERM": "xterm", **more}


def on_terminal(shell, columns, *words, until=None, send=None, **more):
    """What a command writes to a terminal so wide; `until` a text is there, then `send` is sent to it."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen([CLI, *words], stdin=other, stdout=other, stderr=other,
                               env=environment(shell, **more), cwd=shell.folder)
    os.close(other)
    text, deadline = "", time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main], [], [], 0.1)
        try:
            text += os.read(main, 65536).decode() if ready else ""
        except OSError:  # the other side is closed
            break
        if until and until in text and send is not None:
            process.send_signal(send)
            send = None
    return process.wait(timeout=60), text.replace("\r\n", "\n")


def test_screens_fit_the_terminal_and_have_colours_there_only(shared):
    words = ("--as", NATIONAL, "site", "capacity", "aabenraa-emergency")
    for columns in (80, 120):
        code, text = on_terminal(shared, columns, *words)
        assert code == 0 and COLOUR.search(text), text
        assert all(width(line) <= columns for line in text.splitlines()), text
    assert not COLOUR.search(on_terminal(shared, 80, *words, NO_COLOR="1")[1])
    assert not COLOUR.search(on_terminal(shared, 80, *words, TERM="dumb")[1])
    assert not COLOUR.search(shared.ok(*words[1:]))


def test_columns_decides_where_no_terminal_does(shared):
    for columns in (80, 120):
        for words in (["site", "list"], ["desk", "show", "capital"], ["site", "show", "aabenraa-emergency"]):
            done = subprocess.run([CLI, "--as", NATIONAL, *words], capture_output=True, text=True,
                                  check=True, env=environment(shared, COLUMNS=str(columns)))
            assert all(width(line) <= columns for line in done.stdout.splitlines()), done.stdout


def test_every_format_tells_the_same(shared):
    as_json = shared.json(NATIONAL, "region", "list")
    names = shared.ok(NATIONAL, "region", "list", "-o", "name").split()
    assert names == [region["name"] for region in as_json["regions"]]
    yaml = shared.ok(NATIONAL, "region", "list", "-o", "yaml")
    assert yaml.startswith("regions:\n  - name: regions/")
    assert all(f"- name: {name}\n" in yaml for name in names)
    wide = shared.run(NATIONAL, "site", "list", "-o", "wide").stdout
    assert max(len(line) for line in wide.splitlines()) > 100


def test_a_dry_run_says_so_and_changes_nothing(shell):
    draft = shell.json(REQUESTER, "request", "import", str(STUDY), *DETAILS)
    (shell.folder / "request.json").write_text(json.dumps(draft))
    done = shell.run(REQUESTER, "request", "submit", "request.json", "--dry-run")
    assert done.returncode == 0 and "Dry run" in done.stderr
    assert "There are none." in shell.run(REQUESTER, "request", "list").stderr


def test_an_answer_is_filled_in_as_a_form_whose_faults_stand_at_their_lines(shell):
    request = submitted(shell)
    referrals = [shell.json(NATIONAL, "referral", "show", r) for r in request["referrals"]]
    first = max(referrals, key=lambda r: len(r.get("sites", [])))
    editor = shell.folder / "my editor"
    # Refuses every site: at first without the words that OTHER needs.
    editor.write_text("""#!/bin/sh
cp "$1" "$HOME/seen.$(ls "$HOME" | grep -c seen)"
if grep -q '# !! ' "$1"; then sed -i '/^refusals/,$s/    comment:$/    comment: no time/' "$1"
else sed -i 's/    reason:$/    reason: OTHER/' "$1"; fi
""")
    editor.chmod(0o700)
    home = shell.folder / "home"
    home.mkdir()
    done = subprocess.run(
        [CLI, "--as", coordinator(first["desk"]), "referral", "answer", first["name"], "--edit",
         "-o", "json"], capture_output=True, text=True, check=False, cwd=shell.folder,
        env=environment(shell, EDITOR=f"'{editor}'", HOME=str(home), TMPDIR=str(shell.folder),
                        XDG_RUNTIME_DIR=""))
    seen = sorted(home.iterdir())
    assert done.returncode == 0, done.stderr + "".join(f.read_text() for f in seen)
    assert json.loads(done.stdout)["state"] == "REFERRAL_STATE_ANSWERED"
    assert len(seen) == 2
    assert "# !! refusals[0].comment: " in seen[1].read_text()
    assert not list(shell.folder.glob("trialgate-*")), "the form is gone"


def test_bash_completes_with_the_script_that_it_is_given(shared):
    script = """
source <("$0" completion bash)
COMP_WORDS=(trialgate referral decline x --reason NO_ST) COMP_CWORD=5
__trialgate
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "--norc", "-c", script, str(CLI)], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "NO_STAFF\n"


def test_an_inbox_is_watched_through_a_restart_until_it_is_interrupted(shell, server):
    request = submitted(shell)
    referrals = [shell.json(NATIONAL, "referral", "show", r) for r in request["referrals"]]
    first = referrals[0]
    desk, short = first["desk"], "/".join(first["name"].split("/")[1::2])
    place = "/".join(first["contact"].split("/")[1::2])
    log = open(shell.folder / "watched.txt", "w+")
    process = subprocess.Popen([CLI, "--as", coordinator(desk), "inbox", desk, "--watch"],
                               stdout=log, stderr=subprocess.PIPE, env=environment(shell))

    def seen(text):
        deadline = time.monotonic() + 60
        while text not in (shell.folder / "watched.txt").read_text():
            assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
            time.sleep(0.05)  # waits for another process, not for the program's clock

    seen(f"  sent  {place}  {short}  acknowledge ")
    address = server.address
    server.kill()
    server.start(listen=address)
    shell.ok(coordinator(desk), "referral", "ack", first["name"])
    seen(f"  acknowledged  {place}  {short}  answer ")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert (shell.folder / "watched.txt").read_text().count(f"sent  {place}  {short}") == 1, "told twice"
