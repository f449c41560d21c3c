#include "services/routing/referral_line.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/question_answers.h"
#include "services/routing/referral_answer.h"
#include "services/routing/referral_state.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using feasibility::FieldRules;
using feasibility::Presence;
using feasibility::Quoted;
using google::protobuf::FieldDescriptor;

constexpr char kReferrals[] = "referrals";
constexpr absl::string_view kSites = "/sites/";
constexpr std::size_t kReasonBytes = 2048;
constexpr std::size_t kWhomBytes = 256;
constexpr std::size_t kNoteBytes = 4096;

// What a coordinator may set.
const std::set<std::string>& Settable() {
  static const auto* const kFields =
      new std::set<std::string>({"added_reason", "asked_whom", "asked_date", "replied_date",
                                 "offer", "refusal", "internal_note", "question_answers"});
  return *kFields;
}

const FieldDescriptor& FieldOf(const std::string& name) {
  return *v1::ReferralSite::descriptor()->FindFieldByName(name);
}

// Puts the line's site where a part of it may leave it out, and drops what the server sets.
void PutSite(v1::ReferralSite* line) {
  if (line->has_offer() && line->offer().site().empty()) {
    line->mutable_offer()->set_site(line->site());
  }
  if (line->has_refusal() && line->refusal().site().empty()) {
    line->mutable_refusal()->set_site(line->site());
  }
  QuestionAnswers own;
  for (v1::QuestionAnswer& answer : *line->mutable_question_answers()) {
    if (answer.prefilled()) continue;
    if (answer.site().empty()) answer.set_site(line->site());
    answer.clear_source();
    *own.Add() = answer;
  }
  line->mutable_question_answers()->Swap(&own);
}

void CheckDates(const v1::ReferralSite& line, absl::CivilDay today, const FieldRules& rules) {
  const auto date = [&](const std::string& field, const std::string& text) {
    const auto day = rules.Date(field, text, Presence::kOptional);
    if (day.has_value() && *day > today) {
      rules.faults().Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                         absl::StrCat("must not be after today, ", FormatDate(today)));
    }
    return day;
  };
  const auto asked = date("referral_site.asked_date", line.asked_date());
  const auto replied = date("referral_site.replied_date", line.replied_date());
  if (asked.has_value() && replied.has_value() && *replied < *asked) {
    rules.faults().Add("referral_site.replied_date", v1::ERROR_REASON_DATES_REVERSED,
                       "must not be before asked_date");
  }
}

// Of offer, refusal: that it is of the line's site.
void CheckSameSite(const std::string& field, const std::string& site, const v1::ReferralSite& line,
                   const FieldRules& rules) {
  if (site == line.site()) return;
  rules.faults().Add(field, v1::ERROR_REASON_CONTRADICTION,
                     absl::StrCat("must be the line's site, ", line.site(), ", or absent"));
}

void CheckDrafts(const v1::ReferralSite& line, absl::CivilDay today, const FieldRules& rules) {
  if (line.has_offer()) {
    CheckSameSite("referral_site.offer.site", line.offer().site(), line, rules);
    CheckOfferFields(rules, "referral_site.offer", line.offer(), today, OfferStage::kDraft);
    rules.Text("referral_site.offer.comment", line.offer().comment(), kReasonBytes,
               Presence::kOptional);
  }
  if (!line.has_refusal()) return;
  CheckSameSite("referral_site.refusal.site", line.refusal().site(), line, rules);
  CheckReason(rules, "referral_site.refusal", line.refusal());
  if (line.has_offer()) {
    rules.faults().Add("referral_site.refusal", v1::ERROR_REASON_CONTRADICTION,
                       "must be absent where there is an offer");
  }
  if (!line.asked_about()) {
    rules.faults().Add("referral_site.refusal", v1::ERROR_REASON_CONTRADICTION,
                       "must be absent: nobody asked about the site, the desk added it");
  }
}

absl::string_view StateName(v1::ReferralState state) {
  return absl::StripPrefix(v1::ReferralState_Name(state), "REFERRAL_STATE_");
}

