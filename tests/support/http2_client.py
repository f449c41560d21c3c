"""A client that speaks HTTP/2 frame by frame, as no library would: for tests of what cuts it off."""

import socket
import ssl
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
CANCEL = 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1

# Of a call of the API, without its message.
CALL = [
    (":method", "POST"), (":scheme", "https"), (":authority", "localhost"),
    (":path", "/trialgate.v1.DirectoryService/ListRegions"),
    ("content-type", "application/grpc"), ("te", "trailers"),
]


def _length(number):
    """An HPACK integer with a prefix of 7 bits."""
    if number < 127:
        return bytes([number])
    out, number = [127], number - 127
    while number >= 128:
        out.append(number % 128 + 128)
        number //= 128
    return bytes(out + [number])


def block(headers):
    """A header block of literals that are not indexed."""
    out = b""
    for name, value in headers:
        out += b"\0" + _length(len(name)) + name.encode() + _length(len(value)) + value.encode()
    return out


class Http2Connection:
    """Either end of a connection, over a socket that is connected."""

    def __init__(self, connected):
        self.socket = connected

    @staticmethod
    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + \
            struct.pack(">I", stream) + payload

    def send(self, data):
        self.socket.sendall(data)

    def frames(self):
        """The frames that come, as (kind, flags, stream, payload), until the connection ends."""
        try:
            while True:
                head = self._read(9)
                payload = self._read(int.from_bytes(head[:3], "big"))
                yield head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, payload
        except (OSError, EOFError):
            return

    def expect(self, wanted):
        """Reads what the other end must have sent next."""
        came = self._read(len(wanted))
        assert came == wanted, came

    def _read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def close(self):
        self.socket.close()


class Http2Client(Http2Connection):
    """One connection to `address`, from the address `source`. `context` None: without TLS."""

    def __init__(self, address, context=None, source=None):
        host, port = address.rsplit(":", 1)
        super().__init__(socket.create_connection((host, int(port)), timeout=20,
                                                  source_address=source and (source, 0)))
        if context is not None:
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.stream = -1
        self.send(PREFACE + self.frame(SETTINGS, 0, 0, b""))

    def request(self, headers, flags=END_HEADERS | END_STREAM):
        """The frames of one more request, not sent yet."""
        self.stream += 2
        rest = block(headers)
        frames, kind = b"", HEADERS
        while len(rest) > 16000:
            frames += self.frame(kind, flags & END_STREAM if kind == HEADERS else 0, self.stream,
                                 rest[:16000])
            rest, kind = rest[16000:], 9  # CONTINUATION
        last = flags if kind == HEADERS else END_HEADERS
        return frames + self.frame(kind, last, self.stream, rest)

    def reset(self):
        """The frame that resets the last request."""
        return self.frame(RST_STREAM, 0, self.stream, struct.pack(">I", CANCEL))

    def settle(self):
        """Returns once the other end has read what was sent; the frames that came meanwhile."""
        came = []
        self.send(self.frame(PING, 0, 0, b"settled?"))
        for frame in self.frames():
            if frame[0] == PING and frame[1] & ACK:
                return came
            came.append(frame)
        raise EOFError("the connection ended")


def trusting(ca):
    """A TLS context that trusts one authority's file."""
    context = ssl.create_default_context(cafile=str(ca))
    context.check_hostname = False
    return context
