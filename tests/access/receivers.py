"""Who receives what: every byte is searched, as it comes, for what its receiver must not see."""

import base64
import collections
import re
import threading

NAME = re.compile(rb"trialRequests/[a-z2-7]{26}(?:/referrals/[a-z2-7]{26})?|cdas/[a-z2-7]{26}")
RUN = re.compile(rb"[A-Za-z0-9_-]{40,}")
MAX_PROBLEMS = 20


def names_in(data):
    """Names of requests, referrals and CDAs in `data`, and in what of it is base64."""
    found = set(NAME.findall(data))
    for run in RUN.findall(data):
        for offset in range(4):
            cut = run[offset:len(run) - (len(run) - offset) % 4]
            found.update(NAME.findall(base64.urlsafe_b64decode(cut)))
    return found


class Receivers:
    """Thread-safe. A receiver is a principal's text; `forbid` says what it must never see."""

    def __init__(self, marks):
        self.marks = marks
        self.lock = threading.Lock()
        self.forbidden = {}
        self.names = collections.defaultdict(set)
        self.own_seen = collections.Counter()
        self.count = collections.Counter()
        self.problems = []

    def forbid(self, receiver, allowed):
        """Everything but the marks named in `allowed` (names of marks)."""
        self.forbidden[receiver] = [m for name, m in self.marks.items() if name not in allowed]

    def received(self, principal, method, sent, outcome):
        """The hook of wire.Wire."""
        data = outcome.received()
        with self.lock:
            self.count["calls"] += 1
            self.count[outcome.code] += 1
            self.count["bytes"] += len(data)
        forbidden = self.forbidden.get(principal)
        if forbidden is None:
            return
        lower, sent_lower = data.lower(), sent.lower()
        for mark in forbidden:
            found = mark.find(data, lower)
            if found and mark.text.encode() not in sent_lower:
                self.problem(f"{principal} called {method.path} and received {found}\n{outcome}")
        names = names_in(data)
        # What it named itself may come back.
        names = {name for name in names if name not in sent}
        with self.lock:
            self.count["searched bytes"] += len(data)
            self.names[principal].update(names)

    def search(self, channel, data):
        """What does not come as an answer to a call: no mark of anybody."""
        lower = data.lower()
        with self.lock:
            self.count["bytes of " + channel] += len(data)
            self.count["searched bytes"] += len(data)
        for mark in self.marks.values():
            found = mark.find(data, lower)
            if found:
                self.problem(f"{channel} holds {found}")

    def problem(self, text):
        with self.lock:
            if len(self.problems) < MAX_PROBLEMS:
                self.problems.append(text)
