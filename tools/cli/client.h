// The server as functions: one call for each method of the API, errors with their details.
#ifndef TRIALGATE_TOOLS_CLI_CLIENT_H_
#define TRIALGATE_TOOLS_CLI_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "tools/cli/tls_files.h"
#include "trialgate/v1/access_service.pb.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/feasibility_service.pb.h"
#include "trialgate/v1/operator_service.pb.h"
#include "trialgate/v1/people_service.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace grpc {
class ClientContext;
}  // namespace grpc

namespace trialgate::cli {

struct ClientOptions {
  // host:port of the server.
  std::string server;
  // Absent: without TLS.
  std::optional<TlsMaterial> tls;
  // Sent as metadata `trialgate-principal`; empty: not sent.
  std::string principal;
  // Sent as metadata `authorization`; empty: not sent. Without TLS only to a server on this
  // machine.
  Secret access_token;
  // Time for each call.
  absl::Duration timeout = absl::Seconds(30);
};

// A connection to one server. The type of a request says which method is called. Every call answers
// the server's status with its google.rpc details as payloads (see common/base/errors.h), or
// UNAVAILABLE without details where no server answers, in words that say why where that can be
// found out, DEADLINE_EXCEEDED past the timeout. No error holds the token.
// Thread-safe.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();

  absl::StatusOr<v1::SubmitTrialRequestResponse> Call(const v1::SubmitTrialRequestRequest& request);
  absl::StatusOr<v1::TrialRequest> Call(const v1::GetTrialRequestRequest& request);
  absl::StatusOr<v1::ListTrialRequestsResponse> Call(const v1::ListTrialRequestsRequest& request);
  absl::StatusOr<v1::TrialRequest> Call(const v1::WithdrawTrialRequestRequest& request);
  absl::StatusOr<v1::TrialRequest> Call(const v1::ConfirmTrialRequestRequest& request);
  absl::StatusOr<v1::CollatedAnswer> Call(const v1::GetCollatedAnswerRequest& request);
  absl::StatusOr<v1::ImportStudyRecordResponse> Call(const v1::ImportStudyRecordRequest& request);

  absl::StatusOr<v1::ListReferralsResponse> Call(const v1::ListReferralsRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::GetReferralRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::AcknowledgeReferralRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::AnswerReferralRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::DeclineReferralRequest& request);

  absl::StatusOr<v1::AssessTrialRequestResponse> Call(const v1::AssessTrialRequestRequest& request);
  absl::StatusOr<v1::FeasibilityReport> Call(const v1::GetFeasibilityReportRequest& request);
  absl::StatusOr<v1::CompareTrialRequestsResponse> Call(
      const v1::CompareTrialRequestsRequest& request);
  absl::StatusOr<v1::PlanPortfolioResponse> Call(const v1::PlanPortfolioRequest& request);
  absl::StatusOr<v1::ReplayFeasibilityReportResponse> Call(
      const v1::ReplayFeasibilityReportRequest& request);

