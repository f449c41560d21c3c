#include "services/intake/trial_request_app.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "services/feasibility/field_rules.h"
#include "services/intake/blinding.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/study_record.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_answer.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

// What stays the same over the pages of one listing.
std::string QueryText(const v1::Principal& principal, const v1::ListTrialRequestsRequest& call) {
  return absl::StrCat("ListTrialRequests\n", principal.role(), "\n", principal.organization(), "\n",
                      absl::StrJoin(principal.desks(), ","), "\n", call.state());
}

absl::Status CheckList(const v1::ListTrialRequestsRequest& call) {
  FieldFaults faults;
  const feasibility::FieldRules rules(&faults);
  rules.Range("page_size", call.page_size(), 0, kMaxPageSize);
  rules.Enum("state", call.state(), *v1::TrialRequestState_descriptor(),
             feasibility::Presence::kOptional);
  return faults.ToStatus();
}

absl::Status AnswerNotFound(const std::string& name) {
  return routing::NotFoundError("trialgate.v1.CollatedAnswer", name);
}

// For those who may see the request.
absl::Status NotAnswered(const v1::TrialRequest& request, const std::string& name) {
  const bool ended = request.state() == v1::TRIAL_REQUEST_STATE_WITHDRAWN ||
                     request.state() == v1::TRIAL_REQUEST_STATE_CLOSED;
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat(request.name(), ended ? " ended before it was answered"
                                                  : " is not answered yet: desks are still asked"))
      .WithResource("trialgate.v1.CollatedAnswer", name);
}

bool IsAt(const v1::Principal& principal, const std::string& desk) {
  const auto& desks = principal.desks();
  return std::find(desks.begin(), desks.end(), desk) != desks.end();
}

// Of the sites already contacted, those that the desks answer for.
std::set<std::string> OwnContactedSites(const v1::TrialRequest& request,
                                        const std::set<std::string>& desks,
                                        const directory::DirectorySnapshot& directory,
                                        absl::CivilDay today) {
  std::set<std::string> own;
  for (const std::string& site : request.sites_already_contacted()) {
    const directory::SiteEntry* entry = directory.FindSite(site);
    if (entry == nullptr) continue;
    for (const std::string& name : desks) {
      const v1::Desk* desk = directory.FindDesk(name);
      // A national desk has no sites of its own.
      if (desk != nullptr && !desk->regions().empty() &&
          routing::MayOffer(*desk, entry->site, directory, today)) {
        own.insert(site);
      }
    }
  }
  return own;
}

void KeepReferrals(const std::set<std::string>& own, v1::TrialRequest* request) {
  std::vector<std::string> names;
  std::vector<v1::OfferSelection> selections;
  for (const std::string& name : request->referrals()) {
    if (own.count(name) > 0) names.push_back(name);
  }
  for (const v1::OfferSelection& selection : request->selections()) {
    if (own.count(selection.referral()) > 0) selections.push_back(selection);
  }
  request->mutable_referrals()->Assign(names.begin(), names.end());
  request->mutable_selections()->Assign(selections.begin(), selections.end());
}

}  // namespace

TrialRequestApp::TrialRequestApp(store::Store* store, const WorldCache* world, const Clock* clock,
                                 IdGenerator* ids, Options options)
    : store_(store), world_(world), clock_(clock), ids_(ids), options_(std::move(options)) {}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::AsSeenBy(const v1::Principal& principal,
                                                           store::Row<v1::TrialRequest> row,
                                                           store::CommitNumber as_of) const {
  v1::TrialRequest request = std::move(row.value);
  request.set_etag(absl::StrCat(row.version));
  if (principal.role() == v1::ROLE_NATIONAL) return request;
  if (principal.role() == v1::ROLE_COORDINATOR) {
    return AsSeenByCoordinator(principal, std::move(request), as_of);
  }
  const bool own = principal.role() == v1::ROLE_REQUESTER && !principal.organization().empty() &&
                   principal.organization() == request.requester();
  if (!own) return RequestNotFound(row.key);
  return request;
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::AsSeenByCoordinator(
    const v1::Principal& principal, v1::TrialRequest request, store::CommitNumber as_of) const {
  const std::vector<std::string> names(request.referrals().begin(), request.referrals().end());
  ABSL_ASSIGN_OR_RETURN(const auto rows, ReadRows(*store_, routing::Referrals(), names, as_of));
  std::set<std::string> own;
  std::set<std::string> desks;
  for (const auto& row : rows) {
    if (!row.has_value() || !IsAt(principal, row->value.desk())) continue;
    own.insert(row->key);
    desks.insert(row->value.desk());
  }
  if (own.empty()) return RequestNotFound(request.name());
  KeepReferrals(own, &request);
  const auto directory = world_->View()->directory;
  const absl::CivilDay today = absl::ToCivilDay(clock_->Now(), directory->time_zone());
  const std::set<std::string> sites = OwnContactedSites(request, desks, *directory, today);
  return AsSeenByDesk(std::move(request), sites);
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::Get(
    const v1::Principal& principal, const v1::GetTrialRequestRequest& call) const {
  if (!routing::IsTrialRequestName(call.name())) return RequestNotFound(call.name());
  const store::CommitNumber as_of = store_->Head();
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, TrialRequests(), call.name(), as_of));
  if (!row.has_value()) return RequestNotFound(call.name());
  return AsSeenBy(principal, *std::move(row), as_of);
}