// The site of the element of which a fault tells, as in "offers[3].site"; empty: none.
std::string SiteOfFault(absl::string_view field, const v1::AnswerReferralRequest& answer) {
  const std::size_t open = field.find('[');
  const std::size_t close = field.find(']');
  int index = 0;
  if (open == absl::string_view::npos || close == absl::string_view::npos ||
      !absl::SimpleAtoi(field.substr(open + 1, close - open - 1), &index)) {
    return "";
  }
  const absl::string_view list = field.substr(0, open);
  if (list == "offers") return answer.offers(index).site();
  if (list == "refusals") return answer.refusals(index).site();
  return answer.question_answers(index).site();
}

}  // namespace

bool IsLineName(absl::string_view name) {
  const std::string referral = ReferralOfLine(name);
  if (!IsNameBelowRequest(referral, kReferrals) || !absl::ConsumePrefix(&name, referral)) {
    return false;
  }
  // What stands behind is a name such as a request's, of another collection.
  return absl::ConsumePrefix(&name, kSites) &&
         IsTrialRequestName(absl::StrCat("trialRequests/", name));
}

std::string ReferralOfLine(absl::string_view name) {
  return std::string(name.substr(0, name.rfind(kSites)));
}

std::string SiteOfLine(absl::string_view name) {
  name.remove_prefix(ReferralOfLine(name).size() + 1);
  return std::string(name);
}

std::string LineName(absl::string_view referral, absl::string_view site) {
  return absl::StrCat(referral, "/", site);
}

v1::ReferralSite NewLine(const v1::Referral& referral, const std::string& site) {
  v1::ReferralSite line;
  line.set_name(LineName(referral.name(), site));
  line.set_site(site);
  line.set_asked_about(std::find(referral.sites().begin(), referral.sites().end(), site) !=
                       referral.sites().end());
  return line;
}

FieldFaults MergeLine(const v1::ReferralSite& given, const google::protobuf::FieldMask& mask,
                      v1::ReferralSite* line) {
  FieldFaults faults;
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  const auto& reflection = *given.GetReflection();
  if (paths.empty()) {
    for (const std::string& field : Settable()) {
      const FieldDescriptor& descriptor = FieldOf(field);
      const bool is_given = descriptor.is_repeated() ? reflection.FieldSize(given, &descriptor) > 0
                                                     : reflection.HasField(given, &descriptor);
      if (is_given) paths.push_back(field);
    }
  }
  for (const std::string& path : paths) {
    if (Settable().count(path) > 0) continue;
    faults.Add(
        "update_mask", v1::ERROR_REASON_UNKNOWN_FIELD,
        absl::StrCat("names ", Quoted(path), "; it may name ", absl::StrJoin(Settable(), ", ")));
  }
  if (!faults.empty()) return faults;
  v1::ReferralSite named = given;
  for (const std::string& path : paths) {
    const FieldDescriptor* const field = &FieldOf(path);
    reflection.ClearField(line, field);
    // Swapping what is absent leaves it absent.
    reflection.SwapFields(line, &named, {field});
  }
  PutSite(line);
  return faults;
}

FieldFaults CheckLine(const v1::ReferralSite& line, const v1::Referral& referral,
                      const v1::TrialRequest& request,
                      const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  if (!AsksForSites(request.kind())) {
    faults.Add("referral_site.name", v1::ERROR_REASON_CONTRADICTION,
               "must not name a site: no site is asked for");
    return faults;
  }
  rules.Text("referral_site.added_reason", line.added_reason(), kReasonBytes,
             line.asked_about() ? Presence::kOptional : Presence::kRequired);
  if (!line.asked_about()) {
    CheckAddedSite(rules, "referral_site.name", line.site(), referral.desk(), directory, today);
  }
  rules.Text("referral_site.asked_whom", line.asked_whom(), kWhomBytes, Presence::kOptional);
  CheckDates(line, today, rules);
  CheckDrafts(line, today, rules);
  rules.Text("referral_site.internal_note", line.internal_note(), kNoteBytes, Presence::kOptional);
  faults.AddAll("", CheckQuestionAnswers("referral_site.question_answers", line.question_answers(),
                                         request, {line.site()}));
  return faults;
}

