#include "services/routing/referral_line_app.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_projection.h"
#include "services/directory/person_reference_repository.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/question_answers.h"
#include "services/routing/referral_line.h"
#include "services/routing/referral_line_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_view_repository.h"
#include "services/routing/resource_names.h"
#include "services/routing/timestamps.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

constexpr char kUpdate[] = "UpdateReferralSite";
constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// As many as a request may have questions; more are refused elsewhere.
constexpr int kMaxAnswersOfLine = 50;

absl::Status LineNotFound(const std::string& name) {
  return NotFoundError("trialgate.v1.ReferralSite", name);
}

absl::Status CheckEtag(const std::string& given, store::CommitNumber version) {
  if (given.empty() || given == absl::StrCat(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
               "the line has changed since: read it again, decide again")
      .WithMetadata("etag", absl::StrCat(version));
}

// What stays the same over the pages of one listing.
std::string QueryText(const v1::Principal& principal, const v1::ListReferralSitesRequest& call) {
  return absl::StrCat("ListReferralSites\n", principal.role(), "\n",
                      absl::StrJoin(principal.desks(), ","), "\n", call.parent());
}

// The line with what the directory answers by itself.
void Prefill(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
             v1::ReferralSite* line) {
  *line->mutable_question_answers() = CompleteAnswers(line->question_answers(), request,
                                                      {line->site()}, /*of_desk=*/false, directory);
}

// The investigator that a call gives.
directory::PersonsByName PersonsOf(const v1::UpdateReferralSiteRequest& call) {
  v1::ReferralSite line = call.referral_site();
  line.set_site(SiteOfLine(line.name()));
  return directory::TakePersons(&line);
}

}  // namespace

absl::StatusOr<v1::Referral> ReferralLineApp::ReadReferral(const v1::Principal& principal,
                                                           const std::string& referral,
                                                           const std::string& asked,
                                                           store::CommitNumber as_of) const {
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, Referrals(), referral, as_of));
  if (!row.has_value() || !WorksAt(principal, row->value.desk())) return LineNotFound(asked);
  return std::move(row->value);
}

absl::StatusOr<v1::ListReferralSitesResponse> ReferralLineApp::List(
    const v1::Principal& principal, const v1::ListReferralSitesRequest& call) const {
  FieldFaults faults;
  const feasibility::FieldRules rules(&faults);
  rules.Required("parent", !call.parent().empty());
  rules.Range("page_size", call.page_size(), 0, kMaxPageSize);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  if (!IsNameBelowRequest(call.parent(), "referrals")) {
    return NotFoundError("trialgate.v1.Referral", call.parent());
  }
  const std::string text = QueryText(principal, call);
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const PagePosition from, DecodePageToken(call.page_token(), text, head));
  const store::CommitNumber as_of = from.as_of == 0 ? head : from.as_of;
  // Whether it may be seen is decided as of now, on every page.
  auto referral = ReadReferral(principal, call.parent(), call.parent(), head);
  if (absl::IsNotFound(referral.status())) {
    return NotFoundError("trialgate.v1.Referral", call.parent());
  }
  ABSL_RETURN_IF_ERROR(referral.status());
  store::UnitOfWork reads(store_, head);
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request,
                        progress_->Get(&reads, RequestOf(call.parent())));
  ABSL_ASSIGN_OR_RETURN(std::vector<v1::ReferralSite> lines, ReadLines(*store_, *referral, as_of));
  auto at = lines.begin();
  if (!from.after.empty()) {
    at = std::find_if(at, lines.end(), [&](const auto& line) { return line.name() == from.after; });
    if (at != lines.end()) ++at;
  }
  const int limit = call.page_size() == 0 ? kDefaultPageSize : call.page_size();
  const auto directory = directory_->Snapshot();
  v1::ListReferralSitesResponse response;
  for (; at != lines.end() && response.referral_sites_size() < limit; ++at) {
    Prefill(request, *directory, &*at);
    *response.add_referral_sites() = std::move(*at);
  }
  if (at != lines.end()) {
    const std::string& last = response.referral_sites().rbegin()->name();
    response.set_next_page_token(EncodePageToken(text, {last, as_of}));
  }
  return response;
}

