// The stubs that the load generator calls, and the principal in whose name it does.
#ifndef TRIALGATE_TOOLS_LOAD_CLIENT_H_
#define TRIALGATE_TOOLS_LOAD_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "trialgate/v1/audit_service.grpc.pb.h"
#include "trialgate/v1/directory_service.grpc.pb.h"
#include "trialgate/v1/referral_service.grpc.pb.h"
#include "trialgate/v1/trial_request_service.grpc.pb.h"

namespace trialgate::load {

// One channel and its stubs. Thread-safe, as gRPC's stubs are.
struct Client {
  explicit Client(const std::string& server)
      : channel(grpc::CreateChannel(server, grpc::InsecureChannelCredentials())),
        requests(v1::TrialRequestService::NewStub(channel)),
        referrals(v1::ReferralService::NewStub(channel)),
        directory(v1::DirectoryService::NewStub(channel)),
        audit(v1::AuditService::NewStub(channel)) {}

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::TrialRequestService::Stub> requests;
  std::unique_ptr<v1::ReferralService::Stub> referrals;
  std::unique_ptr<v1::DirectoryService::Stub> directory;
  std::unique_ptr<v1::AuditService::Stub> audit;
};

// Prepares a call in the name of `principal`, with a deadline of `seconds`.
inline void Prepare(grpc::ClientContext& context, const std::string& principal, int seconds) {
  context.AddMetadata("trialgate-principal", principal);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
}

inline constexpr char kNational[] = "national::load";
inline constexpr char kAuditor[] = "auditor::load";

}  // namespace trialgate::load

#endif  // TRIALGATE_TOOLS_LOAD_CLIENT_H_
