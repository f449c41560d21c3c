"""A real Prometheus that scrapes servers of a test, with the configuration that is shipped."""

import json
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "prometheus"


def installed():
    return shutil.which("prometheus") is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


class Prometheus:
    """Scrapes `targets` ("127.0.0.1:1234") every second, as the shipped configuration says."""

    def __init__(self, folder, targets):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        for rules in SHIPPED.glob("*.yml"):
            shutil.copy(rules, self.folder)
        (self.folder / "prometheus.yml").write_text(self._configuration(targets))
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        with open(self.folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder / 'prometheus.yml'}",
                 f"--storage.tsdb.path={self.folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{port}"],
                stdout=log, stderr=log)

    @staticmethod
    def _configuration(targets):
        text = (SHIPPED / "prometheus.yml").read_text()
        assert "['localhost:7421']" in text
        text = text.replace("['localhost:7421']", json.dumps(targets))
        assert "scrape_interval: 15s" in text
        return text.replace("scrape_interval: 15s", "scrape_interval: 1s\n  scrape_timeout: 1s")

    def log(self):
        return (self.folder / "log").read_text()[-2000:]

    def ask(self, path, **parameters):
        """What the API answers; urllib.error.HTTPError where it refuses the question."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        url = f"{self.address}/api/v1/{path}" + (f"?{query}" if query else "")
        with urllib.request.urlopen(url, timeout=10) as response:
            return json.load(response)["data"]

    def query(self, text):
        """The series that `text` has now, each with "metric" and "value"."""
        return self.ask("query", query=text)["result"]

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
