// The parts of a referral's screen that tell of the work on it.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// "12 patients from 2027-03-01, firm"
std::string OfferWords(const v1::Offer& offer) {
  std::vector<std::string> words;
  words.push_back(absl::StrCat(Count(offer.patients_claimed(), "patient"),
                               offer.earliest_start().empty() ? "" : " from ",
                               offer.earliest_start()));
  if (offer.firmness() != v1::OFFER_FIRMNESS_UNSPECIFIED) words.push_back(Word(offer.firmness()));
  return absl::StrJoin(words, ", ");
}

Cell DraftCell(const v1::ReferralSite& line) {
  if (line.has_offer()) return {absl::StrCat("offer: ", OfferWords(line.offer())), Tone::kGood};
  if (line.has_refusal()) {
    return {absl::StrCat("refusal: ", Word(line.refusal().reason())), Tone::kFaint};
  }
  if (!line.replied_date().empty()) return {"replied, to be decided", Tone::kSoon};
  if (!line.asked_date().empty()) return {"asked, no reply yet", Tone::kSoon};
  return "not asked yet";
}

std::string AskedWords(const v1::ReferralSite& line) {
  std::vector<std::string> words;
  if (!line.asked_date().empty()) words.push_back("asked " + line.asked_date());
  if (!line.replied_date().empty()) words.push_back("replied " + line.replied_date());
  return absl::StrJoin(words, "\n");
}

std::string EntryHead(const v1::ThreadEntry& entry, const Screen& screen) {
  std::string who = entry.desk().empty() ? "the requester" : Id(entry.desk());
  std::string what;
  switch (entry.kind()) {
    case v1::THREAD_ENTRY_KIND_QUESTION:
      what = absl::StrCat("asks (question ", entry.id(), ")");
      break;
    case v1::THREAD_ENTRY_KIND_REPLY:
      what = absl::StrCat("replies to question ", entry.question());
      break;
    case v1::THREAD_ENTRY_KIND_AUTHORITY_ASKED:
      what = absl::StrCat("waits for ", entry.authority());
      break;
    case v1::THREAD_ENTRY_KIND_AUTHORITY_WORD:
      what = absl::StrCat("tells the word of ", entry.authority());
      break;
    default:
      what = Word(entry.kind());
  }
  return absl::StrCat(entry.has_create_time() ? TimeWord(&entry.create_time(), screen) : "", "  ",
                      who, " ", what, ":");
}

std::string Place(const std::string& desk, const std::string& contact) {
  return contact.empty() ? Id(desk) : absl::StrCat(Id(desk), "/", Id(contact));
}

}  // namespace

std::string AnswerWords(const v1::QuestionAnswer& answer) {
  std::string words;
  switch (answer.value_case()) {
    case v1::QuestionAnswer::kText:
      words = answer.text();
      break;
    case v1::QuestionAnswer::kYes:
      words = answer.yes() ? "yes" : "no";
      break;
    case v1::QuestionAnswer::kNumber:
      words = absl::StrCat(answer.number());
      break;
    case v1::QuestionAnswer::kDate:
      words = answer.date();
      break;
    case v1::QuestionAnswer::kNotKnown:
      words = "not known";
      break;
    case v1::QuestionAnswer::VALUE_NOT_SET:
      break;
  }
  if (!answer.comment().empty()) absl::StrAppend(&words, ": ", answer.comment());
  if (answer.prefilled()) {
    absl::StrAppend(&words, " (from the directory: ", SourceWords(answer.source()), ")");
  }
  return words;
}

void AddThread(const v1::Referral& referral, const Screen& screen, Page* page) {
  if (referral.thread_size() == 0) return;
  page->Heading("Asked and said");
  for (const v1::ThreadEntry& entry : referral.thread()) {
    page->Words(EntryHead(entry, screen), 2, Tone::kFaint);
    page->Words(entry.text(), 4);
  }
}

void AddMoves(const v1::Referral& referral, const Screen& screen, Page* page) {
  if (referral.moves_size() == 0) return;
  page->Heading("Handed over");
  for (const v1::ReferralMove& move : referral.moves()) {
    page->Words(absl::StrCat(
                    move.has_move_time() ? TimeWord(&move.move_time(), screen) : "", "  ",
                    Place(move.from_desk(), move.from_contact()), " → ",
                    Place(move.to_desk(), move.to_contact()),
                    move.kind() == v1::REFERRAL_MOVE_KIND_SUCCEEDED ? ", since its desk ended" : "",
                    move.reason().empty() ? "" : ": ", move.reason()),
                2);
  }
  if (referral.moves_left_out() > 0) {
    page->Words(absl::StrCat("and ", Count(referral.moves_left_out(), "more hand-over")), 2);
  }
}

std::string Named(const std::string& site, const DisplayNames& names) {
  const auto name = names.find(site);
  return name == names.end() || name->second.empty() ? Id(site)
                                                     : absl::StrCat(Id(site), "\n", name->second);
}

void AddLines(const v1::ListReferralSitesResponse& lines, const DisplayNames& names, Page* page) {
  if (lines.referral_sites_size() == 0) return;
  page->Heading("Sites, and what is known so far");
  Table table({{"SITE", Overflow::kWrap},
               {"SO FAR", Overflow::kWrap},
               {"ASKED", Overflow::kKeep},
               {"NOTE (internal)", Overflow::kWrap}});
  for (const v1::ReferralSite& line : lines.referral_sites()) {
    table.AddRow(
        {absl::StrCat(Named(line.site(), names), line.asked_about() ? "" : "\n(added by the desk)"),
         DraftCell(line), AskedWords(line), line.internal_note()});
  }
  page->Add(table, 2);
}

std::string RenderReferralSite(const v1::ReferralSite& line, const Screen& screen) {
  Page page(screen);
  page.Heading(line.name());
  const Cell draft = DraftCell(line);
  page.Fields({{"site", line.site()},
               {"asked about", line.asked_about() ? "yes" : "no: the desk added it"},
               {"added because", line.added_reason()},
               {"whom", line.asked_whom()},
               {"asked", line.asked_date()},
               {"replied", line.replied_date()},
               {"so far", draft.text, draft.tone},
               {"investigator", line.offer().principal_investigator()},
               {"conditions", line.offer().conditions()},
               {"comment", line.has_offer() ? line.offer().comment() : line.refusal().comment()},
               {"note (internal)", line.internal_note()},
               {"saved", line.has_update_time() ? PastWord(&line.update_time(), screen) : "never"},
               {"version", line.etag()}});
  if (line.question_answers_size() > 0) {
    page.Heading("Answers to the requester's questions");
    Table table({{"QUESTION", Overflow::kKeep}, {"ANSWER"}});
    for (const v1::QuestionAnswer& answer : line.question_answers()) {
      table.AddRow({answer.question(), AnswerWords(answer)});
    }
    page.Add(table, 2);
  }
  return page.Take();
}

}  // namespace trialgate::cli
