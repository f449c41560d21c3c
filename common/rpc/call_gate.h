// What a call must pass beside its permission, and what must be noted of its answer.
#ifndef TRIALGATE_COMMON_RPC_CALL_GATE_H_
#define TRIALGATE_COMMON_RPC_CALL_GATE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/handler.h"
#include "google/protobuf/message.h"

namespace trialgate::rpc {

// Decides whether a caller may make one more call now. Thread-safe; must not block.
class RateGate {
 public:
  virtual ~RateGate() = default;

  // Whether a call from `peer` is looked at: the network it comes from (PeerCredentials::network),
  // or the certificate it comes with. RESOURCE_EXHAUSTED (RATE_LIMITED, with RetryInfo): too many
  // from there failed to prove who calls.
  virtual absl::Status AdmitPeer(absl::string_view peer) = 0;

  // Takes note that a call from `peer` was answered by UNAUTHENTICATED.
  virtual void NoteFailedLogin(absl::string_view peer) = 0;

  // RESOURCE_EXHAUSTED (RATE_LIMITED, with RetryInfo): this caller has made too many calls of the
  // method's class, permitted or not.
  virtual absl::Status Admit(const CallContext& call, const v1::MethodAccess& access) = 0;
};

// Looks over what comes in before any handler sees it, and completes what leaves. Thread-safe.
class MessageGuard {
 public:
  virtual ~MessageGuard() = default;

  // The error that answers a call with this request; OK: the handler takes it.
  virtual absl::Status Check(const google::protobuf::Message& request) const = 0;

  // Puts into an answer what is kept apart from it until it leaves. An error answers the call
  // instead.
  virtual absl::Status Complete(google::protobuf::Message* response) const = 0;
};

// Records who read confidential content. Thread-safe.
class ReadRecorder {
 public:
  virtual ~ReadRecorder() = default;

  // Whether reads can be recorded now: asked before a call is carried out, so that a change is not
  // made and then reported as failed. UNAVAILABLE (AUDIT_UNAVAILABLE): they cannot.
  virtual absl::Status Admit() = 0;

  // Takes note that `call`, which was admitted, is about to be answered by `response`.
  virtual void Record(const CallContext& call, const google::protobuf::Message& response) = 0;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_CALL_GATE_H_
