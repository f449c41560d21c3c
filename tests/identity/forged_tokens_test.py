"""Tokens forged with a JOSE library: each attack is refused, and what is good is not."""

import json
import pathlib
import subprocess

from tests.identity.token_check import TokenCheck
from tests.support.oidc_provider import node

FORGE = pathlib.Path(__file__).with_name("forge.mjs")
ISSUER = "https://id.example"
AUDIENCE = "https://trialgate.example"


def test_only_good_tokens_are_accepted(tmp_path):
    keys = tmp_path / "keys.json"
    forged = subprocess.run([node(), FORGE, keys, ISSUER, AUDIENCE], check=True,
                            capture_output=True, text=True).stdout
    tokens = [json.loads(line) for line in forged.splitlines()]
    wrong = []
    with TokenCheck(f"--issuer={ISSUER}", f"--audience={AUDIENCE}", f"--jwks-file={keys}") as check:
        for token in tokens:
            answer = check.verify(token["token"])
            expected = "accepted operator::mallory" if token["good"] else "refused INVALID_TOKEN "
            if not answer.startswith(expected):
                wrong.append((token["name"], answer))
    assert not wrong
    good = sum(token["good"] for token in tokens)
    assert (good, len(tokens) - good) == (8, 98)
