"""A server that answers every call and keeps what came, header by header, as no library would show it."""

import contextlib
import dataclasses
import socket
import ssl
import threading

import hpack

from tests.support.http2_client import (ACK, DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS,
                                        Http2Connection, block)

ANSWER = [("content-type", "application/grpc"), ("grpc-status", "0")]
WINDOW_UPDATE, PADDED, PRIORITY = 8, 8, 0x20


@dataclasses.dataclass
class Call:
    """One call, as it came."""

    connection: int
    headers: list
    message: bytes = b""
    trailers: list | None = None
    ended: bool = False


class Recorder:
    """Serves over TLS at `address` for clients of `ca`; with a hold() on, it answers nobody."""

    def __init__(self, certificate, key, ca):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.load_verify_locations(ca)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.set_alpn_protocols(["h2"])
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._lock = threading.Lock()
        self._calls, self._faults, self._connections = [], [], 0
        self._answering = threading.Event()
        self._answering.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def calls(self):
        """Those that came until now. Raises what went wrong on the way."""
        with self._lock:
            if self._faults:
                raise self._faults[0]
            return list(self._calls)

    @contextlib.contextmanager
    def hold(self):
        """No call is answered before the end of the block."""
        self._answering.clear()
        try:
            yield
        finally:
            self._answering.set()

    def stop(self):
        self._answering.set()
        self._listening.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._listening.accept()
                self._connections += 1
                threading.Thread(target=self._serve, args=(connected, self._connections),
                                 daemon=True).start()

    def _serve(self, connected, number):
        try:
            with self._context.wrap_socket(connected, server_side=True) as secured:
                self._read_calls(Http2Connection(secured), number)
        except OSError:
            pass  # whoever called has gone
        except Exception as fault:  # pylint: disable=broad-except
            with self._lock:
                self._faults.append(fault)

    def _read_calls(self, connection, number):
        connection.expect(PREFACE)
        connection.send(connection.frame(SETTINGS, 0, 0, b""))
        # It is told of the usual table of 4096 bytes, but here is none: a header that refers to another
        # before it does not decode.
        decoder = hpack.Decoder()
        decoder.header_table.maxsize = 0
        calls = {}
        for kind, flags, stream, payload in connection.frames():
            if kind == SETTINGS and not flags & ACK:
                connection.send(connection.frame(SETTINGS, ACK, 0, b""))
            elif kind == HEADERS:
                assert flags & END_HEADERS and not flags & PADDED, "not written for that"
                headers = decoder.decode(payload[5 if flags & PRIORITY else 0:])
                with self._lock:
                    if stream in calls:
                        calls[stream].trailers = headers
                    else:
                        calls[stream] = Call(number, headers)
                        self._calls.append(calls[stream])
            elif kind == DATA:
                calls[stream].message += payload
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                calls[stream].ended = True
                self._answer(connection, stream)

    def _answer(self, connection, stream):
        self._answering.wait()
        connection.send(connection.frame(HEADERS, END_HEADERS | END_STREAM, stream,
                                         block([(":status", "200"), *ANSWER])))