absl::StatusOr<std::optional<std::vector<std::string>>> TrialRequestApp::ContactedSitesSeenBy(
    const v1::Principal& principal, const std::string& request) const {
  v1::GetTrialRequestRequest call;
  call.set_name(request);
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest seen, Get(principal, call));
  if (principal.role() != v1::ROLE_COORDINATOR || !IsBlinded(seen)) {
    return std::optional<std::vector<std::string>>();
  }
  return std::make_optional<std::vector<std::string>>(seen.sites_already_contacted().begin(),
                                                      seen.sites_already_contacted().end());
}

absl::Status TrialRequestApp::ListAtDesks(const v1::Principal& principal,
                                          v1::TrialRequestState state, const std::string& after,
                                          int limit, store::CommitNumber as_of,
                                          v1::ListTrialRequestsResponse* response,
                                          std::string* next) const {
  const std::vector<std::string> desks(principal.desks().begin(), principal.desks().end());
  ABSL_ASSIGN_OR_RETURN(const auto sent,
                        routing::ListRequestsAtDesks(*store_, desks, after, limit, as_of));
  for (const routing::SentReferral& referral : sent) {
    ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, TrialRequests(), referral.request, as_of));
    if (!row.has_value()) continue;
    if (state != v1::TRIAL_REQUEST_STATE_UNSPECIFIED && row->value.state() != state) continue;
    ABSL_ASSIGN_OR_RETURN(*response->add_trial_requests(),
                          AsSeenBy(principal, *std::move(row), as_of));
  }
  if (static_cast<int>(sent.size()) == limit) *next = sent.back().position;
  return absl::OkStatus();
}

absl::StatusOr<v1::ListTrialRequestsResponse> TrialRequestApp::List(
    const v1::Principal& principal, const v1::ListTrialRequestsRequest& call) const {
  ABSL_RETURN_IF_ERROR(CheckList(call));
  const std::string text = QueryText(principal, call);
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const PagePosition from, DecodePageToken(call.page_token(), text, head));
  const store::CommitNumber as_of = from.as_of == 0 ? head : from.as_of;
  const int limit = call.page_size() == 0 ? kDefaultPageSize : call.page_size();
  v1::ListTrialRequestsResponse response;
  std::string next;
  if (principal.role() == v1::ROLE_COORDINATOR) {
    ABSL_RETURN_IF_ERROR(
        ListAtDesks(principal, call.state(), from.after, limit, as_of, &response, &next));
  } else {
    TrialRequestQuery query;
    query.state = call.state();
    if (principal.role() != v1::ROLE_NATIONAL) query.requester = principal.organization();
    store::PageOptions page;
    page.after = from.after;
    page.limit = limit;
    ABSL_ASSIGN_OR_RETURN(auto rows, ListTrialRequests(*store_, query, page, as_of));
    for (auto& row : rows.rows) {
      ABSL_ASSIGN_OR_RETURN(*response.add_trial_requests(),
                            AsSeenBy(principal, std::move(row), as_of));
    }
    next = rows.next;
  }
  if (!next.empty()) response.set_next_page_token(EncodePageToken(text, {next, as_of}));
  return response;
}

absl::StatusOr<v1::CollatedAnswer> TrialRequestApp::GetAnswer(
    const v1::Principal& principal, const v1::GetCollatedAnswerRequest& call) const {
  const std::string& name = call.name();
  const bool newest = routing::IsTrialRequestName(name);
  if (!newest && !routing::IsNameBelowRequest(name, "answers")) return AnswerNotFound(name);
  const std::string request_name = routing::RequestOf(name);
  const store::CommitNumber as_of = store_->Head();
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, TrialRequests(), request_name, as_of));
  if (!row.has_value()) return AnswerNotFound(name);
  const absl::StatusOr<v1::TrialRequest> request = AsSeenBy(principal, *std::move(row), as_of);
  if (absl::IsNotFound(request.status())) return AnswerNotFound(name);
  ABSL_RETURN_IF_ERROR(request.status());
  const std::string answer_name = newest ? AnswerName(name, request->answer_version()) : name;
  ABSL_ASSIGN_OR_RETURN(auto answer, ReadRow(*store_, CollatedAnswers(), answer_name, as_of));
  if (!answer.has_value()) {
    return request->answer_version() == 0 ? NotAnswered(*request, name) : AnswerNotFound(name);
  }
  return std::move(answer->value);
}

absl::StatusOr<v1::ImportStudyRecordResponse> TrialRequestApp::Import(
    const v1::ImportStudyRecordRequest& call) const {
  const auto directory = world_->CaughtUpView()->directory;
  if (!directory->has_pack()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
                 "no country's pack was applied yet: apply one with `trialgate pack apply`");
  }
  return DeriveDraft(call.study_record(), directory->settings(),
                     absl::ToCivilDay(clock_->Now(), directory->time_zone()));
}

}  // namespace trialgate::intake
