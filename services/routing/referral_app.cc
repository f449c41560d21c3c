#include "services/routing/referral_app.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/filter/list_query.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_reference_repository.h"
#include "services/feasibility/field_rules.h"
#include "services/notices/notice_repository.h"
#include "services/routing/move_notices_app.h"
#include "services/routing/offer_holds_repository.h"
#include "services/routing/question_answers.h"
#include "services/routing/referral_answer.h"
#include "services/routing/referral_app_change.h"
#include "services/routing/referral_line.h"
#include "services/routing/referral_line_repository.h"
#include "services/routing/referral_list_fields.h"
#include "services/routing/referral_move.h"
#include "services/routing/referral_move_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "services/routing/referral_waiting.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

constexpr char kAnyRequest[] = "trialRequests/-";
constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

// What stays the same over the pages of one listing.
std::string QueryText(const v1::Principal& principal, const v1::ListReferralsRequest& request) {
  return absl::StrCat("ListReferrals\n", principal.role(), "\n", principal.organization(), "\n",
                      absl::StrJoin(principal.desks(), ","), "\n", request.parent(), "\n",
                      request.desk(), "\n", absl::StrJoin(request.states(), ","), "\n",
                      request.filter());
}

void CheckList(const v1::ListReferralsRequest& request, FieldFaults* faults) {
  const feasibility::FieldRules rules(faults);
  rules.Required("parent", !request.parent().empty());
  if (request.parent() == kAnyRequest) rules.Required("desk", !request.desk().empty());
  rules.Range("page_size", request.page_size(), 0, kMaxPageSize);
  for (int i = 0; i < std::min(request.states_size(), kMaxPageSize); ++i) {
    rules.Enum(feasibility::Element("states", i), request.states(i),
               *v1::ReferralState_descriptor(), feasibility::Presence::kRequired);
  }
}

// The states asked for; a filter that names them decides alone, also among those that an inbox
// leaves out.
std::set<v1::ReferralState> StatesOf(const v1::ListReferralsRequest& request,
                                     const filter::ListQuery<v1::Referral>& query) {
  std::set<v1::ReferralState> states;
  for (const int state : request.states()) states.insert(static_cast<v1::ReferralState>(state));
  if (!states.empty() || !query.Names("state")) return states;
  const auto& all = *v1::ReferralState_descriptor();
  for (int i = 1; i < all.value_count(); ++i) {
    states.insert(static_cast<v1::ReferralState>(all.value(i)->number()));
  }
  return states;
}

std::vector<PlacedOffer> OffersOf(v1::Referral& referral) {
  std::vector<PlacedOffer> offers;
  for (v1::Offer& offer : *referral.mutable_offers()) offers.push_back({referral.name(), &offer});
  return offers;
}

}  // namespace

absl::Status CheckReferralEtag(const std::string& given, store::CommitNumber version) {
  if (given.empty() || given == absl::StrCat(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
               "the referral has changed since: read it again, decide again")
      .WithMetadata("etag", absl::StrCat(version));
}

ReferralApp::ReferralApp(store::Store* store, const directory::DirectoryCache* directory,
                         RequestProgress* progress, keys::KeyStore* keys, const Clock* clock,
                         IdGenerator* ids)
    : store_(store),
      directory_(directory),
      progress_(progress),
      keys_(keys),
      clock_(clock),
      ids_(ids),
      views_(store, progress) {}

absl::StatusOr<v1::ListReferralsResponse> ReferralApp::List(
    const v1::Principal& principal, const v1::ListReferralsRequest& request) const {
  const bool of_desk = request.parent() == kAnyRequest;
  if (of_desk && !request.desk().empty() && !WorksAt(principal, request.desk())) {
    return NotFoundError("trialgate.v1.Desk", request.desk());
  }
  filter::CallFaults faults;
  CheckList(request, faults.fields());
  const filter::ListQuery<v1::Referral> wanted(ReferralFields(), {request.filter()}, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const std::string text = QueryText(principal, request);
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const PagePosition from, DecodePageToken(request.page_token(), text, head));
  const store::CommitNumber as_of = from.as_of == 0 ? head : from.as_of;
  ReferralQuery query;
  (of_desk ? query.desk : query.request) = of_desk ? request.desk() : request.parent();
  query.states = StatesOf(request, wanted);
  store::PageOptions page;
  page.after = from.after;
  page.limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  ABSL_ASSIGN_OR_RETURN(ReferralViewPage found,
                        views_.List(principal, query, request.desk(), page, as_of));
  v1::ListReferralsResponse response;
  for (v1::Referral& view : found.views) {
    if (!wanted.Matches(view)) continue;
    if (as_of != head && principal.role() == v1::ROLE_COORDINATOR) {
      // A later page shows nothing that was handed over since the first.
      const absl::Status seen_now = views_.Get(principal, view.name(), head).status();
      if (absl::IsNotFound(seen_now)) continue;
      ABSL_RETURN_IF_ERROR(seen_now);
    }
    *response.add_referrals() = std::move(view);
  }
  if (!found.next.empty()) {
    response.set_next_page_token(EncodePageToken(text, {found.next, as_of}));
  }
  return response;
}

absl::StatusOr<v1::Referral> ReferralApp::Get(const v1::Principal& principal,
                                              const v1::GetReferralRequest& request) const {
  return views_.Get(principal, request.name(), store_->Head());
}

absl::StatusOr<v1::Referral> ReferralApp::Acknowledge(const v1::Principal& principal,
                                                      const v1::AcknowledgeReferralRequest& call) {
  return Change(principal, "AcknowledgeReferral", "", call, [&](Turn& turn) -> absl::Status {
    v1::Referral& referral = turn.referral;
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                          NextReferralState(referral.state(), ReferralEvent::kAcknowledge,
                                            principal.role(), turn.request.state()));
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    referral.set_state(state);
    *referral.mutable_acknowledge_time() = ToTimestamp(turn.now);
    return turn.work->Put(Referrals(), referral.name(), referral);
  });
}

