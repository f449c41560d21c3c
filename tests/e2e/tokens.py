"""A server that takes the tokens of an identity provider, and one call that only auditors may make."""

import grpc

from tests.e2e import harness
from tests.e2e.harness import Failure
from tests.e2e.pki import Pki
from trialgate.v1 import audit_service_pb2 as audit_pb

AUDIENCE = "https://trialgate.example"
VERIFY = "/trialgate.v1.AuditService/VerifyAuditTrail"


def token_flags(provider):
    """What a server is told to take the tokens of `provider`."""
    return [f"--token-issuer={provider.issuer}", f"--token-audience={AUDIENCE}"]


def token_server(folders, provider):
    """A running server over TLS that takes them beside certificates; `folders` makes its folders."""
    pki = Pki(folders.mktemp("pki"))
    return harness.Server(folders.mktemp("server"), token_flags(provider), tls=pki).start()


def verify_trail(address, credentials, metadata=(), path=VERIFY, options=()):
    """Calls what auditors may: "" if that is answered, else the reason why not."""
    channel = grpc.secure_channel(address, credentials, options)
    call = channel.unary_unary(path, response_deserializer=audit_pb.VerifyAuditTrailResponse.FromString)
    try:
        assert call(b"", metadata=metadata, timeout=30).intact
    except grpc.RpcError as error:
        failure = Failure(error)
        return failure.reason or failure.code.name
    finally:
        channel.close()
    return ""
