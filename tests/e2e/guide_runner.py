"""Runs the blocks of a guide in Markdown, one after the other, as its reader would.

    for block in blocks(text): ...

Blocks of sh run in the guide's folder; blocks of python share one namespace in a process of their own,
which has nothing of the test's; a text block below a python block is what that printed. A comment
`<!-- test: word -->` is a step of somebody else, which the test does.
"""

import dataclasses
import json
import re
import subprocess
import sys

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$|^<!-- test: (\w+) -->$", re.MULTILINE | re.DOTALL)

# Reads {"code", "line"} and answers {"out", "error"}, a line each.
CHILD = r"""
import contextlib, io, json, sys, traceback
namespace, answers = {"__name__": "guide"}, sys.stdout
for line in sys.stdin:
    block = json.loads(line)
    out, error = io.StringIO(), ""
    try:
        # Padded, so that a fault names the line of the guide.
        code = compile("\n" * block["line"] + block["code"], "the guide", "exec")
        with contextlib.redirect_stdout(out):
            exec(code, namespace)
    except BaseException:
        error = traceback.format_exc()
    answers.write(json.dumps({"out": out.getvalue(), "error": error}) + "\n")
    answers.flush()
"""


@dataclasses.dataclass
class Block:
    kind: str  # "sh", "python", "text" or "test"
    text: str
    line: int


def blocks(guide):
    found = []
    for match in FENCE.finditer(guide):
        line = guide.count("\n", 0, match.start()) + 1
        kind, text = (match[1], match[2]) if match[1] else ("test", match[3])
        found.append(Block(kind, text, line))
    return found


class Reader:
    """A reader who types everything in, in `folder`, with `environment`."""

    def __init__(self, folder, environment):
        self._folder, self._environment = folder, environment
        self._python = subprocess.Popen(
            [sys.executable, "-c", CHILD], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def shell(self, block):
        done = subprocess.run(["bash", "-euc", block.text], cwd=self._folder, env=self._environment,
                              capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"line {block.line}: {done.stderr}"

    def python(self, block):
        """What it printed."""
        self._python.stdin.write(json.dumps({"code": block.text, "line": block.line}) + "\n")
        self._python.stdin.flush()
        said = json.loads(self._python.stdout.readline())
        assert not said["error"], f"line {block.line}:\n{said['error']}"
        return said["out"]

    def close(self):
        self._python.stdin.close()
        self._python.wait(timeout=30)
        self._python.stdout.close()
