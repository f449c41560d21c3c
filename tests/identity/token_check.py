"""The binary token_check, which verifies tokens as the server does."""

import os
import pathlib
import subprocess


class TokenCheck:
    """Runs as long as the `with` that it stands in."""

    def __init__(self, *arguments):
        binary = pathlib.Path(os.environ["TRIALGATE_BUILD_DIR"]) / "tests/identity/token_check"
        self._process = subprocess.Popen([binary, *arguments], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.log = None  # what it wrote to standard error, once it has ended

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.log = self._process.communicate(timeout=60)[1]

    def verify(self, token):
        """"accepted PRINCIPAL" or "refused REASON why"."""
        assert "\n" not in token
        self._process.stdin.write(token + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().rstrip("\n")
        assert answer, self._process.communicate()[1]
        return answer