  absl::StatusOr<v1::Region> Call(const v1::GetRegionRequest& request);
  absl::StatusOr<v1::ListRegionsResponse> Call(const v1::ListRegionsRequest& request);
  absl::StatusOr<v1::Desk> Call(const v1::GetDeskRequest& request);
  absl::StatusOr<v1::ListDesksResponse> Call(const v1::ListDesksRequest& request);
  absl::StatusOr<v1::Contact> Call(const v1::GetContactRequest& request);
  absl::StatusOr<v1::ListContactsResponse> Call(const v1::ListContactsRequest& request);
  absl::StatusOr<v1::Site> Call(const v1::GetSiteRequest& request);
  absl::StatusOr<v1::BatchGetSitesResponse> Call(const v1::BatchGetSitesRequest& request);
  absl::StatusOr<v1::ListSitesResponse> Call(const v1::ListSitesRequest& request);
  absl::StatusOr<v1::SiteCapacity> Call(const v1::GetSiteCapacityRequest& request);
  absl::StatusOr<v1::SiteCapacity> Call(const v1::UpdateSiteCapacityRequest& request);
  absl::StatusOr<v1::Organization> Call(const v1::CreateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> Call(const v1::GetOrganizationRequest& request);
  absl::StatusOr<v1::ListOrganizationsResponse> Call(const v1::ListOrganizationsRequest& request);
  absl::StatusOr<v1::ApplyPackResponse> Call(const v1::ApplyPackRequest& request);

  absl::StatusOr<v1::ExportPersonResponse> Call(const v1::ExportPersonRequest& request);
  absl::StatusOr<v1::ErasePersonResponse> Call(const v1::ErasePersonRequest& request);

  absl::StatusOr<v1::ListAuditEventsResponse> Call(const v1::ListAuditEventsRequest& request);
  absl::StatusOr<v1::VerifyAuditTrailResponse> Call(const v1::VerifyAuditTrailRequest& request);
  absl::StatusOr<v1::ListAuditCheckpointsResponse> Call(
      const v1::ListAuditCheckpointsRequest& request);
  absl::StatusOr<v1::ExportAuditEventsResponse> Call(const v1::ExportAuditEventsRequest& request);

  absl::StatusOr<v1::ServerStatus> Call(const v1::GetServerStatusRequest& request);
  absl::StatusOr<v1::SetLogLevelResponse> Call(const v1::SetLogLevelRequest& request);
  absl::StatusOr<v1::DrainResponse> Call(const v1::DrainRequest& request);
  absl::StatusOr<v1::BackupResponse> Call(const v1::BackupRequest& request);

  absl::StatusOr<v1::Principal> Call(const v1::GetCallerRequest& request);
  absl::StatusOr<v1::CheckAccessResponse> Call(const v1::CheckAccessRequest& request);
  absl::StatusOr<v1::Cda> Call(const v1::CreateCdaRequest& request);
  absl::StatusOr<v1::Cda> Call(const v1::GetCdaRequest& request);
  absl::StatusOr<v1::ListCdasResponse> Call(const v1::ListCdasRequest& request);
  absl::StatusOr<v1::Cda> Call(const v1::RevokeCdaRequest& request);

  absl::StatusOr<v1::Referral> Call(const v1::AskRequesterRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::ReplyToReferralRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::WaitForAuthorityRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::RecordAuthorityWordRequest& request);
  absl::StatusOr<v1::ListReferralSitesResponse> Call(const v1::ListReferralSitesRequest& request);
  absl::StatusOr<v1::ReferralSite> Call(const v1::GetReferralSiteRequest& request);
  absl::StatusOr<v1::ReferralSite> Call(const v1::UpdateReferralSiteRequest& request);
  absl::StatusOr<v1::Referral> Call(const v1::HandOverReferralRequest& request);
  absl::StatusOr<v1::AddReferralResponse> Call(const v1::AddReferralRequest& request);
  absl::StatusOr<v1::SiteCapacity> Call(const v1::SetCapacityMonthsRequest& request);
  absl::StatusOr<v1::Organization> Call(const v1::UpdateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> Call(const v1::ApproveOrganizationRequest& request);
  absl::StatusOr<v1::Organization> Call(const v1::SuspendOrganizationRequest& request);
  absl::StatusOr<v1::Region> Call(const v1::CreateRegionRequest& request);
  absl::StatusOr<v1::Region> Call(const v1::UpdateRegionRequest& request);
  absl::StatusOr<v1::Desk> Call(const v1::CreateDeskRequest& request);
  absl::StatusOr<v1::Desk> Call(const v1::UpdateDeskRequest& request);
  absl::StatusOr<v1::Contact> Call(const v1::CreateContactRequest& request);
  absl::StatusOr<v1::Contact> Call(const v1::UpdateContactRequest& request);
  absl::StatusOr<v1::EndContactResponse> Call(const v1::EndContactRequest& request);
  absl::StatusOr<v1::AddContactAbsenceResponse> Call(const v1::AddContactAbsenceRequest& request);
  absl::StatusOr<v1::Contact> Call(const v1::RemoveContactAbsenceRequest& request);
  absl::StatusOr<v1::Site> Call(const v1::CreateSiteRequest& request);
  absl::StatusOr<v1::Site> Call(const v1::UpdateSiteRequest& request);
  absl::StatusOr<v1::Site> Call(const v1::MarkSiteReviewedRequest& request);
  absl::StatusOr<v1::EndSiteResponse> Call(const v1::EndSiteRequest& request);
  absl::StatusOr<v1::EndDeskResponse> Call(const v1::EndDeskRequest& request);
  absl::StatusOr<v1::EndRegionResponse> Call(const v1::EndRegionRequest& request);
  absl::StatusOr<v1::ListReviewRemindersResponse> Call(
      const v1::ListReviewRemindersRequest& request);
  absl::StatusOr<v1::DiffPackResponse> Call(const v1::DiffPackRequest& request);
  absl::StatusOr<v1::ExportPackResponse> Call(const v1::ExportPackRequest& request);

  // Gives each message of the stream that `request` opens to `take`, until the stream ends, without
  // a deadline. Answers what it ended with.
  template <typename Request, typename Response>
  absl::Status Watch(const Request& request, const std::function<void(const Response&)>& take);

 private:
  struct Stubs;

  // Who calls, and what the answer may hold.
  void Describe(grpc::ClientContext* context) const;

  template <typename Response, typename Request, typename Method>
  absl::StatusOr<Response> Send(Method method, const Request& request);

  const ClientOptions options_;
  const std::unique_ptr<Stubs> stubs_;
};

template <>
absl::Status Client::Watch(const v1::WatchTrialRequestRequest& request,
                           const std::function<void(const v1::WatchTrialRequestResponse&)>& take);
template <>
absl::Status Client::Watch(const v1::WatchReferralsRequest& request,
                           const std::function<void(const v1::WatchReferralsResponse&)>& take);
template <>
absl::Status Client::Watch(const v1::WatchDirectoryRequest& request,
                           const std::function<void(const v1::WatchDirectoryResponse&)>& take);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_CLIENT_H_
