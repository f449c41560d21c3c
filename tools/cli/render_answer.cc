#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/render.h"
#include "tools/cli/render_what_if.h"
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

// Which of the lines of a site is meant, where several desks were asked about it: which desk's.
class SiteWords {
 public:
  explicit SiteWords(const v1::CollatedAnswer& answer) {
    for (const v1::CollatedDesk& desk : answer.desks()) desks_[desk.referral()] = desk.desk();
    for (const v1::CollatedSite& line : answer.sites()) ++lines_[line.site()];
  }

  std::string Of(const v1::CollatedSite& line) const {
    std::string words = absl::StrCat(Id(line.site()), "\n", line.display_name());
    const auto desk = desks_.find(line.referral());
    if (lines_.at(line.site()) > 1 && desk != desks_.end()) {
      absl::StrAppend(&words, "\n(word of ", Id(desk->second), ")");
    }
    if (line.provisional()) absl::StrAppend(&words, "\n(noted so far, no answer yet)");
    return words;
  }

 private:
  std::map<std::string, std::string> desks_;
  std::map<std::string, int> lines_;
};

// Whether the request took up the offer of a site, once it was decided.
Cell SelectionCell(const v1::TrialRequest& request, const v1::CollatedSite& line) {
  const v1::OfferSelection* found = nullptr;
  for (const v1::OfferSelection& selection : request.selections()) {
    if (selection.site() != line.site()) continue;
    // Where two desks offer a site it is selected at one of them.
    if (found == nullptr || selection.referral() == line.referral()) found = &selection;
  }
  if (found == nullptr) return {};
  if (found->selected()) return {"yes", Tone::kGood};
  return {absl::StrCat("no: ", WithComment(Word(found->reason()), found->comment())), Tone::kFaint};
}

void AddOffers(const v1::CollatedAnswer& answer, const v1::TrialRequest& request, Page* page) {
  const SiteWords words(answer);
  Table table({{"SITE"},
               {"PATIENTS", Overflow::kKeep, Align::kRight},
               {"WORTH", Overflow::kKeep, Align::kRight},
               {"START", Overflow::kKeep},
               {"OFFER"},
               {"SELECTED"},
               {"NOTES"}});
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() != v1::SITE_OUTCOME_OFFERED) continue;
    const v1::Offer& offer = line.offer();
    table.AddRow({words.Of(line), absl::StrCat(offer.patients_claimed()),
                  Decimal(line.claim_worth()), offer.earliest_start(),
                  absl::StrCat(Word(offer.firmness()), "\n", Word(offer.status())),
                  SelectionCell(request, line), NoteWords(offer)});
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

// "Wanted: 60 patients, 3 sites. Offered: 48 patients at 6 sites."
void AddWanted(const v1::CollatedAnswer& answer, const v1::TrialRequest& request, Page* page) {
  std::vector<std::string> wanted;
  if (request.patients_wanted() > 0) wanted.push_back(Count(request.patients_wanted(), "patient"));
  if (request.sites_wanted() > 0) wanted.push_back(Count(request.sites_wanted(), "site"));
  if (wanted.empty()) return;
  // A site that two desks offer recruits once.
  std::map<std::string, long long> offered;
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() != v1::SITE_OUTCOME_OFFERED) continue;
    long long& patients = offered[line.site()];
    patients = std::max<long long>(patients, line.offer().patients_claimed());
  }
  long long patients = 0;
  for (const auto& [site, claimed] : offered) patients += claimed;
  page->Words(absl::StrCat("Wanted: ", Joined(wanted), ". Offered: ", Count(patients, "patient"),
                           " claimed at ", Count(static_cast<long long>(offered.size()), "site"),
                           "."));
}

void AddOthers(const v1::CollatedAnswer& answer, Page* page) {
  const SiteWords words(answer);
  Table table({{"SITE"}, {"OUTCOME", Overflow::kKeep}, {"REASON"}, {"COMMENT"}});
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED) continue;
    table.AddRow({words.Of(line), Word(line.outcome()), Word(line.refusal().reason()),
                  line.refusal().comment()});
  }
  if (table.empty()) return;
  page->Heading("Not offered");
  page->Add(table);
}

void AddDesks(const v1::CollatedAnswer& answer, Page* page) {
  Table table({{"DESK"}, {"STATE", Overflow::kKeep}, {"WORD"}, {"COMMENT"}});
  for (const v1::CollatedDesk& desk : answer.desks()) {
    std::string word = Word(desk.outcome());
    if (!desk.outcome_conditions().empty()) {
      absl::StrAppend(&word, "\non conditions: ", desk.outcome_conditions());
    }
    if (!desk.outcome_valid_to().empty()) {
      absl::StrAppend(&word, "\nuntil ", desk.outcome_valid_to());
    }
    if (desk.waiting_for() != v1::WAITING_FOR_UNSPECIFIED) {
      absl::StrAppend(&word, word.empty() ? "" : "\n", "waits for ",
                      desk.waiting_for() == v1::WAITING_FOR_AUTHORITY ? desk.waiting_authority()
                                                                      : "the requester's reply");
    }
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
  return RenderAnswer(answer, v1::TrialRequest(), screen);
}

std::string RenderAnswer(const v1::CollatedAnswer& answer, const v1::TrialRequest& request,
                         const Screen& screen) {
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
  AddWanted(answer, request, &page);
  const v1::Forecast& forecast = answer.forecast();
  const bool offered = std::any_of(
      answer.sites().begin(), answer.sites().end(),
      [](const v1::CollatedSite& site) { return site.outcome() == v1::SITE_OUTCOME_OFFERED; });
  if (offered && answer.has_forecast()) {
    page.Words(absl::StrCat("Forecast over the sites offered: ", Decimal(forecast.mean()),
                            " patients, 80% between ", forecast.p10(), " and ", forecast.p90(),
                            "; probability of the patients wanted ",
                            Percent(forecast.probability()), "."));
    AddPlot(forecast, request.patients_wanted(), screen, &page);
  }
  AddOffers(answer, request, &page);
  AddOthers(answer, &page);
  AddDesks(answer, &page);
  AddQuestions(answer, &page);
  return page.Take();
}

}  // namespace trialgate::cli
