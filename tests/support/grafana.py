"""What a Grafana dashboard says, and whether it is well made: structure, and queries as Grafana sends
them."""

import itertools
import re

# Grafana's grid.
COLUMNS = 24
PANEL_KINDS = {"row", "stat", "timeseries", "bargauge", "table"}
LABEL_VALUES = re.compile(r"label_values\((?P<match>.+), *(?P<label>\w+)\)")


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries(dashboard):
    """(where, expression, whether it asks for one instant) of every panel and annotation."""
    found = []
    for panel in panels(dashboard):
        for target in panel["targets"]:
            where = f"{panel['title']} {target['refId']}"
            found.append((where, target["expr"], target.get("instant", False)))
    for note in dashboard["annotations"]["list"]:
        found.append((f"annotation {note['name']}", note["target"]["expr"], False))
    return found


def variables(dashboard):
    """(name, what series, which label) of every variable that asks Prometheus."""
    found = []
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        parts = LABEL_VALUES.fullmatch(variable["query"]["query"])
        assert parts, f"variable {variable['name']} is no label_values(series, label)"
        found.append((variable["name"], parts["match"], parts["label"]))
    return found


def interpolate(expression, values, interval, scrape, span):
    """`expression` as Grafana sends it: `values` by variable; times are seconds.

    A rate looks back over four scrapes at least, as Grafana computes $__rate_interval.
    """
    values = {
        **values,
        "__rate_interval": f"{max(interval + scrape, 4 * scrape)}s",
        "__interval": f"{interval}s",
        "__range": f"{span}s",
    }
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], expression)


def _overlap(one, other):
    return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
               for at, size in (("x", "w"), ("y", "h")))


def _panel_faults(panel):
    where = f"panel {panel.get('title') or panel.get('id')}"
    if not panel.get("title"):
        yield f"{where}: no title"
    if panel.get("type") not in PANEL_KINDS:
        yield f"{where}: unknown type {panel.get('type')}"
    position = panel.get("gridPos", {})
    if set(position) != {"x", "y", "w", "h"}:
        yield f"{where}: gridPos is not x, y, w, h"
    elif min(position.values()) < 0 or position["x"] + position["w"] > COLUMNS or not position["h"]:
        yield f"{where}: lies outside the grid"
    if panel.get("type") == "row":
        return
    if len(panel.get("description", "")) < 10 or not panel["description"].endswith("."):
        yield f"{where}: no description"
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if not defaults.get("unit"):
        yield f"{where}: no unit"
    steps = defaults.get("thresholds", {}).get("steps", [])
    limits = [step["value"] for step in steps]
    if not steps or limits[0] is not None or limits[1:] != sorted(limits[1:]):
        yield f"{where}: thresholds do not ascend from null"
    targets = panel.get("targets", [])
    if not targets or len({target.get("refId") for target in targets}) != len(targets):
        yield f"{where}: no targets, or two with one refId"
    for part in (panel, *targets):
        if part.get("datasource") != {"type": "prometheus", "uid": "${datasource}"}:
            yield f"{where}: does not ask the chosen datasource"
    if not all(target.get("expr") and target.get("legendFormat") for target in targets):
        yield f"{where}: a target without expression or legend"


def structure_faults(dashboard):
    """Everything wrong with its form, as lines."""
    faults = []
    for key in ("uid", "title", "description", "tags", "schemaVersion", "time", "refresh",
                "templating", "annotations", "panels"):
        if not dashboard.get(key):
            faults.append(f"no {key}")
    if dashboard.get("id") is not None:
        faults.append("has an id, which belongs to one Grafana")
    listed = dashboard.get("panels", [])
    for panel in listed:
        faults += _panel_faults(panel)
    ids = [panel.get("id") for panel in listed]
    if None in ids or len(set(ids)) != len(ids):
        faults.append("panels without an id of their own")
    placed = [panel for panel in listed if set(panel.get("gridPos", {})) == {"x", "y", "w", "h"}]
    for one, other in itertools.combinations(placed, 2):
        if _overlap(one["gridPos"], other["gridPos"]):
            faults.append(f"{one['title']} and {other['title']} overlap")
    variables_known = {v.get("name") for v in dashboard.get("templating", {}).get("list", [])}
    if "datasource" not in variables_known:
        faults.append("no variable for the datasource")
    return faults
