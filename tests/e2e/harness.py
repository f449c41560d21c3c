"""Starts the real server on ports of its own and speaks to it with a gRPC client that is not ours.

Every server lives in a folder of its own, listens on port 0, and is ended by its process id.
"""

import json
import os
import pathlib
import signal
import subprocess
import time
import uuid

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from trialgate.v1 import (
    audit_service_pb2_grpc,
    directory_service_pb2,
    directory_service_pb2_grpc,
    feasibility_service_pb2_grpc,
    operator_service_pb2_grpc,
    pack_pb2,
    people_service_pb2_grpc,
    referral_service_pb2_grpc,
    trial_request_pb2,
    trial_request_service_pb2_grpc,
)

from tests.e2e import recorded

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["TRIALGATE_BUILD_DIR"])
SERVER = BUILD / "services" / "server" / "trialgate-server"
PACK = ROOT / "deploy" / "packs" / "denmark"

# For a server under load, whose clients are few and do much.
UNLIMITED = [f"--rate-{kind}=unlimited" for kind in ("read", "list", "write", "match", "bulk",
                                                "watch")]

# A Monday morning in the country of the pack; the server's clock starts here and goes on.
NOW = "2026-11-23T09:00:00+01:00"

NATIONAL = "national::nora"
AUDITOR = "auditor::axel"
OPERATOR = "operator::olga"
REQUESTER = "requester:organizations/nordic-demo-pharma:rita"


def coordinator(desk):
    """The principal of a coordinator at one desk."""
    return f"coordinator:{desk}:carl"


class Failure(Exception):
    """A call that was answered with an error, its details decoded."""

    def __init__(self, error):
        self.code = error.code()
        self.message = error.details()
        self.reason = ""
        self.metadata = {}
        self.fields = {}
        self.retry_after = 0.0  # seconds
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            for detail in status_pb2.Status.FromString(value).details:
                self._read(detail)
        super().__init__(f"{self.code.name} {self.reason}: {self.message} {self.fields}")

    def _read(self, detail):
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            self.reason, self.metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(retry):
            self.retry_after = retry.retry_delay.ToNanoseconds() / 1e9
        elif detail.Unpack(bad):
            for violation in bad.field_violations:
                self.fields.setdefault(violation.field, []).append(violation.description)


class Stub:
    """One service in the name of one principal: stub.Method(request) returns or raises Failure."""

    def __init__(self, stub, principal):
        self._stub = stub
        self._metadata = (("trialgate-principal", principal),) if principal else ()

    def __getattr__(self, method):
        call = getattr(self._stub, method)

        def invoke(request, timeout=30):
            recorded.note_request(request)
            try:
                return call(request, metadata=self._metadata, timeout=timeout)
            except grpc.RpcError as error:
                raise Failure(error) from None

        return invoke


class Client:
    """The API in the name of one principal: over TLS that of `credentials`."""

    def __init__(self, address, principal, credentials=None):
        options = [("grpc.max_send_message_length", 64 << 20)]
        # Else gRPC has one connection for all channels that look alike.
        options += [("grpc.use_local_subchannel_pool", 1)] if credentials else []
        self.channel = (
            grpc.secure_channel(address, credentials, options)
            if credentials
            else grpc.insecure_channel(address, options)
        )
        for name, module in (
            ("TrialRequestService", trial_request_service_pb2_grpc),
            ("ReferralService", referral_service_pb2_grpc),
            ("FeasibilityService", feasibility_service_pb2_grpc),
            ("DirectoryService", directory_service_pb2_grpc),
            ("AuditService", audit_service_pb2_grpc),
            ("PeopleService", people_service_pb2_grpc),
            ("OperatorService", operator_service_pb2_grpc),
        ):
            stub = getattr(module, name + "Stub")(self.channel)
            short = name.removesuffix("Service").lower().replace("trialrequest", "requests")
            setattr(self, short, Stub(stub, principal))