absl::StatusOr<v1::Referral> ReferralApp::Answer(const v1::Principal& principal,
                                                 const v1::AnswerReferralRequest& call) {
  const auto directory = directory_->Snapshot();
  return Change(principal, "AnswerReferral", "", call, [&](Turn& turn) -> absl::Status {
    v1::Referral& referral = turn.referral;
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                          NextReferralState(referral.state(), ReferralEvent::kAnswer,
                                            principal.role(), turn.request.state()));
    ABSL_ASSIGN_OR_RETURN(const v1::AnswerReferralRequest answer,
                          CheckedAnswer(call, *directory, turn));
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    *referral.mutable_offers() = answer.offers();
    if (turn.persons->writes()) {
      ABSL_RETURN_IF_ERROR(directory::PutPersons(directory::TakePersons(&referral), turn.now,
                                                 turn.persons, turn.work));
    }
    *referral.mutable_refusals() = answer.refusals();
    *referral.mutable_question_answers() = answer.question_answers();
    referral.set_outcome(answer.outcome());
    referral.set_outcome_conditions(answer.outcome_conditions());
    referral.set_outcome_valid_to(answer.outcome_valid_to());
    referral.set_comment(answer.comment());
    ABSL_RETURN_IF_ERROR(
        PlaceHolds(turn.work, turn.request.recruitment_months(), OffersOf(referral)));
    return End(turn, state);
  });
}

absl::StatusOr<v1::Referral> ReferralApp::Decline(const v1::Principal& principal,
                                                  const v1::DeclineReferralRequest& call) {
  const std::string reason(
      absl::StripPrefix(v1::RefusalReason_Name(call.decline().reason()), "REFUSAL_REASON_"));
  return Change(principal, "DeclineReferral", reason, call, [&](Turn& turn) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                          NextReferralState(turn.referral.state(), ReferralEvent::kDecline,
                                            principal.role(), turn.request.state()));
    turn.faults.AddAll("", CheckDecline(call));
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    *turn.referral.mutable_decline() = call.decline();
    return End(turn, state);
  });
}

// What `call` answers, with the lines where it takes them, and with what the directory answers by
// itself; the faults of it are added to the turn's.
absl::StatusOr<v1::AnswerReferralRequest> ReferralApp::CheckedAnswer(
    const v1::AnswerReferralRequest& call, const directory::DirectorySnapshot& directory,
    Turn& turn) const {
  const v1::Referral& referral = turn.referral;
  const absl::CivilDay today = absl::ToCivilDay(turn.now, directory.time_zone());
  v1::AnswerReferralRequest answer = call;
  FieldFaults faults = CheckUsesLines(call, turn.request.kind());
  const bool of_lines = call.use_lines() && faults.empty();
  if (of_lines) {
    ABSL_ASSIGN_OR_RETURN(const auto lines, GetLines(turn.work, referral));
    answer = AnswerFromLines(call, referral, lines);
  }
  FieldFaults found = CheckAnswer(answer, referral, turn.request, directory, today);
  std::vector<std::string> offered;
  for (const v1::Offer& offer : answer.offers()) offered.push_back(offer.site());
  *answer.mutable_question_answers() = CompleteAnswers(answer.question_answers(), turn.request,
                                                       offered, /*of_desk=*/true, directory);
  found.AddAll(
      "", FindMissingAnswers("question_answers", answer.question_answers(), turn.request, offered));
  faults.AddAll("", of_lines ? AsFaultsOfLines(found, answer) : found);
  // What the contradiction itself entails is not told besides.
  turn.faults.AddAll("", faults);
  return answer;
}

