#include "tools/cli/forms.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/cli/own_questions.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

bool IsUnfilled(v1::Offer offer) {
  offer.clear_site();
  return offer.ByteSizeLong() == 0;
}

bool IsUnfilled(v1::Refusal refusal) {
  refusal.clear_site();
  return refusal.ByteSizeLong() == 0;
}

// Takes out those of which `is_unfilled` holds.
template <typename Elements, typename IsUnfilled>
void Drop(const std::string& field, IsUnfilled is_unfilled, Elements* elements,
          std::vector<std::string>* places) {
  int kept = 0;
  for (int i = 0; i < elements->size(); ++i) {
    if (is_unfilled(elements->Get(i))) continue;
    places->push_back(absl::StrCat(field, "[", i, "]"));
    elements->SwapElements(kept++, i);
  }
  elements->DeleteSubrange(kept, elements->size() - kept);
}

// Whether the answer need not be sent: see DropUnfilled.
bool GoesWithoutSaying(const v1::QuestionAnswer& given, const v1::AnswerReferralRequest& answer,
                       const v1::AnswerReferralRequest& draft) {
  if (IsUnanswered(given)) return true;
  for (v1::QuestionAnswer drafted : draft.question_answers()) {
    const bool prefilled = drafted.prefilled();
    drafted.clear_prefilled();
    drafted.clear_source();
    if (drafted.SerializeAsString() != given.SerializeAsString()) continue;
    if (prefilled) return true;
    const bool offered =
        std::any_of(answer.offers().begin(), answer.offers().end(),
                    [&](const v1::Offer& offer) { return offer.site() == given.site(); });
    return !given.site().empty() && !offered;
  }
  return false;
}

}  // namespace

FormSpec RequestForm() {
  return {.title =
              "A trial request. Ids of specialities, capabilities and regions are those of the "
              "country's pack.",
          .hidden = {"name", "state", "revision", "referrals", "create_time", "update_time",
                     "answer_due_time", "answer_version", "withdraw_reason", "selections", "etag"},
          .notes = {{"requester", "organizations/ID that submits"},
                    {"sponsor", "organizations/ID for which it asks; empty: the requester"},
                    {"title", "title of the protocol"},
                    {"blinded_title", "reveals neither sponsor nor product; needed unless open"},
                    {"blinded_synopsis", "reveals neither sponsor nor product"},
                    {"patients_wanted", "in the country"},
                    {"sites_wanted", "in the country"},
                    {"first_patient_in_earliest", "YYYY-MM-DD"},
                    {"first_patient_in_latest", "YYYY-MM-DD; may be empty"},
                    {"recruitment_months", "1 to 60"},
                    {"regions_wanted", "regions/ID; none: anywhere"},
                    {"sites_already_contacted", "sites/ID"},
                    {"response_deadline", "YYYY-MM-DD; may be empty"},
                    {"contact", "whom desks reach"},
                    {"submitter", "the person from whom an idea comes; of idea clinics only"},
                    {"submitting_desk", "desks/ID of the idea clinic"}},
          .prefix = "trial_request"};
}

FormSpec AnswerForm(const v1::Referral& referral, const v1::TrialRequest& request) {
  const std::string questions = QuestionLines(request);
  return {.title = absl::StrCat(
              "Answer of ", ReferralId(referral.name()), "\n", referral.title(),
              "\n\nEach site asked about stands under offers and under refusals: fill "
              "in one of the two. Where nothing but the site is said, it is left out.",
              questions.empty() ? "" : "\n\nThe requester's own questions:\n", questions),
          .hidden = {"name", "etag", "request_id", "validate_only", "offers.status", "use_lines",
                     "question_answers.prefilled", "question_answers.source"},
          .notes = {{"offers", "sites put forward"},
                    {"offers.earliest_start", "YYYY-MM-DD"},
                    {"offers.firmness", "FIRM holds a slot in each month"},
                    {"offers.principal_investigator", "may be empty"},
                    {"offers.comment", "needed where the site was not asked about"},
                    {"refusals", "sites not put forward"},
                    {"refusals.comment", "needed for OTHER"},
                    {"outcome", "of data access and ideas only"},
                    {"comment", "what the desk adds; may be empty"},
                    {"question_answers", "to the requester's own questions; one value each"},
                    {"outcome_conditions", "of data access that is granted"},
                    {"outcome_valid_to", "of data access that is granted; YYYY-MM-DD"}},
          .may_be_complete = true};
}

v1::AnswerReferralRequest AnswerDraft(const v1::Referral& referral,
                                      const v1::ListReferralSitesResponse& lines,
                                      const v1::TrialRequest& request) {
  v1::AnswerReferralRequest draft;
  std::set<std::string> said;
  // The lines hold what was answered before, and what came after it.
  for (const v1::ReferralSite& line : lines.referral_sites()) {
    if (line.has_offer()) {
      *draft.add_offers() = line.offer();
      draft.mutable_offers()->rbegin()->set_site(line.site());
      said.insert(line.site());
    } else if (line.has_refusal()) {
      *draft.add_refusals() = line.refusal();
      draft.mutable_refusals()->rbegin()->set_site(line.site());
      said.insert(line.site());
    }
  }
  for (const v1::Offer& offer : referral.offers()) {
    if (said.count(offer.site()) > 0) continue;
    *draft.add_offers() = offer;
    draft.mutable_offers()->rbegin()->clear_status();
    said.insert(offer.site());
  }
  for (const v1::Refusal& refusal : referral.refusals()) {
    if (said.count(refusal.site()) > 0) continue;
    *draft.add_refusals() = refusal;
    said.insert(refusal.site());
  }
  for (const std::string& site : referral.sites()) {
    if (said.count(site) > 0) continue;
    draft.add_offers()->set_site(site);
    draft.add_refusals()->set_site(site);
  }
  draft.set_outcome(referral.outcome());
  draft.set_comment(referral.comment());
  for (const v1::QuestionAnswer& answer : DraftAnswers(request, referral, lines)) {
    *draft.add_question_answers() = answer;
  }
  return draft;
}

