#include "services/routing/referral_service.h"

namespace trialgate::routing {
std::unique_ptr<rpc::Service> NewReferralService(ReferralApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.ReferralService");
  service->Handle<v1::ListReferralsRequest, v1::ListReferralsResponse>(
      "ListReferrals",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::ListReferralsResponse> {
        return app->List(call.principal, request);
      });
  service->Handle<v1::GetReferralRequest, v1::Referral>(
      "GetReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Get(call.principal, request);
      });
  service->Handle<v1::AcknowledgeReferralRequest, v1::Referral>(
      "AcknowledgeReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Acknowledge(call.principal, request);
      });
  service->Handle<v1::AnswerReferralRequest, v1::Referral>(
      "AnswerReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Answer(call.principal, request);
      });
  service->Handle<v1::DeclineReferralRequest, v1::Referral>(
      "DeclineReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Decline(call.principal, request);
      });
  service->Handle<v1::HandOverReferralRequest, v1::Referral>(
      "HandOverReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->HandOver(call.principal, request);
      });
  return service;
}

}  // namespace trialgate::routing
