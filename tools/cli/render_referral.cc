#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

void AddOffers(const v1::Referral& referral, const DisplayNames& names, Page* page) {
  if (referral.offers_size() == 0) return;
  page->Heading("Offered");
  Table table({{"SITE"},
               {"PATIENTS", Overflow::kKeep, Align::kRight},
               {"START", Overflow::kKeep},
               {"OFFER"},
               {"INVESTIGATOR"},
               {"CONDITIONS"},
               {"COMMENT"}});
  for (const v1::Offer& offer : referral.offers()) {
    const std::string status = Word(offer.status());
    table.AddRow({Named(offer.site(), names), absl::StrCat(offer.patients_claimed()),
                  offer.earliest_start(),
                  absl::StrCat(Word(offer.firmness()), status.empty() ? "" : ", ", status),
                  offer.principal_investigator(), offer.conditions(), offer.comment()});
  }
  page->Add(table, 2);
}

void AddRefusals(const v1::Referral& referral, const DisplayNames& names, Page* page) {
  if (referral.refusals_size() == 0) return;
  page->Heading("Refused");
  Table table({{"SITE"}, {"REASON"}, {"COMMENT"}});
  for (const v1::Refusal& refusal : referral.refusals()) {
    table.AddRow({Named(refusal.site(), names), Word(refusal.reason()), refusal.comment()});
  }
  page->Add(table, 2);
}

std::string DeclineWords(const v1::Referral& referral) {
  if (!referral.has_decline()) return "";
  const v1::Refusal& decline = referral.decline();
  return absl::StrCat(Word(decline.reason()), decline.comment().empty() ? "" : ": ",
                      decline.comment());
}

// A referral says where it stands; what is asked stands in its request.
std::string WhereToReadOn(const v1::Referral& referral) {
  const std::string id = ReferralId(referral.name());
  const std::size_t slash = id.find('/');
  if (id == referral.name() || slash == std::string::npos) return "";
  return absl::StrCat("trialgate request show ", id.substr(0, slash));
}

// "the requester, since …"
std::string WaitingWords(const v1::Referral& referral, const Screen& screen) {
  const std::string whom = WaitsFor(referral);
  if (whom.empty()) return "";
  return absl::StrCat(
      whom, referral.has_waiting_since_time() ? ", since " : "",
      PastWord(referral.has_waiting_since_time() ? &referral.waiting_since_time() : nullptr,
               screen),
      "; the clock stands");
}

void AddQuestionAnswers(const v1::Referral& referral, Page* page) {
  if (referral.question_answers_size() == 0) return;
  page->Heading("Answers to the requester's questions");
  Table table({{"QUESTION", Overflow::kKeep}, {"SITE", Overflow::kKeep}, {"ANSWER"}});
  for (const v1::QuestionAnswer& answer : referral.question_answers()) {
    table.AddRow({answer.question(), Id(answer.site()), AnswerWords(answer)});
  }
  page->Add(table, 2);
}

}  // namespace

std::string RenderReferral(const v1::Referral& referral, const Screen& screen) {
  return RenderReferral(referral, v1::ListReferralSitesResponse(), DisplayNames(), screen);
}

std::string RenderReferral(const v1::Referral& referral, const v1::ListReferralSitesResponse& lines,
                           const DisplayNames& names, const Screen& screen) {
  Page page(screen);
  page.Heading(referral.name());
  const bool sent = referral.state() == v1::REFERRAL_STATE_SENT;
  page.Fields({
      {"short", ReferralId(referral.name())},
      {"title", referral.title()},
      {"asked", WhereToReadOn(referral)},
      {"state",
       absl::StrCat(Word(referral.state()), referral.late() ? ", late" : "",
                    referral.round() > 1 ? absl::StrCat(", round ", referral.round()) : ""),
       ReferralTone(referral)},
      {"desk", referral.desk()},
      {"contact", referral.contact()},
      {"sent", referral.has_sent_time() ? PastWord(&referral.sent_time(), screen) : ""},
      {"acknowledge by",
       sent && referral.has_acknowledge_due_time()
           ? DueWord(&referral.acknowledge_due_time(), screen)
           : "",
       DueTone(&referral.acknowledge_due_time(), screen)},
      {"acknowledged",
       referral.has_acknowledge_time() ? PastWord(&referral.acknowledge_time(), screen) : ""},
      {"answer by",
       IsOpen(referral) && referral.has_answer_due_time()
           ? DueWord(&referral.answer_due_time(), screen)
           : "",
       DueTone(&referral.answer_due_time(), screen)},
      {"answered", referral.has_answer_time() ? PastWord(&referral.answer_time(), screen) : ""},
      {"why this desk",
       referral.rules_size() == 0 ? "" : absl::StrCat("rule ", Joined(referral.rules()))},
      {"asked besides", referral.added()
                            ? absl::StrCat("by national", referral.add_reason().empty() ? "" : ": ",
                                           referral.add_reason())
                            : ""},
      {"informed", Ids(referral.informed_desks())},
      {"waits for", WaitingWords(referral, screen), Tone::kSoon},
      {"outcome", Word(referral.outcome())},
      {"on conditions", referral.outcome_conditions()},
      {"granted to", referral.outcome_valid_to()},
      {"declined because", DeclineWords(referral)},
      {"comment", referral.comment()},
  });
  AddLines(lines, names, &page);
  if (lines.referral_sites_size() == 0 && referral.sites_size() > 0) {
    page.Heading("Sites asked about, best first");
    for (const std::string& site : referral.sites()) {
      const auto name = names.find(site);
      page.Words(name == names.end() ? Id(site) : absl::StrCat(Id(site), ": ", name->second), 2);
    }
  }
  AddOffers(referral, names, &page);
  AddRefusals(referral, names, &page);
  AddQuestionAnswers(referral, &page);
  AddThread(referral, screen, &page);
  AddMoves(referral, screen, &page);
  return page.Take();
}

}  // namespace trialgate::cli
