// The stubs that the load generator calls, and the principal in whose name it does.
#ifndef TRIALGATE_TOOLS_LOAD_CLIENT_H_
#define TRIALGATE_TOOLS_LOAD_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "trialgate/v1/audit_service.grpc.pb.h"
#include "trialgate/v1/directory_service.grpc.pb.h"
#include "trialgate/v1/referral_service.grpc.pb.h"
#include "trialgate/v1/trial_request_service.grpc.pb.h"

namespace trialgate::load {

// Where to, and how: without `pki`, to a server with --insecure-dev.
struct Target {
  std::string server;  // host:port
  // A folder of tools/certificates with the clients "load-national" (national::load) and
  // "load-auditor" (auditor::load).
  std::string pki;
};

// In whose name calls are made: "national" or "auditor".
inline constexpr char kNational[] = "national";
inline constexpr char kAuditor[] = "auditor";

// One channel, its stubs, and who calls. Thread-safe, as gRPC's stubs are.
class Client {
 public:
  Client(const Target& target, const std::string& role);

  // Prepares a call with a deadline of `seconds`.
  void Prepare(grpc::ClientContext& context, int seconds) const;

 private:
  const std::string principal_;  // as the client says itself; empty: its certificate says

 public:
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::TrialRequestService::Stub> requests;
  const std::unique_ptr<v1::ReferralService::Stub> referrals;
  const std::unique_ptr<v1::DirectoryService::Stub> directory;
  const std::unique_ptr<v1::AuditService::Stub> audit;
};

}  // namespace trialgate::load

#endif  // TRIALGATE_TOOLS_LOAD_CLIENT_H_