absl::StatusOr<v1::ReferralSite> ReferralLineApp::Get(
    const v1::Principal& principal, const v1::GetReferralSiteRequest& call) const {
  const std::string& name = call.name();
  if (!IsLineName(name)) return LineNotFound(name);
  store::UnitOfWork reads(store_, store_->Head());
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral,
                        ReadReferral(principal, ReferralOfLine(name), name, reads.read_at()));
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, progress_->Get(&reads, RequestOf(name)));
  ABSL_ASSIGN_OR_RETURN(auto row, reads.Get(ReferralLines(), name));
  v1::ReferralSite line = NewLine(referral, SiteOfLine(name));
  if (!row.has_value() && !line.asked_about()) return LineNotFound(name);
  if (row.has_value()) line = std::move(row->value);
  line.set_etag(absl::StrCat(row.has_value() ? row->version : 0));
  Prefill(request, *directory_->Snapshot(), &line);
  return line;
}

// What a desk writes is read by whom the referral is handed over to.
absl::Status ReferralLineApp::CheckTexts(const v1::Principal& principal,
                                         const v1::ReferralSite& line, const v1::Referral& referral,
                                         const v1::TrialRequest& request, absl::CivilDay today,
                                         Save& save) const {
  std::vector<std::pair<std::string, const std::string*>> texts = {
      {"referral_site.added_reason", &line.added_reason()},
      {"referral_site.asked_whom", &line.asked_whom()},
      {"referral_site.internal_note", &line.internal_note()},
      {"referral_site.offer.conditions", &line.offer().conditions()},
      {"referral_site.offer.comment", &line.offer().comment()},
      {"referral_site.offer.principal_investigator", &line.offer().principal_investigator()},
      {"referral_site.refusal.comment", &line.refusal().comment()}};
  for (int i = 0; i < std::min(line.question_answers_size(), kMaxAnswersOfLine); ++i) {
    const std::string at = feasibility::Element("referral_site.question_answers", i);
    texts.emplace_back(at + ".text", &line.question_answers(i).text());
    texts.emplace_back(at + ".comment", &line.question_answers(i).comment());
  }
  for (const auto& [field, text] : texts) {
    if (text->empty()) continue;
    ABSL_ASSIGN_OR_RETURN(const FieldFaults faults,
                          progress_->FindRevealing(*save.work, principal, request, referral.desk(),
                                                   field, *text, today));
    save.faults.AddAll("", faults);
  }
  return absl::OkStatus();
}

// Of an added site that has no line yet: that there is room for one more.
absl::Status ReferralLineApp::CheckRoom(const v1::Referral& referral, const v1::ReferralSite& line,
                                        Save& save) const {
  if (line.asked_about()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const auto lines, ReadLines(*store_, referral, save.work->read_at()));
  if (static_cast<int>(lines.size()) - referral.sites_size() < kMaxAddedSites) {
    return absl::OkStatus();
  }
  save.faults.Add("referral_site.name", v1::ERROR_REASON_TOO_MANY,
                  absl::StrCat("adds a site to the ", kMaxAddedSites, " that a desk may add"));
  return absl::OkStatus();
}

// Keeps the investigator of the draft apart; erases one that the draft names no more, unless an
// answer does.
absl::Status ReferralLineApp::PutInvestigator(const v1::Referral& referral,
                                              const v1::ReferralSite& before,
                                              v1::ReferralSite* line, Save& save) const {
  if (!save.persons->writes()) return absl::OkStatus();
  const bool gone = !before.offer().principal_investigator().empty() &&
                    line->offer().principal_investigator().empty();
  const bool answered =
      std::any_of(referral.offers().begin(), referral.offers().end(),
                  [&](const v1::Offer& offer) { return offer.site() == line->site(); });
  directory::PersonsByName persons = directory::TakePersons(line);
  if (gone && !answered) {
    persons.emplace(directory::OfferPersonName(referral.name(), line->site()),
                    storage::v1::PersonFields());
  }
  return directory::PutPersons(persons, save.now, save.persons, save.work);
}

