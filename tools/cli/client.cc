#include "tools/cli/client.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/rpc/status_translation.h"
#include "grpc/support/log.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "tools/cli/errors.h"
#include "tools/cli/tls_probe.h"
#include "trialgate/v1/access_service.grpc.pb.h"
#include "trialgate/v1/audit_service.grpc.pb.h"
#include "trialgate/v1/directory_service.grpc.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/feasibility_service.grpc.pb.h"
#include "trialgate/v1/operator_service.grpc.pb.h"
#include "trialgate/v1/people_service.grpc.pb.h"
#include "trialgate/v1/referral_service.grpc.pb.h"
#include "trialgate/v1/trial_request_service.grpc.pb.h"

namespace trialgate::cli {
namespace {

// A report on every site of a large directory, with room to spare.
constexpr int kMaxAnswerBytes = 64 << 20;

// Time to find out why a server was not reached.
constexpr absl::Duration kProbeTimeout = absl::Seconds(5);

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const ClientOptions& options) {
  if (!options.tls.has_value()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = options.tls->ca_pem;
  ssl.pem_cert_chain = options.tls->certificate_pem;
  ssl.pem_private_key = options.tls->key_pem;
  return grpc::SslCredentials(ssl);
}

// gRPC writes about failed handshakes to standard error, where people read what we say of them.
// Who sets its variable wants to see that.
void QuietGrpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options) {
  QuietGrpc();
  grpc::ChannelArguments arguments;
  if (options.tls.has_value() && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // Room for the faults of a whole pack: as trailers they are 4/3 as long.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 2 * static_cast<int>(rpc::kMaxDetailsBytes));
  // A proxy of the machine is meant for the web, not for a server on the loopback.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(options.server, CredentialsOf(options), arguments);
}

// Without details of ours the answer is gRPC's own: nobody was reached, or not in time.
absl::Status ToAbsl(const grpc::Status& answer, const ClientOptions& options) {
  absl::Status status = rpc::FromGrpcStatus(answer);
  if (status.ok() || ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) return status;
  if (absl::IsUnavailable(status)) {
    const ProbeResult probe = ProbeTls(options.server, options.tls ? &*options.tls : nullptr,
                                       std::min(options.timeout, kProbeTimeout));
    if (!probe.what.empty()) {
      return WithHint(absl::UnavailableError(absl::StrCat(options.server, " ", probe.what)),
                      probe.hint);
    }
    return absl::UnavailableError(absl::StrCat("no Trialgate server answers at ", options.server,
                                               " (", answer.error_message(), ")"));
  }
  if (absl::IsUnimplemented(status)) {
    return absl::UnimplementedError(absl::StrCat(options.server, " does not serve this call"));
  }
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(absl::StrCat("no answer from ", options.server, " within ",
                                                    absl::FormatDuration(options.timeout)));
  }
  return status;
}

}  // namespace

struct Client::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : requests(channel),
        referrals(channel),
        feasibility(channel),
        directory(channel),
        audit(channel),
        people(channel),
        operations(channel),
        access(channel) {}

  v1::TrialRequestService::Stub requests;
  v1::ReferralService::Stub referrals;
  v1::FeasibilityService::Stub feasibility;
  v1::DirectoryService::Stub directory;
  v1::AuditService::Stub audit;
  v1::PeopleService::Stub people;
  v1::OperatorService::Stub operations;
  v1::AccessService::Stub access;
};

Client::Client(ClientOptions options)
    : options_(std::move(options)), stubs_(std::make_unique<Stubs>(Connect(options_))) {}

Client::~Client() = default;

void Client::Describe(grpc::ClientContext* context) const {
  context->AddMetadata(rpc::kDetailsBytesHeader, absl::StrCat(rpc::kMaxDetailsBytes));
  if (!options_.principal.empty()) {
    context->AddMetadata("trialgate-principal", options_.principal);
  }
  if (!options_.access_token.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", options_.access_token.Reveal()));
  }
}

template <typename Response, typename Request, typename Method>
absl::StatusOr<Response> Client::Send(Method method, const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
  Describe(&context);
  Response response;
  absl::Status status = ToAbsl(method(&context, request, &response), options_);
  if (!status.ok()) return status;
  return response;
}

