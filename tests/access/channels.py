"""What reaches somebody besides answers to calls: none of it may hold a mark of anybody.

To add a channel: write a function that takes the Run (two_organizations_test.py) and returns the bytes that
came since it was last asked, and name it in CHANNELS. Answers to calls need no line here: the interceptor
in wire.py records those of every method, unary or stream, and poke.py calls methods that are new by itself.
Exports and notices that reach people outside of calls (files, e-mails, webhooks) are to be added here.
"""

import urllib.request


def metrics(run):
    return get(run, "/metrics")


def health(run):
    return get(run, "/livez") + get(run, "/readyz") + run.wire.raw(
        "/grpc.health.v1.Health/Check", b"") + run.wire.raw(
        "/grpc.health.v1.Health/Check", b"\x0a\x07unknown")


def reflection(run):
    """The list of services, and the file of one symbol; nothing where reflection is off."""
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    symbol = b"trialgate.v1.TrialRequestService"
    return run.wire.raw(path, b"\x3a\x00", streams=True) + run.wire.raw(
        path, b"\x22" + bytes([len(symbol)]) + symbol, streams=True)


def log(run):
    with open(run.server.log_file, "rb") as file:
        file.seek(run.log_read)
        new = file.read()
    # From a line's beginning, so that no mark is cut in two.
    run.log_read += new.rfind(b"\n") + 1
    return new


def port_file(run):
    return (run.server.folder / "ports.json").read_bytes()


def get(run, path):
    try:
        with urllib.request.urlopen(f"http://{run.server.metrics_address}{path}", timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.read()


CHANNELS = {"metrics": metrics, "health": health, "reflection": reflection, "log": log,
            "port file": port_file}
