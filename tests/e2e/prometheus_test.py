"""A real Prometheus scrapes a real server, with the configuration that is shipped."""

import json
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from tests.e2e import harness

pytestmark = pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def prometheus(denmark, tmp_path):
    shipped = harness.ROOT / "deploy" / "prometheus"
    configuration = (shipped / "prometheus.yml").read_text()
    assert "127.0.0.1:7421" in configuration or "localhost:7421" in configuration
    for address in ("127.0.0.1:7421", "localhost:7421"):
        configuration = configuration.replace(address, denmark.metrics_address)
    folder = tmp_path / "prometheus"
    folder.mkdir()
    for rules in shipped.glob("*.yml"):
        shutil.copy(rules, folder)
    lines = [
        "  scrape_interval: 1s" if "scrape_interval" in line and line.startswith("  s") else line
        for line in configuration.splitlines()
    ]
    text = "\n".join(lines)
    for word in ("scrape_timeout: 10s", "scrape_timeout: 5s"):
        text = text.replace(word, "scrape_timeout: 1s")
    (folder / "prometheus.yml").write_text(text + "\n")
    port = free_port()
    log = open(folder / "log", "wb")
    process = subprocess.Popen(
        ["prometheus", f"--config.file={folder / 'prometheus.yml'}",
         f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=log, stderr=log)
    yield f"http://127.0.0.1:{port}", pathlib.Path(folder / "log")
    process.terminate()
    process.wait(timeout=30)
    log.close()


def ask(base, path):
    with urllib.request.urlopen(base + path, timeout=10) as response:
        return json.load(response)["data"]


def eventually(question, seconds=60):
    """Waits for another program to get there; the last answer either way."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if question():
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def test_prometheus_scrapes_the_server_and_loads_the_alert_rules(prometheus):
    base, log = prometheus

    def query(text):
        return ask(base, "/api/v1/query?query=" + urllib.parse.quote(text))["result"]

    assert eventually(lambda: [r for r in query("up") if r["value"][1] == "1"]), log.read_text()[-2000:]
    assert query("sum(grpc_server_handled_total)")
    assert query("trialgate_free_slots")
    commits = query("sum(trialgate_commit_seconds_count)")
    assert float(commits[0]["value"][1]) >= 1, "applying the pack was a commit"
    rules = [r for g in ask(base, "/api/v1/rules")["groups"] for r in g["rules"]]
    assert len(rules) >= 3 and all(r["health"] in ("ok", "unknown") for r in rules)
