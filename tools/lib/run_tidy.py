#!/usr/bin/env python3
"""Runs clang-tidy over the changed C++ files, in parallel, remembering what was clean.

    tools/lib/run_tidy.py --build-dir DIR [--base COMMIT]     without a base: over all files

A changed header is seen through the file of the same name, or else through the first file that
includes it. A file is looked at again only when it, a header of the house it includes, a proto, its
command line or .clang-tidy has changed. Exits with 1 if anything was found.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-14"
HOUSE = ("common/", "services/", "tools/", "tests/")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# What clang says on stderr even if nothing was found.
NOISE = re.compile(r"^(\d+ warnings? (generated|treated as errors?)\.?|Suppressed .*|Use -header.*)$")
FINDING = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning): )", re.MULTILINE)


def house_commands(build_dir):
    """The compile command of each file of the house, by its path from the root."""
    commands = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        path = os.path.relpath(entry["file"], ROOT)
        if path.startswith(HOUSE):
            commands[path] = entry["command"]
    return commands


def changed_files(base):
    """Files that differ from `base`, committed or not, and new ones."""
    def names(*command):
        done = subprocess.run(["git", *command], cwd=ROOT, check=True, capture_output=True,
                              text=True)
        return {name for name in done.stdout.split("\0") if name}
    return (names("diff", "-z", "--name-only", "--diff-filter=d", base)
            | names("ls-files", "-z", "--others", "--exclude-standard"))


def house_includes(path):
    """`path` and all headers of the house that it includes, in any depth."""
    seen, todo = set(), [path]
    while todo:
        name = todo.pop()
        if name in seen or not (ROOT / name).is_file():
            continue
        seen.add(name)
        todo += [header for header in INCLUDE.findall((ROOT / name).read_text(encoding="utf-8"))
                 if header.startswith(HOUSE)]
    return seen


def chosen_files(commands, changed):
    """The files to look at so that everything in `changed` is seen."""
    chosen = {path for path in changed if path in commands}
    for header in sorted(path for path in changed if path.endswith(".h")):
        own = header[:-2] + ".cc"
        if own in commands:
            chosen.add(own)
        elif not any(header in house_includes(path) for path in chosen):
            chosen.update([path for path in sorted(commands) if header in house_includes(path)][:1])
    return sorted(chosen)


def fingerprint(path, command):
    """What the findings of `path` depend on, of what changes on one machine."""
    digest = hashlib.sha256(command.encode())
    inputs = [".clang-tidy", "tools/lib/run_tidy.py", *sorted(house_includes(path))]
    protos = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "proto").rglob("*.proto"))
    for name in inputs + protos:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()


def tidy(path, command, build_dir, clean_dir):
    """The findings of one file, as text; empty if there are none."""
    mark = clean_dir / fingerprint(path, command)
    if mark.exists():
        return ""
    done = subprocess.run(
        [TIDY, "--quiet", "-p", build_dir, "--extra-arg=-Wno-unknown-warning-option", path],
        cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.touch()
        return ""
    output = done.stdout + "\n".join(
        line for line in done.stderr.splitlines() if not NOISE.match(line))
    return output.replace(f"{ROOT}/", "").strip() or f"{path}: {TIDY} failed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--base")
    arguments = parser.parse_args()
    build_dir = arguments.build_dir.resolve()
    commands = house_commands(build_dir)
    paths = (chosen_files(commands, changed_files(arguments.base)) if arguments.base
             else sorted(commands))
    clean_dir = ROOT / "build" / "tidy"
    clean_dir.mkdir(parents=True, exist_ok=True)
    failed = 0
    printed = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for output in pool.map(lambda p: tidy(p, commands[p], build_dir, clean_dir), paths):
            if output:
                failed += 1
                # A header's finding comes with every file that includes it.
                for finding in FINDING.split(output):
                    if finding and finding.strip() not in printed:
                        printed.add(finding.strip())
                        print(finding.rstrip(), flush=True)
    print(f"clang-tidy: {len(paths)} files, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