// One line for each method: the overload, the service's stub, the method.
#define TRIALGATE_CLI_METHOD(Method, Response, stub)                                     \
  absl::StatusOr<v1::Response> Client::Call(const v1::Method##Request& request) {        \
    return Send<v1::Response>(                                                           \
        [this](grpc::ClientContext* context, const auto& sent, v1::Response* response) { \
          return stubs_->stub.Method(context, sent, response);                           \
        },                                                                               \
        request);                                                                        \
  }

TRIALGATE_CLI_METHOD(SubmitTrialRequest, SubmitTrialRequestResponse, requests)
TRIALGATE_CLI_METHOD(GetTrialRequest, TrialRequest, requests)
TRIALGATE_CLI_METHOD(ListTrialRequests, ListTrialRequestsResponse, requests)
TRIALGATE_CLI_METHOD(WithdrawTrialRequest, TrialRequest, requests)
TRIALGATE_CLI_METHOD(ConfirmTrialRequest, TrialRequest, requests)
TRIALGATE_CLI_METHOD(GetCollatedAnswer, CollatedAnswer, requests)
TRIALGATE_CLI_METHOD(ImportStudyRecord, ImportStudyRecordResponse, requests)
TRIALGATE_CLI_METHOD(ListReferrals, ListReferralsResponse, referrals)
TRIALGATE_CLI_METHOD(GetReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(AcknowledgeReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(AnswerReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(DeclineReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(AssessTrialRequest, AssessTrialRequestResponse, feasibility)
TRIALGATE_CLI_METHOD(GetFeasibilityReport, FeasibilityReport, feasibility)
TRIALGATE_CLI_METHOD(CompareTrialRequests, CompareTrialRequestsResponse, feasibility)
TRIALGATE_CLI_METHOD(PlanPortfolio, PlanPortfolioResponse, feasibility)
TRIALGATE_CLI_METHOD(ReplayFeasibilityReport, ReplayFeasibilityReportResponse, feasibility)
TRIALGATE_CLI_METHOD(GetRegion, Region, directory)
TRIALGATE_CLI_METHOD(ListRegions, ListRegionsResponse, directory)
TRIALGATE_CLI_METHOD(GetDesk, Desk, directory)
TRIALGATE_CLI_METHOD(ListDesks, ListDesksResponse, directory)
TRIALGATE_CLI_METHOD(GetContact, Contact, directory)
TRIALGATE_CLI_METHOD(ListContacts, ListContactsResponse, directory)
TRIALGATE_CLI_METHOD(GetSite, Site, directory)
TRIALGATE_CLI_METHOD(BatchGetSites, BatchGetSitesResponse, directory)
TRIALGATE_CLI_METHOD(ListSites, ListSitesResponse, directory)
TRIALGATE_CLI_METHOD(GetSiteCapacity, SiteCapacity, directory)
TRIALGATE_CLI_METHOD(UpdateSiteCapacity, SiteCapacity, directory)
TRIALGATE_CLI_METHOD(CreateOrganization, Organization, directory)
TRIALGATE_CLI_METHOD(GetOrganization, Organization, directory)
TRIALGATE_CLI_METHOD(ListOrganizations, ListOrganizationsResponse, directory)
TRIALGATE_CLI_METHOD(ApplyPack, ApplyPackResponse, directory)
TRIALGATE_CLI_METHOD(ExportPerson, ExportPersonResponse, people)
TRIALGATE_CLI_METHOD(ErasePerson, ErasePersonResponse, people)
TRIALGATE_CLI_METHOD(ListAuditEvents, ListAuditEventsResponse, audit)
TRIALGATE_CLI_METHOD(VerifyAuditTrail, VerifyAuditTrailResponse, audit)
TRIALGATE_CLI_METHOD(GetServerStatus, ServerStatus, operations)
TRIALGATE_CLI_METHOD(SetLogLevel, SetLogLevelResponse, operations)
TRIALGATE_CLI_METHOD(Drain, DrainResponse, operations)
TRIALGATE_CLI_METHOD(Backup, BackupResponse, operations)
TRIALGATE_CLI_METHOD(ListAuditCheckpoints, ListAuditCheckpointsResponse, audit)
TRIALGATE_CLI_METHOD(ExportAuditEvents, ExportAuditEventsResponse, audit)
TRIALGATE_CLI_METHOD(GetCaller, Principal, access)
TRIALGATE_CLI_METHOD(CheckAccess, CheckAccessResponse, access)
TRIALGATE_CLI_METHOD(CreateCda, Cda, access)
TRIALGATE_CLI_METHOD(GetCda, Cda, access)
TRIALGATE_CLI_METHOD(ListCdas, ListCdasResponse, access)
TRIALGATE_CLI_METHOD(RevokeCda, Cda, access)
TRIALGATE_CLI_METHOD(AskRequester, Referral, referrals)
TRIALGATE_CLI_METHOD(ReplyToReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(WaitForAuthority, Referral, referrals)
TRIALGATE_CLI_METHOD(RecordAuthorityWord, Referral, referrals)
TRIALGATE_CLI_METHOD(ListReferralSites, ListReferralSitesResponse, referrals)
TRIALGATE_CLI_METHOD(GetReferralSite, ReferralSite, referrals)
TRIALGATE_CLI_METHOD(UpdateReferralSite, ReferralSite, referrals)
TRIALGATE_CLI_METHOD(HandOverReferral, Referral, referrals)
TRIALGATE_CLI_METHOD(AddReferral, AddReferralResponse, requests)
TRIALGATE_CLI_METHOD(SetCapacityMonths, SiteCapacity, directory)
TRIALGATE_CLI_METHOD(UpdateOrganization, Organization, directory)
TRIALGATE_CLI_METHOD(ApproveOrganization, Organization, directory)
TRIALGATE_CLI_METHOD(SuspendOrganization, Organization, directory)
TRIALGATE_CLI_METHOD(CreateRegion, Region, directory)
TRIALGATE_CLI_METHOD(UpdateRegion, Region, directory)
TRIALGATE_CLI_METHOD(CreateDesk, Desk, directory)
TRIALGATE_CLI_METHOD(UpdateDesk, Desk, directory)
TRIALGATE_CLI_METHOD(CreateContact, Contact, directory)
TRIALGATE_CLI_METHOD(UpdateContact, Contact, directory)
TRIALGATE_CLI_METHOD(EndContact, EndContactResponse, directory)
TRIALGATE_CLI_METHOD(AddContactAbsence, AddContactAbsenceResponse, directory)
TRIALGATE_CLI_METHOD(RemoveContactAbsence, Contact, directory)
TRIALGATE_CLI_METHOD(CreateSite, Site, directory)
TRIALGATE_CLI_METHOD(UpdateSite, Site, directory)
TRIALGATE_CLI_METHOD(MarkSiteReviewed, Site, directory)
TRIALGATE_CLI_METHOD(EndSite, EndSiteResponse, directory)
TRIALGATE_CLI_METHOD(EndDesk, EndDeskResponse, directory)
TRIALGATE_CLI_METHOD(EndRegion, EndRegionResponse, directory)
TRIALGATE_CLI_METHOD(ListReviewReminders, ListReviewRemindersResponse, directory)
TRIALGATE_CLI_METHOD(DiffPack, DiffPackResponse, directory)
TRIALGATE_CLI_METHOD(ExportPack, ExportPackResponse, directory)

#undef TRIALGATE_CLI_METHOD

// One line for each watch.
#define TRIALGATE_CLI_WATCH(Method, stub)                                                    \
  template <>                                                                                \
  absl::Status Client::Watch(const v1::Method##Request& request,                             \
                             const std::function<void(const v1::Method##Response&)>& take) { \
    grpc::ClientContext context;                                                             \
    Describe(&context);                                                                      \
    const auto stream = stubs_->stub.Method(&context, request);                              \
    v1::Method##Response message;                                                            \
    while (stream->Read(&message)) take(message);                                            \
    return ToAbsl(stream->Finish(), options_);                                               \
  }

TRIALGATE_CLI_WATCH(WatchTrialRequest, requests)
TRIALGATE_CLI_WATCH(WatchReferrals, referrals)
TRIALGATE_CLI_WATCH(WatchDirectory, directory)

#undef TRIALGATE_CLI_WATCH

}  // namespace trialgate::cli