std::vector<std::string> DropUnfilled(v1::AnswerReferralRequest* answer,
                                      const v1::AnswerReferralRequest& draft) {
  const auto is_unfilled = [](const auto& element) { return IsUnfilled(element); };
  std::vector<std::string> places;
  Drop("offers", is_unfilled, answer->mutable_offers(), &places);
  Drop("refusals", is_unfilled, answer->mutable_refusals(), &places);
  Drop(
      "question_answers",
      [&](const v1::QuestionAnswer& given) { return GoesWithoutSaying(given, *answer, draft); },
      answer->mutable_question_answers(), &places);
  return places;
}

std::string PlaceBefore(const v1::AnswerReferralRequest& answer,
                        const std::vector<std::string>& places, const std::string& path) {
  const auto offers = static_cast<std::size_t>(answer.offers_size());
  const std::size_t sites = offers + static_cast<std::size_t>(answer.refusals_size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string now = i < offers  ? absl::StrCat("offers[", i, "]")
                            : i < sites ? absl::StrCat("refusals[", i - offers, "]")
                                        : absl::StrCat("question_answers[", i - sites, "]");
    if (absl::StartsWith(path, now)) return absl::StrCat(places[i], path.substr(now.size()));
  }
  return path;
}

FormSpec QuestionsForm() {
  return {.title =
              "What to ask the requester: each question after \"- \". The clock stands until all "
              "is replied to.",
          .hidden = {"name", "etag", "request_id", "validate_only"}};
}

v1::ReplyToReferralRequest ReplyDraft(const v1::Referral& referral) {
  std::set<std::string> replied;
  for (const v1::ThreadEntry& entry : referral.thread()) {
    if (entry.kind() == v1::THREAD_ENTRY_KIND_REPLY) replied.insert(entry.question());
  }
  v1::ReplyToReferralRequest draft;
  for (const v1::ThreadEntry& entry : referral.thread()) {
    if (entry.kind() != v1::THREAD_ENTRY_KIND_QUESTION || replied.count(entry.id()) > 0) continue;
    draft.add_replies()->set_question(entry.id());
  }
  return draft;
}

std::string OpenQuestions(const v1::Referral& referral) {
  std::string questions;
  const v1::ReplyToReferralRequest draft = ReplyDraft(referral);
  for (const v1::ReferralReply& open : draft.replies()) {
    for (const v1::ThreadEntry& entry : referral.thread()) {
      if (entry.id() != open.question()) continue;
      absl::StrAppend(&questions, questions.empty() ? "" : "; ", entry.id(), ": ", entry.text());
    }
  }
  return questions.empty() ? "none is" : questions;
}

FormSpec ReplyForm(const v1::Referral& referral) {
  std::string title = absl::StrCat("Replies to what ", Id(referral.desk()), " asks\n");
  const v1::ReplyToReferralRequest draft = ReplyDraft(referral);
  for (const v1::ReferralReply& open : draft.replies()) {
    for (const v1::ThreadEntry& entry : referral.thread()) {
      if (entry.id() == open.question()) {
        absl::StrAppend(&title, "\nQuestion ", entry.id(), ": ", entry.text());
      }
    }
  }
  return {.title = title, .hidden = {"name", "etag", "request_id", "validate_only"}};
}

FormSpec LineForm(const v1::ReferralSite& line) {
  return {
      .title = absl::StrCat("What is known so far of ", line.site(),
                            ". Fill in the offer or the refusal, or neither yet."),
      .hidden = {"name", "site", "asked_about", "etag", "update_time", "offer.site", "offer.status",
                 "refusal.site", "question_answers.prefilled", "question_answers.source"},
      .notes = {{"added_reason", "needed where the site was not asked about"},
                {"asked_whom", "a function or department, no name"},
                {"asked_date", "YYYY-MM-DD"},
                {"replied_date", "YYYY-MM-DD"},
                {"offer", "a draft; nothing is held yet"},
                {"internal_note", "for the desk alone; never part of an answer"},
                {"question_answers", "to the requester's own questions; one value each"}},
      .prefix = "referral_site"};
}

FormSpec SelectionForm() {
  return {.title = "Which offers are taken up. Each that is not needs a reason.",
          .hidden = {"name", "etag", "request_id", "validate_only", "selections.referral"},
          .notes = {{"selections.selected", "true: the site takes part"},
                    {"selections.reason", "why not"},
                    {"selections.comment", "needed for OTHER"}},
          .may_be_complete = true};
}

v1::ConfirmTrialRequestRequest SelectionDraft(const v1::CollatedAnswer& answer) {
  v1::ConfirmTrialRequestRequest draft;
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() != v1::SITE_OUTCOME_OFFERED) continue;
    draft.add_selections()->set_site(line.site());
    draft.mutable_selections()->rbegin()->set_referral(line.referral());
  }
  return draft;
}

void AddReferrals(const v1::CollatedAnswer& answer, v1::ConfirmTrialRequestRequest* request) {
  for (v1::OfferSelection& selection : *request->mutable_selections()) {
    selection.set_site(FullName("sites", selection.site()));
    for (const v1::CollatedSite& line : answer.sites()) {
      if (line.site() == selection.site() && line.outcome() == v1::SITE_OUTCOME_OFFERED) {
        selection.set_referral(line.referral());
      }
    }
  }
}

}  // namespace trialgate::cli
