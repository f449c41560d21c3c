#include "services/intake/trial_request_service.h"

#include <utility>

namespace trialgate::intake {
std::unique_ptr<rpc::Service> NewTrialRequestService(TrialRequestApp* app,
                                                     const TrialRequestWatchApp* watch) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.TrialRequestService");
  service->Handle<v1::SubmitTrialRequestRequest, v1::SubmitTrialRequestResponse>(
      "SubmitTrialRequest",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::SubmitTrialRequestResponse> {
        return app->Submit(call.principal, request);
      });
  service->Handle<v1::GetTrialRequestRequest, v1::TrialRequest>(
      "GetTrialRequest",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::TrialRequest> {
        return app->Get(call.principal, request);
      });
  service->Handle<v1::ListTrialRequestsRequest, v1::ListTrialRequestsResponse>(
      "ListTrialRequests",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::ListTrialRequestsResponse> {
        return app->List(call.principal, request);
      });
  service->Handle<v1::WithdrawTrialRequestRequest, v1::TrialRequest>(
      "WithdrawTrialRequest",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::TrialRequest> {
        return app->Withdraw(call.principal, request);
      });
  service->Handle<v1::ConfirmTrialRequestRequest, v1::TrialRequest>(
      "ConfirmTrialRequest",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::TrialRequest> {
        return app->Confirm(call.principal, request);
      });
  service->Handle<v1::AddReferralRequest, v1::AddReferralResponse>(
      "AddReferral",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::AddReferralResponse> {
        return app->AddReferral(call.principal, request);
      });
  service->Handle<v1::GetCollatedAnswerRequest, v1::CollatedAnswer>(
      "GetCollatedAnswer",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::CollatedAnswer> {
        return app->GetAnswer(call.principal, request);
      });
  service->Handle<v1::ImportStudyRecordRequest, v1::ImportStudyRecordResponse>(
      "ImportStudyRecord",
      [app](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::ImportStudyRecordResponse> { return app->Import(request); });
  service->HandleStream<v1::WatchTrialRequestRequest, v1::WatchTrialRequestResponse>(
      "WatchTrialRequest",
      [watch](const rpc::CallContext& call, const auto& request, rpc::StreamWaker waker) {
        return watch->Watch(call.principal, request, std::move(waker));
      });
  return service;
}

}  // namespace trialgate::intake