absl::StatusOr<v1::ReferralSite> ReferralLineApp::SaveLine(
    const v1::Principal& principal, const v1::UpdateReferralSiteRequest& call,
    const directory::DirectorySnapshot& directory, Save& save) const {
  const std::string& name = call.referral_site().name();
  if (!IsLineName(name)) return LineNotFound(name);
  ABSL_ASSIGN_OR_RETURN(const auto found, save.work->Get(Referrals(), ReferralOfLine(name)));
  if (!found.has_value() || !WorksAt(principal, found->value.desk())) return LineNotFound(name);
  const v1::Referral& referral = found->value;
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, progress_->Get(save.work, RequestOf(name)));
  ABSL_ASSIGN_OR_RETURN(const auto row, save.work->Get(ReferralLines(), name));
  ABSL_RETURN_IF_ERROR(CheckEtag(call.referral_site().etag(), row.has_value() ? row->version : 0));
  ABSL_RETURN_IF_ERROR(CheckMaySave(referral, request));
  const v1::ReferralSite before =
      row.has_value() ? row->value : NewLine(referral, SiteOfLine(name));
  v1::ReferralSite line = before;
  const FieldFaults mask_faults = MergeLine(call.referral_site(), call.update_mask(), &line);
  save.faults.AddAll("", mask_faults);
  if (mask_faults.empty()) {
    const absl::CivilDay today = absl::ToCivilDay(save.now, directory.time_zone());
    save.faults.AddAll("", CheckLine(line, referral, request, directory, today));
    ABSL_RETURN_IF_ERROR(CheckTexts(principal, line, referral, request, today, save));
    if (!row.has_value()) ABSL_RETURN_IF_ERROR(CheckRoom(referral, line, save));
  }
  ABSL_RETURN_IF_ERROR(save.faults.ToStatus());
  ABSL_RETURN_IF_ERROR(PutInvestigator(referral, before, &line, save));
  *line.mutable_update_time() = ToTimestamp(save.now);
  ABSL_RETURN_IF_ERROR(save.work->Put(ReferralLines(), name, line));
  save.work->SetEvent(audit::MakeEvent(principal, kUpdate, "", save.work->Changes()));
  Prefill(request, directory, &line);
  return line;
}

absl::StatusOr<v1::ReferralSite> ReferralLineApp::Update(
    const v1::Principal& principal, const v1::UpdateReferralSiteRequest& call) {
  const auto directory = directory_->Snapshot();
  const absl::Time now = clock_->Now();
  FieldFaults id_faults;
  if (!call.validate_only()) id_faults = store::CheckRequestId(call.request_id());
  const bool only_check = call.validate_only() || !id_faults.empty();
  directory::PersonEdits persons(
      keys_, only_check ? directory::PersonEdits::kCheck : directory::PersonEdits::kWrite);
  const auto work = [&](store::UnitOfWork& unit) -> absl::StatusOr<v1::ReferralSite> {
    Save save{&unit, now, id_faults, &persons};
    return SaveLine(principal, call, *directory, save);
  };
  if (only_check) {
    store::UnitOfWork unit(store_, store_->Head());
    return work(unit);
  }
  v1::UpdateReferralSiteRequest hashed = call;
  directory::ClearPersons(&hashed);
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall idempotent,
      store::MakeIdempotentCall(principal, kUpdate, call.request_id(), hashed, now));
  ABSL_ASSIGN_OR_RETURN(auto answer, directory::RunWithPersons<v1::ReferralSite>(
                                         store_, idempotent, ids_->NewId(), {}, &persons, work));
  if (answer.repeated) {
    ABSL_RETURN_IF_ERROR(directory::CheckSamePersons(*store_, *keys_, PersonsOf(call)));
  }
  answer.response.set_etag(absl::StrCat(answer.commit));
  return std::move(answer.response);
}

}  // namespace trialgate::routing
