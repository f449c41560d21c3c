"""Calls any method of the server by its descriptor, and keeps every byte that comes back.

A method or service that is new takes part by itself: services() finds what the generated stubs have, and
unary and streaming methods are called alike. Nothing here knows who may do what.
"""

import importlib
import pkgutil
import threading

import grpc
import trialgate.v1
from google.protobuf import descriptor_pb2, symbol_database
from google.rpc import error_details_pb2, status_pb2

# What one stream may send before it is ended.
MAX_MESSAGES = 1000
# How long a stream is read on once it has told what is there.
LINGER_SECONDS = 0.3


class Method:
    """One method of the API: messages, path, and whether it streams."""

    def __init__(self, descriptor):
        declared = descriptor_pb2.MethodDescriptorProto()
        descriptor.CopyToProto(declared)
        self.client_streams = declared.client_streaming
        self.server_streams = declared.server_streaming
        self.service = descriptor.containing_service.name
        self.name = f"{self.service}.{descriptor.name}"
        self.path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        database = symbol_database.Default()
        self.request = database.GetPrototype(descriptor.input_type)
        self.response = database.GetPrototype(descriptor.output_type)


def methods():
    """Every method of every service of the API, by name."""
    found = {}
    for module in pkgutil.iter_modules(trialgate.v1.__path__):
        if not module.name.endswith("_service_pb2"):
            continue
        file = importlib.import_module(f"trialgate.v1.{module.name}").DESCRIPTOR
        for service in file.services_by_name.values():
            for descriptor in service.methods:
                method = Method(descriptor)
                found[method.name] = method
    return dict(sorted(found.items()))


class Outcome:
    """All that one call brought back."""

    def __init__(self, method, code, message, metadata, bodies):
        self.method = method
        self.code = code
        self.message = message or ""
        # Keys and values of initial and trailing metadata, values as bytes.
        self.metadata = [(k, v if isinstance(v, bytes) else v.encode()) for k, v in metadata]
        self.bodies = bodies
        self.reason = ""
        for key, value in self.metadata:
            if key == "grpc-status-details-bin":
                for detail in status_pb2.Status.FromString(value).details:
                    info = error_details_pb2.ErrorInfo()
                    if detail.Unpack(info):
                        self.reason = info.reason

    @property
    def ok(self):
        return self.code == "OK"

    def parsed(self):
        return self.method.response.FromString(self.bodies[0])

    def received(self):
        """Every byte of it in one: what is searched, and what is compared."""
        parts = [self.message.encode()]
        for key, value in self.metadata:
            parts += [key.encode(), value]
        return b"\x00\xff\x00".join(parts + self.bodies)

    def __str__(self):
        return f"{self.method.name}: {self.code} {self.reason} {self.message[:300]}"


def read_stream(call, method, linger):
    """The messages of a stream that goes on until it is cancelled; raises where it ends before."""
    bodies, whole, timer = [], False, None
    try:
        for body in call:
            bodies.append(body)
            whole = whole or not method.response.FromString(body).more
            if whole and timer is None:
                timer = threading.Timer(linger, call.cancel)
                timer.start()
            if len(bodies) == MAX_MESSAGES:
                call.cancel()
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.CANCELLED or not whole:
            raise
    finally:
        if timer is not None:
            timer.cancel()
    return bodies


class Wire:
    """To a server of harness.py; what is for operators goes to their listener.

    `on_received(principal, method, sent, outcome)` sees what each call sent and brought.
    """

    def __init__(self, server, on_received=None):
        options = [("grpc.max_receive_message_length", 64 << 20)]
        self.channel = grpc.insecure_channel(server.address, options)
        self.operators = grpc.insecure_channel(server.operator_address, options)
        self.on_received = on_received

    def call(self, method, request, principal, timeout=60, linger=LINGER_SECONDS):
        """`request` is a message or bytes; `principal` a text, a list of texts, or None.

        Of a stream, what is there when it begins, and what comes for `linger` seconds more; it is OK then.
        """
        sent = request if isinstance(request, bytes) else request.SerializeToString()
        named = [principal] if isinstance(principal, str) else principal or []
        metadata = [("trialgate-principal", one) for one in named]
        kind = ("stream" if method.client_streams else "unary") + (
            "_stream" if method.server_streams else "_unary")
        channel = self.operators if method.service == "OperatorService" else self.channel
        start = getattr(channel, kind)(method.path)
        argument = iter([sent]) if method.client_streams else sent
        bodies, call = [], None
        try:
            if method.server_streams:
                call = start(argument, metadata=metadata, timeout=timeout)
                bodies = read_stream(call, method, linger)
            else:
                body, call = start.with_call(argument, metadata=metadata, timeout=timeout)
                bodies.append(body)
            code, message = ("OK", "")
        except grpc.RpcError as error:
            call, code, message = error, error.code().name, error.details()
        received = list(call.initial_metadata() or ()) + list(call.trailing_metadata() or ())
        outcome = Outcome(method, code, message, [(m[0], m[1]) for m in received], bodies)
        if self.on_received is not None:
            self.on_received(principal, method, sent, outcome)
        return outcome

    def raw(self, path, sent, streams=False, timeout=10):
        """A call of a service that is not ours: all the bytes it brings."""
        try:
            if streams:
                call = self.channel.stream_stream(path)(iter([sent]), timeout=timeout)
                bodies = [body for _, body in zip(range(MAX_MESSAGES), call)]
            else:
                body, call = self.channel.unary_unary(path).with_call(sent, timeout=timeout)
                bodies = [body]
            message = ""
        except grpc.RpcError as error:
            call, bodies, message = error, [], error.details() or ""
        metadata = list(call.initial_metadata() or ()) + list(call.trailing_metadata() or ())
        values = [m[1] if isinstance(m[1], bytes) else m[1].encode() for m in metadata]
        return b"\x00\xff\x00".join([message.encode()] + values + bodies)

    def close(self):
        self.channel.close()
        self.operators.close()
