#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
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

}  // namespace

std::string RenderReferral(const v1::Referral& referral, const Screen& screen) {
  Page page(screen);
  page.Heading(referral.name());
  const bool sent = referral.state() == v1::REFERRAL_STATE_SENT;
  page.Fields({
      {"short", ReferralId(referral.name())},
      {"title", referral.title()},
      {"asked", WhereToReadOn(referral)},
      {"state",
       absl::StrCat(Word(referral.state()), referral.late() ? ", late" : "",
                    referral.round() > 1 ? absl::StrCat(", round ", referral.round()) : "")},
      {"desk", referral.desk()},
      {"contact", referral.contact()},
      {"sent", referral.has_sent_time() ? PastWord(&referral.sent_time(), screen) : ""},
      {"acknowledge by", sent && referral.has_acknowledge_due_time()
                             ? DueWord(&referral.acknowledge_due_time(), screen)
                             : ""},
      {"acknowledged",
       referral.has_acknowledge_time() ? PastWord(&referral.acknowledge_time(), screen) : ""},
      {"answer by", IsOpen(referral) && referral.has_answer_due_time()
                        ? DueWord(&referral.answer_due_time(), screen)
                        : ""},
      {"answered", referral.has_answer_time() ? PastWord(&referral.answer_time(), screen) : ""},
      {"why this desk",
       referral.rules_size() == 0 ? "" : absl::StrCat("rule ", Joined(referral.rules()))},
      {"informed", Ids(referral.informed_desks())},
      {"outcome", Word(referral.outcome())},
      {"declined because", DeclineWords(referral)},
      {"comment", referral.comment()},
  });
  if (referral.sites_size() > 0) {
    page.Heading("Sites asked about, best first");
    for (const std::string& site : referral.sites()) page.Words(Id(site), 2);
  }
  AddOffers(referral, &page);
  AddRefusals(referral, &page);
  return page.Take();
}

std::string RenderInbox(const v1::ListReferralsResponse& list, const Screen& screen) {
  Table table({{"DUE", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {"SITES", Overflow::kKeep, Align::kRight},
               {"REFERRAL", Overflow::kKeep}});
  for (const v1::Referral& referral : list.referrals()) {
    const google::protobuf::Timestamp* due = NextDue(referral);
    const std::string what = referral.state() == v1::REFERRAL_STATE_SENT ? "acknowledge" : "answer";
    table.AddRow({due == nullptr ? "" : absl::StrCat(what, "\n", DueShort(due, screen)),
                  absl::StrCat(Word(referral.state()), referral.late() ? ", late" : ""),
                  absl::StrCat(referral.sites_size()),
                  absl::StrCat(ReferralId(referral.name()), "\n[", Id(referral.desk()), "] ",
                               referral.title())});
  }
  return table.Render(screen.width);
}

}  // namespace trialgate::cli
