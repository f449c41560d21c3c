"""Streams as a client has them: each is read by a thread of its own, so that a test can wait for what comes."""

import queue
import threading

import grpc

from tests.e2e.harness import Failure

WATCHES = {
    "WatchTrialRequest": "requests",
    "WatchReferrals": "referral",
    "WatchDirectory": "directory",
}


class Watch:
    """One stream of `client`; `token` is the last that came, and `failure` how it ended."""

    def __init__(self, client, method, request, timeout=300):
        self.call = getattr(getattr(client, WATCHES[method]), method)(request, timeout=timeout)
        self.token = request.resume_token
        self.failure = None
        self._came = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            for message in self.call:
                self._came.put(message)
        except grpc.RpcError as error:
            self.failure = Failure(error)
        self._came.put(None)

    def next(self, timeout=30):
        """The next message; raises the failure where the stream has ended."""
        message = self._came.get(timeout=timeout)
        if message is None:
            self._came.put(None)
            raise self.failure
        if message.resume_token:
            self.token = message.resume_token
        return message

    def state(self):
        """The messages of one state, told in parts or not."""
        messages = [self.next()]
        while messages[-1].more:
            messages.append(self.next())
        return messages

    def all_there(self):
        """What has come by now, not waited for."""
        messages = []
        while True:
            try:
                message = self._came.get_nowait()
            except queue.Empty:
                return messages
            if message is None:
                self._came.put(None)
                return messages
            self.token = message.resume_token or self.token
            messages.append(message)

    def end(self, timeout=30):
        """Waits until it has ended; the failure."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the stream goes on"
        return self.failure

    def cancel(self):
        self.call.cancel()
        self._thread.join(30)