absl::StatusOr<v1::Referral> ReferralApp::HandOver(const v1::Principal& principal,
                                                   const v1::HandOverReferralRequest& call) {
  const auto directory = directory_->Snapshot();
  return Change(principal, "HandOverReferral", call.reason(), call,
                [&](Turn& turn) { return HandOverTo(principal, call, *directory, turn); });
}

absl::Status ReferralApp::HandOverTo(const v1::Principal& principal,
                                     const v1::HandOverReferralRequest& call,
                                     const directory::DirectorySnapshot& directory,
                                     Turn& turn) const {
  v1::Referral& referral = turn.referral;
  ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                        NextReferralState(referral.state(), ReferralEvent::kHandOver,
                                          principal.role(), turn.request.state()));
  const absl::CivilDay today = absl::ToCivilDay(turn.now, directory.time_zone());
  turn.faults.AddAll("", CheckHandOver(call, referral, directory, today));
  ABSL_ASSIGN_OR_RETURN(const FieldFaults revealing,
                        progress_->FindRevealing(*turn.work, principal, turn.request,
                                                 referral.desk(), "reason", call.reason(), today));
  turn.faults.AddAll("", revealing);
  ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
  ABSL_RETURN_IF_ERROR(CheckOnDuty(call.contact(), directory, today));
  const std::string from = referral.desk();
  Destination to = {DeskHandedTo(call), call.contact()};
  const bool to_other_desk = to.desk != from;
  if (to_other_desk) {
    ABSL_RETURN_IF_ERROR(CheckNoneOpenAt(turn.work, turn.request, to.desk, referral.name(),
                                         principal.role() == v1::ROLE_NATIONAL));
    ABSL_RETURN_IF_ERROR(turn.work->RequireExists(directory::Desks(), to.desk).status());
  }
  if (to.contact.empty()) {
    ABSL_ASSIGN_OR_RETURN(const OpenReferrals counts, CountOpenAtDesk(*turn.work, to.desk));
    to.contact =
        ChosenContact(*directory.FindDesk(to.desk), turn.request, directory, counts, today);
  }
  // A site's regional desk answers or is informed, as at routing.
  const v1::Desk* const before = directory.FindDesk(from);
  const bool informs = to_other_desk && before != nullptr && before->kind() == v1::DESK_KIND_REGION;
  Move(v1::REFERRAL_MOVE_KIND_HANDED_OVER, to, informs ? from : "", call.reason(), turn.now,
       &referral);
  referral.set_state(state);
  notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
  ABSL_RETURN_IF_ERROR(
      TellTaker(storage::v1::NOTICE_KIND_REFERRAL_HANDED_OVER, referral, &notices));
  if (informs) {
    ABSL_RETURN_IF_ERROR(
        notices.Add(storage::v1::NOTICE_KIND_REFERRAL_INFORMED, from, referral.name()));
  }
  return turn.work->Put(Referrals(), referral.name(), referral);
}

// Answered or declined: with what follows from it for the request.
absl::Status ReferralApp::End(Turn& turn, v1::ReferralState state) {
  v1::Referral& referral = turn.referral;
  const bool lapsed = referral.state() == v1::REFERRAL_STATE_LAPSED;
  if (referral.state() == v1::REFERRAL_STATE_WAITING) {
    ABSL_RETURN_IF_ERROR(SetAnswerDue(turn.request, *directory_->Snapshot(), turn.now, &referral));
    StopWaiting(turn.now, &referral);
  }
  referral.set_state(state);
  referral.set_late(lapsed || turn.now >= ToTime(referral.answer_due_time()));
  *referral.mutable_answer_time() = ToTimestamp(turn.now);
  if (!referral.has_acknowledge_time()) {
    *referral.mutable_acknowledge_time() = ToTimestamp(turn.now);
  }
  ABSL_RETURN_IF_ERROR(turn.work->Put(Referrals(), referral.name(), referral));
  return progress_->OnReferralEnded(turn.work, referral, turn.operation, turn.now);
}

}  // namespace trialgate::routing
