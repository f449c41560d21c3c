"""A real OpenID Provider for tests: tests/support/oidc_provider.mjs as a context manager.

    with OidcProvider(clients=[{"id": "robot", "claims": {"trialgate_role": "auditor"}}]) as provider:
        token = provider.client_token("robot")
"""

import base64
import json
import pathlib
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLI_CLIENT = "trialgate-cli"


def node():
    """The path of node; skips the test where the machine has none. The packages must install."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    subprocess.run([ROOT / "tools" / "lib" / "install_dev_tools.sh"], check=True,
                   stdout=subprocess.DEVNULL)
    return found


def post(url, body, headers):
    """The status of the answer, and its body."""
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


class OidcProvider:
    """Attributes: those of the script's ready line. `wanted` is what the script reads."""

    def __init__(self, **wanted):
        self._wanted = wanted
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(
            [node(), ROOT / "tests" / "support" / "oidc_provider.mjs"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._process.stdin.write(json.dumps(self._wanted) + "\n")
        self._process.stdin.flush()
        ready = self._process.stdout.readline()
        if not ready:
            raise RuntimeError(f"the provider did not start: {self._process.communicate()[1]}")
        self.__dict__.update(json.loads(ready))
        return self

    def __exit__(self, *_):
        self._process.communicate(timeout=30)

    def _token_request(self, form, headers=None):
        body = urllib.parse.urlencode(form).encode()
        status, answer = post(self.token_endpoint, body, headers or {})
        return status, json.loads(answer)

    def client_token(self, client):
        """An access token of that client by client_credentials."""
        basic = base64.b64encode(f"{client}:{client}-secret".encode()).decode()
        status, answer = self._token_request({"grant_type": "client_credentials"},
                                             {"Authorization": f"Basic {basic}"})
        assert status == 200, answer
        return answer["access_token"]

    def start_device(self):
        """The answer of the device authorization endpoint to the CLI's client."""
        form = {"client_id": CLI_CLIENT, "scope": "openid offline_access api"}
        status, answer = post(self.device_authorization_endpoint,
                              urllib.parse.urlencode(form).encode(), {})
        assert status == 200, answer
        return json.loads(answer)

    def poll_device(self, device_code):
        """Status and answer of the token endpoint to one poll."""
        return self._token_request(
            {"grant_type": DEVICE_GRANT, "device_code": device_code, "client_id": CLI_CLIENT})

    def refresh(self, refresh_token):
        """Status and answer of the token endpoint."""
        return self._token_request({"grant_type": "refresh_token", "refresh_token": refresh_token,
                                    "client_id": CLI_CLIENT})

    def _settle(self, what):
        return post(self.approve, json.dumps(what).encode(), {})[0]

    def approve_device(self, user_code, user):
        """What a person does in a browser: signs in and agrees. 204, or 404."""
        return self._settle({"user_code": user_code, "user": user})

    def deny_device(self, user_code):
        """As approve_device, for one who does not agree."""
        return self._settle({"user_code": user_code, "deny": True})