class Server:
    """The server binary on a data folder; start() and kill() as often as wanted.

    With `tls`, a pki.Pki, it serves over mutual TLS, by the machine's clock; else it believes everybody.
    """

    def __init__(self, folder, arguments=(), clock=NOW, tls=None):
        self.tls = tls
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.arguments = list(arguments)
        self.clock = clock
        self.process = None
        # Kept for logs_test.py.
        self.log_file = recorded.new_log()
        self.address = self.metrics_address = self.operator_address = None

    def command(self, listen="127.0.0.1:0", metrics="127.0.0.1:0"):
        command = [
            str(SERVER),
            f"--listen={listen}",
            f"--metrics-listen={metrics}",
            "--operator-listen=127.0.0.1:0",
            f"--port-file={self.folder / 'ports.json'}",
        ]
        command += self.tls.server_flags() if self.tls else ["--insecure-dev"]
        if not any(argument.startswith("--data-dir=") for argument in self.arguments):
            command.append(f"--data-dir={self.folder / 'data'}")
        if self.clock and not self.tls:
            command.append(f"--test-clock={self.clock}")
        return command + self.arguments

    def start(self, **listen):
        ports = self.folder / "ports.json"
        ports.unlink(missing_ok=True)
        log = open(self.log_file, "ab")
        self.process = subprocess.Popen(self.command(**listen), stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 60
        while not ports.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log()[-4000:]}")
            time.sleep(0.01)  # waits for another process, not for the program's clock
        bound = json.loads(ports.read_text())
        self.address, self.metrics_address = bound["listen"], bound["metrics_listen"]
        self.operator_address = bound["operator_listen"]
        return self

    def log(self):
        return self.log_file.read_text(errors="replace")

    def kill(self):
        """Ends the process at once, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self):
        """Asks it to drain and end; returns its exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def refusal(self, **listen):
        """Starts a server that must refuse to: its exit code and what it said."""
        done = subprocess.run(
            self.command(**listen), capture_output=True, text=True, timeout=60, check=False
        )
        self.log_file.write_text(done.stderr + done.stdout)
        return done.returncode, done.stderr + done.stdout

    def client(self, principal, address=None):
        recorded.note_principal(principal)
        address = address or self.address
        if self.tls is None:
            return Client(address, principal)
        return Client(address, None, self.tls.credentials(self.tls.client(principal)))

    def operator_client(self, principal):
        """On the listener for operators."""
        return self.client(principal, self.operator_address)


def request_id():
    return uuid.uuid4().hex


def pack_files(sample=True, folder=PACK):
    """The files of a pack as ApplyPack takes them."""
    paths = sorted(folder.glob("*.json")) + (sorted(folder.glob("sample/*.json")) if sample else [])
    return [
        pack_pb2.PackFile(path=str(path.relative_to(folder)), content=path.read_bytes())
        for path in paths
    ]


def apply_pack(server, sample=True, folder=PACK):
    return server.client(NATIONAL).directory.ApplyPack(
        directory_service_pb2.ApplyPackRequest(
            files=pack_files(sample, folder), allow_sample=sample, request_id=request_id()
        )
    )


def trial(**changes):
    """A request that several Danish sites can take; `changes` are fields of the message."""
    fields = {
        "requester": "organizations/nordic-demo-pharma",
        "kind": "TRIAL_KIND_OBSERVATIONAL",
        "intent": "INTENT_SPONSOR",
        "title": "A register study of erectile dysfunction after surgery",
        "phase": "PHASE_NOT_APPLICABLE",
        "conditions": [{"text": "Erectile dysfunction"}],
        "specialities": ["urologi"],
        "population": {"ageGroups": ["AGE_GROUP_ADULT"]},
        "patientsWanted": 60,
        "sitesWanted": 3,
        "firstPatientInEarliest": "2027-09-01",
        "recruitmentMonths": 12,
        "contact": {"displayName": "Clinical operations", "email": "trials@sponsor.example"},
    }
    fields.update(changes)
    return json_format.ParseDict(fields, trial_request_pb2.TrialRequest())
