#!/usr/bin/env python3
"""Checks who includes whom: the architecture's edges, written down as tables.

    tools/lib/include_rules.py [file ...]     default: every C++ file that git knows or would add

Prints one line per forbidden include and exits with 1. A new edge is a decision: it is made by
changing a table here, with its reason.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')

# Nouns know each other only downward: a service sees itself and those before it.
ORDER = ["access", "directory", "feasibility", "routing", "intake"]

# What the kinds of file in a service may include of services. Apps and gRPC faces may reach into
# every service, the others downward only; an app or a face of another service is nobody's to include.
MAY_INCLUDE = {
    "noun": ("noun",),
    "repository": ("noun", "repository"),
    "app": ("noun", "repository", "app"),
    "service": ("noun", "app", "service"),
}

# Folders of common, each with the others it may include.
COMMON = {
    "base": set(),
    "config": {"base"},
    # What list calls ask for, read against tables of fields that the services give: pure.
    "filter": {"base"},
    "obs": {"base", "config"},
    "identity": {"base", "obs"},
    # Keys know nothing of the store that their data lies in: the two are kept apart on disk, too.
    "keys": {"base"},
    "store": {"base", "obs"},
    "rpc": {"base", "config", "identity", "obs"},
}

# A pure rule gets a snapshot and gives a decision: it has no store, no clock, no threads, no gRPC.
IMPURE = re.compile(
    r"^(common/(store|keys|rpc|config|obs)/|common/identity/(?!principal\.h$)"
    r"|common/base/(clock|mutex)\.h$"
    r"|(thread|mutex|shared_mutex|condition_variable|future|atomic|semaphore)$"
    r"|absl/(synchronization|time/clock\.h))")

# Libraries that may be included in few places only, so that they can be replaced there.
THIRD_PARTY = [
    (re.compile(r"^rocksdb/"), re.compile(r"^(common/store|tests/.*)/rocksdb_[^/]*$"),
     "RocksDB is included only by common/store/rocksdb_* (and tests named alike)"),
    (re.compile(r"^(grpcpp|grpc)/|\.grpc\.pb\.h$"),
     re.compile(r"^(common/rpc/|services/server/|services/.*_service(_[a-z_]+)?\.(h|cc)$|tools/|tests/)"),
     "gRPC is included only by common/rpc, *_service, services/server and tools"),
    (re.compile(r"^curl/"), re.compile(r"^common/identity/curl_[^/]*$"),
     "libcurl is included only by common/identity/curl_*"),
    (re.compile(r"^prometheus/"), re.compile(r"^common/obs/"),
     "prometheus is included only by common/obs"),
]


KIND = re.compile(r"(?:^|_)(repository|projection|app|service)(?:_|$)")


def kind_of(path):
    """The kind of a file below services/<service>/, by its name: also x_app_more.cc is an app's.

    A projection, derived in memory from the commit feed, counts as a repository: a view of what is
    stored.
    """
    match = KIND.search(pathlib.PurePosixPath(path).stem)
    kind = match.group(1) if match else "noun"
    return "repository" if kind == "projection" else kind


def service_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "services" and len(parts) > 2 else None


def downward(source, target):
    """Whether a noun of service `source` may know one of service `target`."""
    if source == target:
        return True
    return (source in ORDER and target in ORDER
            and ORDER.index(target) < ORDER.index(source))


def fault_in_common(path, header):
    top = header.split("/")[0]
    if top in ("services", "tools", "tests"):
        return f"common never includes {top}"
    source, target = path.split("/")[1], header.split("/")[1] if top == "common" else None
    if target is None or target == source:
        return None
    if source not in COMMON:
        return f"common/{source} is not in the table of who may include whom"
    if target not in COMMON[source]:
        return f"common/{source} may not include common/{target}"
    return None


def fault_in_service(path, header):
    source, kind = service_of(path), kind_of(path)
    if source == "server":
        return "only tests include tests" if header.startswith("tests/") else None
    if header.startswith(("tools/", "tests/")):
        return f"services never include {header.split('/')[0]}"
    # The event writer's purpose is to write to the store.
    if source == "audit" and pathlib.PurePosixPath(path).stem == "event_writer":
        target = service_of(header)
        return None if target in (None, "audit") else "the event writer includes no service"
    if kind == "noun" and IMPURE.search(header):
        return "a noun has pure rules: no store, clock, threads or gRPC"
    target = service_of(header)
    if target is None:
        return None
    if target == "server":
        return "nobody includes services/server"
    return fault_between(source, kind, target, kind_of(header))


def fault_between(source, kind, target, target_kind):
    """What is wrong with a file of `kind` in `source` including one of `target_kind`."""
    if target_kind not in MAY_INCLUDE[kind]:
        return f"a file of kind {kind} may include only: {', '.join(MAY_INCLUDE[kind])}"
    if target_kind in ("app", "service") and target != source:
        return f"the {target_kind} of another service"
    if kind not in ("app", "service") and not downward(source, target):
        return f"services know each other only downward: {' <- '.join(ORDER)}"
    return None


def fault_in_tools(path, header):
    target = service_of(header)
    if header.startswith("tests/"):
        return "only tests include tests"
    if target is not None and (target == "server" or kind_of(header) != "noun"):
        return "tools include only the pure rules of services"
    return None


def fault(path, header):
    """Why the file `path` may not include `header`, or None."""
    if header.startswith("/") or ".." in header.split("/"):
        return "includes start at the repository's root"
    for library, allowed, reason in THIRD_PARTY:
        if library.search(header) and not allowed.search(path):
            return reason
    top = path.split("/")[0]
    rules = {"common": fault_in_common, "services": fault_in_service, "tools": fault_in_tools}
    return rules[top](path, header) if top in rules else None


def faults_of(path, text):
    """All faults of one file, as lines to print."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(1) or match.group(2)
        reason = fault(path, header)
        if reason:
            found.append(f"{path}:{number}: includes {header}: {reason}")
    return found


def known_files(root):
    """The C++ files that git tracks or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
         "*.h", "*.cc"],
        cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def main(arguments):
    found = []
    for path in arguments or known_files(ROOT):
        found += faults_of(path, (ROOT / path).read_text(encoding="utf-8"))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
