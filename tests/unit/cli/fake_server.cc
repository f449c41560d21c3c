#include "tests/unit/cli/fake_server.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_translation.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "trialgate/v1/access_service.grpc.pb.h"
#include "trialgate/v1/audit_service.grpc.pb.h"
#include "trialgate/v1/directory_service.grpc.pb.h"
#include "trialgate/v1/feasibility_service.grpc.pb.h"
#include "trialgate/v1/operator_service.grpc.pb.h"
#include "trialgate/v1/people_service.grpc.pb.h"
#include "trialgate/v1/referral_service.grpc.pb.h"
#include "trialgate/v1/trial_request_service.grpc.pb.h"

namespace trialgate::cli {

// Each method hands its request over and returns what was written down for it.
#define TRIALGATE_FAKE_METHOD(Method, Response)                                         \
  grpc::Status Method(grpc::ServerContext* context, const v1::Method##Request* request, \
                      v1::Response* response) override {                                \
    return server_->services_->Serve(#Method, context, *request, response);             \
  }
// Each stream is one answer: messages one by one would need a second kind of answer. It ends with
// UNAVAILABLE, as those of a server that stops.
#define TRIALGATE_FAKE_WATCH(Method)                                                              \
  grpc::Status Method(grpc::ServerContext* context, const v1::Method##Request* request,           \
                      grpc::ServerWriter<v1::Method##Response>* writer) override {                \
    v1::Method##Response response;                                                                \
    const grpc::Status status = server_->services_->Serve(#Method, context, *request, &response); \
    if (!status.ok()) return status;                                                              \
    writer->Write(response);                                                                      \
    return {grpc::StatusCode::UNAVAILABLE, "the server is stopping"};                             \
  }
#define TRIALGATE_FAKE_SERVICE(Service)                     \
  explicit Service(FakeServer* server) : server_(server) {} \
  FakeServer* const server_

struct FakeServer::Services {
  struct Requests final : v1::TrialRequestService::Service {
    TRIALGATE_FAKE_SERVICE(Requests);
    TRIALGATE_FAKE_METHOD(SubmitTrialRequest, SubmitTrialRequestResponse)
    TRIALGATE_FAKE_METHOD(GetTrialRequest, TrialRequest)
    TRIALGATE_FAKE_METHOD(ListTrialRequests, ListTrialRequestsResponse)
    TRIALGATE_FAKE_METHOD(WithdrawTrialRequest, TrialRequest)
    TRIALGATE_FAKE_METHOD(ConfirmTrialRequest, TrialRequest)
    TRIALGATE_FAKE_METHOD(GetCollatedAnswer, CollatedAnswer)
    TRIALGATE_FAKE_METHOD(ImportStudyRecord, ImportStudyRecordResponse)
    TRIALGATE_FAKE_METHOD(AddReferral, AddReferralResponse)
    TRIALGATE_FAKE_WATCH(WatchTrialRequest)
  };
  struct Referrals final : v1::ReferralService::Service {
    TRIALGATE_FAKE_SERVICE(Referrals);
    TRIALGATE_FAKE_METHOD(ListReferrals, ListReferralsResponse)
    TRIALGATE_FAKE_METHOD(GetReferral, Referral)
    TRIALGATE_FAKE_METHOD(AcknowledgeReferral, Referral)
    TRIALGATE_FAKE_METHOD(AnswerReferral, Referral)
    TRIALGATE_FAKE_METHOD(DeclineReferral, Referral)
    TRIALGATE_FAKE_METHOD(AskRequester, Referral)
    TRIALGATE_FAKE_METHOD(ReplyToReferral, Referral)
    TRIALGATE_FAKE_METHOD(WaitForAuthority, Referral)
    TRIALGATE_FAKE_METHOD(RecordAuthorityWord, Referral)
    TRIALGATE_FAKE_METHOD(ListReferralSites, ListReferralSitesResponse)
    TRIALGATE_FAKE_METHOD(GetReferralSite, ReferralSite)
    TRIALGATE_FAKE_METHOD(UpdateReferralSite, ReferralSite)
    TRIALGATE_FAKE_METHOD(HandOverReferral, Referral)
    TRIALGATE_FAKE_WATCH(WatchReferrals)
  };
  struct Feasibility final : v1::FeasibilityService::Service {
    TRIALGATE_FAKE_SERVICE(Feasibility);
    TRIALGATE_FAKE_METHOD(AssessTrialRequest, AssessTrialRequestResponse)
    TRIALGATE_FAKE_METHOD(GetFeasibilityReport, FeasibilityReport)
    TRIALGATE_FAKE_METHOD(CompareTrialRequests, CompareTrialRequestsResponse)
    TRIALGATE_FAKE_METHOD(PlanPortfolio, PlanPortfolioResponse)
    TRIALGATE_FAKE_METHOD(ReplayFeasibilityReport, ReplayFeasibilityReportResponse)
  };
  struct Directory final : v1::DirectoryService::Service {
    TRIALGATE_FAKE_SERVICE(Directory);
    TRIALGATE_FAKE_METHOD(GetRegion, Region)
    TRIALGATE_FAKE_METHOD(ListRegions, ListRegionsResponse)
    TRIALGATE_FAKE_METHOD(GetDesk, Desk)
    TRIALGATE_FAKE_METHOD(ListDesks, ListDesksResponse)
    TRIALGATE_FAKE_METHOD(GetContact, Contact)
    TRIALGATE_FAKE_METHOD(ListContacts, ListContactsResponse)
    TRIALGATE_FAKE_METHOD(GetSite, Site)
    TRIALGATE_FAKE_METHOD(BatchGetSites, BatchGetSitesResponse)
    TRIALGATE_FAKE_METHOD(ListSites, ListSitesResponse)
    TRIALGATE_FAKE_WATCH(WatchDirectory)
    TRIALGATE_FAKE_METHOD(GetSiteCapacity, SiteCapacity)
    TRIALGATE_FAKE_METHOD(UpdateSiteCapacity, SiteCapacity)
    TRIALGATE_FAKE_METHOD(CreateOrganization, Organization)
    TRIALGATE_FAKE_METHOD(GetOrganization, Organization)
    TRIALGATE_FAKE_METHOD(ListOrganizations, ListOrganizationsResponse)
    TRIALGATE_FAKE_METHOD(ApplyPack, ApplyPackResponse)
    TRIALGATE_FAKE_METHOD(SetCapacityMonths, SiteCapacity)
    TRIALGATE_FAKE_METHOD(UpdateOrganization, Organization)
    TRIALGATE_FAKE_METHOD(ApproveOrganization, Organization)
    TRIALGATE_FAKE_METHOD(SuspendOrganization, Organization)
    TRIALGATE_FAKE_METHOD(CreateRegion, Region)
    TRIALGATE_FAKE_METHOD(UpdateRegion, Region)
    TRIALGATE_FAKE_METHOD(CreateDesk, Desk)
    TRIALGATE_FAKE_METHOD(UpdateDesk, Desk)
    TRIALGATE_FAKE_METHOD(CreateContact, Contact)
    TRIALGATE_FAKE_METHOD(UpdateContact, Contact)
    TRIALGATE_FAKE_METHOD(EndContact, EndContactResponse)
    TRIALGATE_FAKE_METHOD(AddContactAbsence, AddContactAbsenceResponse)
    TRIALGATE_FAKE_METHOD(RemoveContactAbsence, Contact)
    TRIALGATE_FAKE_METHOD(CreateSite, Site)
    TRIALGATE_FAKE_METHOD(UpdateSite, Site)
    TRIALGATE_FAKE_METHOD(MarkSiteReviewed, Site)
    TRIALGATE_FAKE_METHOD(EndSite, EndSiteResponse)
    TRIALGATE_FAKE_METHOD(EndDesk, EndDeskResponse)
    TRIALGATE_FAKE_METHOD(EndRegion, EndRegionResponse)
    TRIALGATE_FAKE_METHOD(ListReviewReminders, ListReviewRemindersResponse)
    TRIALGATE_FAKE_METHOD(DiffPack, DiffPackResponse)
    TRIALGATE_FAKE_METHOD(ExportPack, ExportPackResponse)
  };
  struct Operator final : v1::OperatorService::Service {
    TRIALGATE_FAKE_SERVICE(Operator);
    TRIALGATE_FAKE_METHOD(GetServerStatus, ServerStatus)
    TRIALGATE_FAKE_METHOD(SetLogLevel, SetLogLevelResponse)
    TRIALGATE_FAKE_METHOD(Drain, DrainResponse)
    TRIALGATE_FAKE_METHOD(Backup, BackupResponse)
  };
  struct Audit final : v1::AuditService::Service {
    TRIALGATE_FAKE_SERVICE(Audit);
    TRIALGATE_FAKE_METHOD(ListAuditEvents, ListAuditEventsResponse)
    TRIALGATE_FAKE_METHOD(VerifyAuditTrail, VerifyAuditTrailResponse)
    TRIALGATE_FAKE_METHOD(ListAuditCheckpoints, ListAuditCheckpointsResponse)
    TRIALGATE_FAKE_METHOD(ExportAuditEvents, ExportAuditEventsResponse)
  };

  struct People final : v1::PeopleService::Service {
    TRIALGATE_FAKE_SERVICE(People);
    TRIALGATE_FAKE_METHOD(ExportPerson, ExportPersonResponse)
    TRIALGATE_FAKE_METHOD(ErasePerson, ErasePersonResponse)
  };

  struct Access final : v1::AccessService::Service {
    TRIALGATE_FAKE_SERVICE(Access);
    TRIALGATE_FAKE_METHOD(GetCaller, Principal)
    TRIALGATE_FAKE_METHOD(CheckAccess, CheckAccessResponse)
  };

  explicit Services(FakeServer* fake)
      : owner(fake),
        requests(fake),
        referrals(fake),
        feasibility(fake),
        directory(fake),
        audit(fake),
        people(fake),
        operations(fake),
        access(fake) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(-1);
    for (grpc::Service* service :
         std::initializer_list<grpc::Service*>{&requests, &referrals, &feasibility, &directory,
                                               &audit, &people, &operations, &access}) {
      builder.RegisterService(service);
    }
    server = builder.BuildAndStart();
  }

  grpc::Status Serve(const std::string& method, grpc::ServerContext* context,
                     const google::protobuf::Message& request,
                     google::protobuf::Message* response) {
    const auto& metadata = context->client_metadata();
    const auto principal = metadata.find("trialgate-principal");
    const Reply reply =
        owner->Take(method,
                    principal == metadata.end()
                        ? ""
                        : std::string(principal->second.data(), principal->second.size()),
                    request);
    response->ParseFromString(reply.bytes);
    return rpc::ToGrpcStatus(reply.status);
  }

  FakeServer* const owner;
  Requests requests;
  Referrals referrals;
  Feasibility feasibility;
  Directory directory;
  Audit audit;
  People people;
  Operator operations;
  Access access;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

#undef TRIALGATE_FAKE_METHOD
#undef TRIALGATE_FAKE_WATCH
#undef TRIALGATE_FAKE_SERVICE

FakeServer::FakeServer() : services_(std::make_unique<Services>(this)) {}

FakeServer::~FakeServer() { services_->server->Shutdown(); }

std::string FakeServer::address() const { return absl::StrCat("127.0.0.1:", services_->port); }

void FakeServer::Answer(const std::string& method, const google::protobuf::Message& response) {
  MutexLock lock(&mu_);
  replies_[method].push_back({absl::OkStatus(), response.SerializeAsString()});
}

void FakeServer::Fail(const std::string& method, const absl::Status& status) {
  MutexLock lock(&mu_);
  replies_[method].push_back({status, ""});
}

std::string FakeServer::principal() const {
  MutexLock lock(&mu_);
  return principal_;
}

std::vector<std::string> FakeServer::AskedBytes(const std::string& method) const {
  MutexLock lock(&mu_);
  const auto found = asked_.find(method);
  return found == asked_.end() ? std::vector<std::string>() : found->second;
}

FakeServer::Reply FakeServer::Take(const std::string& method, const std::string& principal,
                                   const google::protobuf::Message& request) {
  MutexLock lock(&mu_);
  asked_[method].push_back(request.SerializeAsString());
  principal_ = principal;
  std::vector<Reply>& replies = replies_[method];
  if (replies.empty()) {
    return {absl::InternalError(absl::StrCat("no answer was written down for ", method)), ""};
  }
  const Reply reply = replies.front();
  if (replies.size() > 1) replies.erase(replies.begin());
  return reply;
}

}  // namespace trialgate::cli
