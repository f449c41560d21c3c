"""A real Prometheus scrapes a real server, with the configuration that is shipped."""

import pytest
from tests.support import prometheus as support
from tests.support.prometheus import eventually

pytestmark = pytest.mark.skipif(not support.installed(), reason="prometheus is not installed")


@pytest.fixture
def prometheus(denmark, tmp_path):
    running = support.Prometheus(tmp_path / "prometheus", [denmark.metrics_address])
    yield running
    running.stop()


def test_prometheus_scrapes_the_server_and_loads_the_alert_rules(prometheus):
    query = prometheus.query
    assert eventually(lambda: [r for r in query("up") if r["value"][1] == "1"]), prometheus.log()
    assert query("sum(grpc_server_handled_total)")
    assert query("trialgate_free_slots")
    commits = query("sum(trialgate_commit_seconds_count)")
    assert float(commits[0]["value"][1]) >= 1, "applying the pack was a commit"
    rules = [r for g in prometheus.ask("rules")["groups"] for r in g["rules"]]
    assert len(rules) >= 3 and all(r["health"] in ("ok", "unknown") for r in rules)
