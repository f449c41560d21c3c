#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

bool IsOpen(const v1::Referral& referral) {
  return referral.state() == v1::REFERRAL_STATE_SENT ||
         referral.state() == v1::REFERRAL_STATE_ACKNOWLEDGED ||
         referral.state() == v1::REFERRAL_STATE_WAITING;
}

// What is due next, if anything is.
const google::protobuf::Timestamp* NextDue(const v1::Referral& referral) {
  if (referral.state() == v1::REFERRAL_STATE_SENT && referral.has_acknowledge_due_time()) {
    return &referral.acknowledge_due_time();
  }
  return IsOpen(referral) && referral.has_answer_due_time() ? &referral.answer_due_time() : nullptr;
}

Tone StateTone(const v1::Referral& referral) {
  if (referral.late()) return Tone::kBad;
  switch (referral.state()) {
    case v1::REFERRAL_STATE_ANSWERED:
      return Tone::kGood;
    case v1::REFERRAL_STATE_WAITING:
      return Tone::kSoon;
    case v1::REFERRAL_STATE_LAPSED:
      return Tone::kBad;
    case v1::REFERRAL_STATE_DECLINED:
    case v1::REFERRAL_STATE_WITHDRAWN:
      return Tone::kFaint;
    default:
      return Tone::kPlain;
  }
}

void AddOffers(const v1::Referral& referral, Page* page) {
  if (referral.offers_size() == 0) return;
  page->Heading("Offered");
  Table table({{"SITE", Overflow::kKeep},
               {"PATIENTS", Overflow::kKeep, Align::kRight},
               {"START", Overflow::kKeep},
               {"OFFER"},
               {"INVESTIGATOR"},
               {"CONDITIONS"},
               {"COMMENT"}});
  for (const v1::Offer& offer : referral.offers()) {
    const std::string status = Word(offer.status());
    table.AddRow({Id(offer.site()), absl::StrCat(offer.patients_claimed()), offer.earliest_start(),
                  absl::StrCat(Word(offer.firmness()), status.empty() ? "" : ", ", status),
                  offer.principal_investigator(), offer.conditions(), offer.comment()});
  }
  page->Add(table, 2);
}

void AddRefusals(const v1::Referral& referral, Page* page) {
  if (referral.refusals_size() == 0) return;
  page->Heading("Refused");
  Table table({{"SITE", Overflow::kKeep}, {"REASON"}, {"COMMENT"}});
  for (const v1::Refusal& refusal : referral.refusals()) {
    table.AddRow({Id(refusal.site()), Word(refusal.reason()), refusal.comment()});
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
  if (referral.waiting_for() == v1::WAITING_FOR_UNSPECIFIED) return "";
  const std::string whom = referral.waiting_for() == v1::WAITING_FOR_AUTHORITY
                               ? referral.waiting_authority()
                               : "the requester's reply";
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

// What the desk has to do next; empty where that is nothing.
std::string ToDo(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::REFERRAL_STATE_SENT:
      return "acknowledge";
    case v1::REFERRAL_STATE_ACKNOWLEDGED:
      return "answer";
    case v1::REFERRAL_STATE_WAITING:
      return "wait";
    default:
      return "";
  }
}

// "3 sites, late"
std::string SitesWords(const v1::Referral& referral) {
  const std::string sites = referral.sites_size() == 0 ? "" : Count(referral.sites_size(), "site");
  return absl::StrCat(sites, !sites.empty() && referral.late() ? ", " : "",
                      referral.late() ? "late" : "");
}

// Two lines each, so that a name can be copied whole on a narrow screen.
std::string NarrowInbox(const v1::ListReferralsResponse& list, const Screen& screen) {
  // What due and state take beside the title.
  constexpr int kBeside = 29;
  std::set<std::string> desks;
  for (const v1::Referral& referral : list.referrals()) desks.insert(referral.desk());
  Table table(
      {{"DUE", Overflow::kKeep}, {"STATE", Overflow::kKeep}, {"REFERRAL", Overflow::kWrap}});
  for (const v1::Referral& referral : list.referrals()) {
    const google::protobuf::Timestamp* due = NextDue(referral);
    const std::string title = absl::StrCat(
        desks.size() > 1 ? absl::StrCat("[", Id(referral.desk()), "] ") : "", referral.title());
    table.AddRow(
        {{due == nullptr ? "" : absl::StrCat(ToDo(referral), "\n", DueShort(due, screen)),
          DueTone(due, screen)},
         {absl::StrCat(Word(referral.state()), "\n", SitesWords(referral)), StateTone(referral)},
         absl::StrCat(Cut(Clean(title), screen.width - kBeside), "\n",
                      ReferralId(referral.name()))});
  }
  return RenderTable(table, screen);
}

std::string WideInbox(const v1::ListReferralsResponse& list, const Screen& screen) {
  Table table({{"DUE", Overflow::kKeep},
               {"TO DO", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {"SITES", Overflow::kKeep, Align::kRight},
               {"ROUND", Overflow::kKeep, Align::kRight},
               {"DESK", Overflow::kKeep},
               {"CONTACT", Overflow::kKeep},
               {"SENT", Overflow::kKeep},
               {"ANSWER BY", Overflow::kKeep},
               {"NAME", Overflow::kKeep},
               {"TITLE", Overflow::kKeep}});
  for (const v1::Referral& referral : list.referrals()) {
    const google::protobuf::Timestamp* due = NextDue(referral);
    table.AddRow(
        {{due == nullptr ? "" : DueShort(due, screen), DueTone(due, screen)},
         ToDo(referral),
         {absl::StrCat(Word(referral.state()), referral.late() ? ", late" : ""),
          StateTone(referral)},
         absl::StrCat(referral.sites_size()),
         absl::StrCat(referral.round()),
         Id(referral.desk()),
         Id(referral.contact()),
         referral.has_sent_time() ? TimeWord(&referral.sent_time(), screen) : "",
         referral.has_answer_due_time() ? TimeWord(&referral.answer_due_time(), screen) : "",
         referral.name(),
         referral.title()});
  }
  return RenderTable(table, screen);
}

}  // namespace

std::string RenderReferral(const v1::Referral& referral, const Screen& screen) {
  return RenderReferral(referral, v1::ListReferralSitesResponse(), screen);
}

std::string RenderReferral(const v1::Referral& referral, const v1::ListReferralSitesResponse& lines,
                           const Screen& screen) {
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
       StateTone(referral)},
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
  AddLines(lines, screen, &page);
  if (lines.referral_sites_size() == 0 && referral.sites_size() > 0) {
    page.Heading("Sites asked about, best first");
    for (const std::string& site : referral.sites()) page.Words(Id(site), 2);
  }
  AddOffers(referral, &page);
  AddRefusals(referral, &page);
  AddQuestionAnswers(referral, &page);
  AddThread(referral, screen, &page);
  AddMoves(referral, screen, &page);
  return page.Take();
}

std::string RenderInbox(const v1::ListReferralsResponse& list, const Screen& screen) {
  return screen.wide ? WideInbox(list, screen) : NarrowInbox(list, screen);
}

}  // namespace trialgate::cli
