#!/usr/bin/env python3
"""Checks the text of every file that git knows or would add.

    tools/lib/text_rules.py

Errors: a path of one person's machine; the host of a package registry (a lockfile pins contents by
hash, each machine asks its own registry). Warning only: a source file of more than 400 lines.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

MAX_LINES = 400
SOURCES = (".h", ".cc", ".py", ".proto")

# A home or work folder at the start of a path, not one inside an address or below another folder.
MACHINE_PATH = re.compile(r"(?<![\w./}-])/(?:work|home|root|Users)/[\w.-]")

# Told by how such hosts are named, so that none need be named here.
REGISTRY = re.compile(
    r"https?://(?:registry|mirrors?|packages|npm|pypi|index|proxy|deb|archive)"
    r"\.[\w.-]+|\"(?:resolved|funding)\"\s*:")


def faults_of(path, text):
    """All faults of one file, as lines to print."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            found.append(f"{path}:{number}: names a folder of one machine")
        if REGISTRY.search(line):
            found.append(f"{path}:{number}: names a package registry")
    return found


def warnings_of(path, text):
    lines = text.count("\n")
    if path.endswith(SOURCES) and lines > MAX_LINES:
        return [f"{path}: warning: {lines} lines; past 400, split it or say in it why not"]
    return []


def known_files(root):
    """The files that git tracks or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def main():
    found, warnings = [], []
    for path in known_files(ROOT):
        content = (ROOT / path).read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8", errors="replace")
        found += faults_of(path, text)
        warnings += warnings_of(path, text)
    for line in warnings + found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
