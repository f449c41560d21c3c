#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string WithComment(const std::string& words, const std::string& comment) {
  return comment.empty() ? words : absl::StrCat(words, ": ", comment);
}

std::string NoteWords(const v1::Offer& offer) {
  std::vector<std::string> notes;
  if (!offer.principal_investigator().empty()) {
    notes.push_back(absl::StrCat("PI: ", offer.principal_investigator()));
  }
  for (const std::string& note : {offer.conditions(), offer.comment()}) {
    if (!note.empty()) notes.push_back(note);
  }
  return absl::StrJoin(notes, "\n");
}

void AddOffers(const v1::CollatedAnswer& answer, Page* page) {
  Table table({{"SITE"},
               {"PATIENTS", Overflow::kKeep, Align::kRight},
               {"WORTH", Overflow::kKeep, Align::kRight},
               {"START", Overflow::kKeep},
               {"OFFER"},
               {"NOTES"}});
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() != v1::SITE_OUTCOME_OFFERED) continue;
    const v1::Offer& offer = line.offer();
    table.AddRow({absl::StrCat(Id(line.site()), "\n", line.display_name()),
                  absl::StrCat(offer.patients_claimed()), Decimal(line.claim_worth()),
                  offer.earliest_start(),
                  absl::StrCat(Word(offer.firmness()), "\n", Word(offer.status())),
                  NoteWords(offer)});
  }
  if (table.empty()) {
    page->Heading("No site is offered.");
    return;
  }
  page->Heading("Offered");
  page->Add(table);
  page->Words(
      "PATIENTS: what the site claims. WORTH: what such claims of this site came to in past "
      "trials.");
}

void AddOthers(const v1::CollatedAnswer& answer, Page* page) {
  Table table({{"SITE"}, {"OUTCOME", Overflow::kKeep}, {"REASON"}, {"COMMENT"}});
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED) continue;
    table.AddRow({absl::StrCat(Id(line.site()), "\n", line.display_name()), Word(line.outcome()),
                  Word(line.refusal().reason()), line.refusal().comment()});
  }
  if (table.empty()) return;
  page->Heading("Not offered");
  page->Add(table);
}

void AddDesks(const v1::CollatedAnswer& answer, Page* page) {
  Table table({{"DESK"}, {"STATE", Overflow::kKeep}, {"WORD"}, {"COMMENT"}});
  for (const v1::CollatedDesk& desk : answer.desks()) {
    std::string word = Word(desk.outcome());
    if (desk.has_decline()) {
      word = WithComment(Word(desk.decline().reason()), desk.decline().comment());
    }
    table.AddRow({absl::StrCat(Id(desk.desk()), "\n", desk.display_name()), Word(desk.state()),
                  word, desk.comment()});
  }
  if (table.empty()) return;
  page->Heading("Desks");
  page->Add(table);
}

void AddQuestions(const v1::CollatedAnswer& answer, Page* page) {
  for (const v1::CollatedQuestion& question : answer.questions()) {
    page->Heading(question.question().text());
    Table table({{"OF"}, {"ANSWER"}});
    for (const v1::CollatedQuestionAnswer& line : question.answers()) {
      table.AddRow({line.display_name(),
                    absl::StrCat(AnswerWords(line.answer()),
                                 line.provisional() ? " (noted so far, no answer yet)" : "")});
    }
    page->Add(table, 2);
  }
}

}  // namespace

std::string RenderAnswer(const v1::CollatedAnswer& answer, const Screen& screen) {
  Page page(screen);
  if (answer.rests_on_sample()) {
    page.Words(
        "! Worth and forecast rest on SAMPLE values, invented to show how the program works: do "
        "not rely on them.");
  }
  page.Heading(
      absl::StrCat("National answer, version ", answer.version(),
                   answer.provisional() ? " (provisional: desks have still to answer)" : "",
                   answer.has_create_time() ? ", of " : "",
                   answer.has_create_time() ? TimeWord(&answer.create_time(), screen) : ""));
  page.Words(answer.name());
  const v1::Forecast& forecast = answer.forecast();
  const bool offered = std::any_of(
      answer.sites().begin(), answer.sites().end(),
      [](const v1::CollatedSite& site) { return site.outcome() == v1::SITE_OUTCOME_OFFERED; });
  if (offered && answer.has_forecast()) {
    page.Words(absl::StrCat("Forecast over the sites offered: ", Decimal(forecast.mean()),
                            " patients, 80% between ", forecast.p10(), " and ", forecast.p90(),
                            "; probability of the patients wanted ",
                            Percent(forecast.probability()), "."));
  }
  AddOffers(answer, &page);
  AddOthers(answer, &page);
  AddDesks(answer, &page);
  AddQuestions(answer, &page);
  return page.Take();
}

}  // namespace trialgate::cli
