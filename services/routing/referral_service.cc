#include "services/routing/referral_service.h"

#include <utility>

namespace trialgate::routing {
std::unique_ptr<rpc::Service> NewReferralService(const ReferralApps& apps) {
  ReferralApp* const app = apps.app;
  ReferralLineApp* const lines = apps.lines;
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
  service->Handle<v1::AskRequesterRequest, v1::Referral>(
      "AskRequester",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Ask(call.principal, request);
      });
  service->Handle<v1::ReplyToReferralRequest, v1::Referral>(
      "ReplyToReferral",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->Reply(call.principal, request);
      });
  service->Handle<v1::WaitForAuthorityRequest, v1::Referral>(
      "WaitForAuthority",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->WaitForAuthority(call.principal, request);
      });
  service->Handle<v1::RecordAuthorityWordRequest, v1::Referral>(
      "RecordAuthorityWord",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Referral> {
        return app->RecordAuthorityWord(call.principal, request);
      });
  service->Handle<v1::ListReferralSitesRequest, v1::ListReferralSitesResponse>(
      "ListReferralSites",
      [lines](const rpc::CallContext& call,
              const auto& request) -> absl::StatusOr<v1::ListReferralSitesResponse> {
        return lines->List(call.principal, request);
      });
  service->Handle<v1::GetReferralSiteRequest, v1::ReferralSite>(
      "GetReferralSite",
      [lines](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::ReferralSite> { return lines->Get(call.principal, request); });
  service->Handle<v1::UpdateReferralSiteRequest, v1::ReferralSite>(
      "UpdateReferralSite",
      [lines](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::ReferralSite> { return lines->Update(call.principal, request); });
  service->HandleStream<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(
      "WatchReferrals", [watch = apps.watch](const rpc::CallContext& call, const auto& request,
                                             rpc::StreamWaker waker) {
        return watch->Watch(call.principal, request, std::move(waker));
      });
  return service;
}

}  // namespace trialgate::routing