absl::Status CheckMaySave(const v1::Referral& referral, const v1::TrialRequest& request) {
  if (NextReferralState(referral.state(), ReferralEvent::kAnswer, v1::ROLE_NATIONAL,
                        request.state())
          .ok()) {
    return absl::OkStatus();
  }
  Error error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("the lines of a referral that is ", StateName(referral.state()),
                           " are not changed any more"));
  error.WithMetadata("state", StateName(referral.state())).WithMetadata("event", "SAVE_LINE");
  if (IsOpen(referral.state()) || referral.state() == v1::REFERRAL_STATE_LAPSED) {
    error.WithMetadata(
        "request_state",
        absl::StripPrefix(v1::TrialRequestState_Name(request.state()), "TRIAL_REQUEST_STATE_"));
  }
  return error;
}

v1::AnswerReferralRequest AnswerFromLines(const v1::AnswerReferralRequest& call,
                                          const v1::Referral& referral,
                                          const std::vector<v1::ReferralSite>& lines) {
  v1::AnswerReferralRequest answer = call;
  const std::set<std::string> asked(referral.sites().begin(), referral.sites().end());
  for (const v1::ReferralSite& line : lines) {
    const bool is_asked = asked.count(line.site()) > 0;
    if (line.has_offer()) {
      v1::Offer* const offer = answer.add_offers();
      *offer = line.offer();
      if (!is_asked && offer->comment().empty()) offer->set_comment(line.added_reason());
    } else if (line.has_refusal() && is_asked) {
      *answer.add_refusals() = line.refusal();
    } else if (!is_asked) {
      continue;
    }
    for (const v1::QuestionAnswer& said : line.question_answers()) {
      *answer.add_question_answers() = said;
    }
  }
  return answer;
}

FieldFaults CheckUsesLines(const v1::AnswerReferralRequest& call, v1::TrialKind kind) {
  FieldFaults faults;
  if (!call.use_lines()) return faults;
  const auto contradict = [&](absl::string_view field) {
    faults.Add(field, v1::ERROR_REASON_CONTRADICTION, "must be absent: the lines are used");
  };
  if (!AsksForSites(kind)) {
    faults.Add("use_lines", v1::ERROR_REASON_CONTRADICTION, "must be absent: no site is asked for");
  }
  if (!call.offers().empty()) contradict("offers");
  if (!call.refusals().empty()) contradict("refusals");
  for (int i = 0; i < call.question_answers_size(); ++i) {
    if (call.question_answers(i).site().empty()) continue;
    contradict(feasibility::Element("question_answers", i) + ".site");
  }
  return faults;
}

FieldFaults AsFaultsOfLines(const FieldFaults& faults, const v1::AnswerReferralRequest& answer) {
  FieldFaults told;
  for (const FieldViolation& fault : faults.told()) {
    const bool of_line = absl::StartsWith(fault.field, "offers") ||
                         absl::StartsWith(fault.field, "refusals") ||
                         absl::StartsWith(fault.field, "question_answers");
    const std::string site = of_line ? SiteOfFault(fault.field, answer) : "";
    const bool of_call =
        !of_line || (absl::StartsWith(fault.field, "question_answers[") && site.empty());
    if (of_call) {
      told.Add(fault.field, fault.reason, fault.description);
    } else if (site.empty()) {
      told.Add("use_lines", fault.reason, fault.description);
    } else {
      told.Add("use_lines", fault.reason,
               absl::StrCat("takes the line of ", site, ", of which ",
                            absl::StripPrefix(fault.field.substr(fault.field.find(']')), "]."), " ",
                            fault.description));
    }
  }
  return told;
}

}  // namespace trialgate::routing
