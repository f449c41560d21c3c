#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string ConditionWords(const v1::TrialRequest& request) {
  std::vector<std::string> words;
  for (const v1::Condition& condition : request.conditions()) {
    const std::string codes = CodeWords(condition.codes());
    words.push_back(codes.empty() ? condition.text()
                                  : absl::StrCat(condition.text(), " (", codes, ")"));
  }
  return Joined(words);
}

std::string SpecialityWords(const v1::TrialRequest& request) {
  const bool all = request.speciality_mode() == v1::SPECIALITY_MODE_ALL;
  return absl::StrCat(all && request.specialities_size() > 1 ? "all of " : "",
                      Joined(request.specialities()));
}

std::string PopulationWords(const v1::TrialRequest& request) {
  std::vector<std::string> words;
  const v1::Population& population = request.population();
  const std::string ages = WordsOf<v1::AgeGroup>(population.age_groups());
  if (!ages.empty()) words.push_back(ages);
  if (population.sex() != v1::SEX_UNSPECIFIED && population.sex() != v1::SEX_ALL) {
    words.push_back(Word(population.sex()));
  }
  if (population.healthy_volunteers()) words.push_back("healthy volunteers");
  return Joined(words);
}

std::string PhaseWords(const v1::TrialRequest& request) {
  return absl::StrCat(Word(request.phase()), request.first_in_human() ? ", first in human" : "",
                      request.advanced_therapy() ? ", advanced therapy" : "");
}

std::string StartWords(const v1::TrialRequest& request) {
  if (request.first_patient_in_earliest().empty()) return "";
  return absl::StrCat("from ", request.first_patient_in_earliest(),
                      request.first_patient_in_latest().empty() ? "" : " to ",
                      request.first_patient_in_latest());
}

std::string WantedWords(const v1::TrialRequest& request) {
  std::vector<std::string> words;
  if (request.patients_wanted() > 0) words.push_back(Count(request.patients_wanted(), "patient"));
  if (request.sites_wanted() > 0) words.push_back(Count(request.sites_wanted(), "site"));
  return Joined(words);
}

std::string ContactWords(const v1::RequesterContact& contact) {
  std::vector<std::string> words;
  for (const std::string& part : {contact.display_name(), contact.email(), contact.phone()}) {
    if (!part.empty()) words.push_back(part);
  }
  return Joined(words);
}

std::string SubmitterWords(const v1::TrialRequest& request) {
  if (!request.has_submitter()) return "";
  const v1::IdeaSubmitter& submitter = request.submitter();
  std::vector<std::string> words;
  for (const std::string& part : {submitter.display_name(), Word(submitter.affiliation()),
                                  submitter.email(), submitter.phone()}) {
    if (!part.empty()) words.push_back(part);
  }
  return Joined(words);
}

void AddWhatIsAsked(const v1::TrialRequest& request, Page* page) {
  page->Fields({
      {"title", request.title()},
      {"blinded title", request.blinded_title()},
      {"requester", request.requester()},
      {"sponsor", request.sponsor()},
      {"idea of", SubmitterWords(request)},
      {"kind", Word(request.kind())},
      {"intent", Word(request.intent())},
      {"phase", PhaseWords(request)},
      {"numbers", CodeWords(request.external_ids())},
      {"conditions", ConditionWords(request)},
      {"specialities", SpecialityWords(request)},
      {"population", PopulationWords(request)},
      {"wanted", WantedWords(request)},
      {"first patient in", StartWords(request)},
      {"recruitment",
       request.recruitment_months() == 0 ? "" : Count(request.recruitment_months(), "month")},
      {"capabilities required", Joined(request.required_capabilities())},
      {"capabilities preferred", Joined(request.preferred_capabilities())},
      {"regions wanted", Ids(request.regions_wanted())},
      {"regions preferred", Ids(request.regions_preferred())},
      {"already contacted", Ids(request.sites_already_contacted())},
      {"questions",
       request.questions_size() == 0 ? "" : Count(request.questions_size(), "question")},
      {"response deadline", request.response_deadline()},
      {"urgency", Word(request.urgency())},
      {"confidentiality", Word(request.confidentiality())},
      {"contact", ContactWords(request.contact())},
  });
}

void AddTexts(const v1::TrialRequest& request, Page* page) {
  for (const auto& [heading, text] : std::vector<std::pair<std::string, std::string>>{
           {"Synopsis", request.synopsis()},
           {"Blinded synopsis", request.blinded_synopsis()},
           {"Eligibility criteria", request.eligibility_criteria()},
       }) {
    if (text.empty()) continue;
    page->Heading(heading);
    page->Words(text, 2);
  }
  if (request.questions_size() > 0) {
    page->Heading("Questions of the requester");
    Table table({{"ID", Overflow::kKeep}, {"OF EACH"}, {"ANSWER"}, {"QUESTION"}});
    for (const v1::Question& question : request.questions()) {
      const std::string type = Word(question.type());
      table.AddRow({question.id(), question.scope() == v1::QUESTION_SCOPE_DESK ? "desk" : "site",
                    type.empty() ? "text" : type, question.text()});
    }
    page->Add(table, 2);
  }
  if (request.documents_size() > 0) {
    page->Heading("Documents");
    Table table({{"NAME"}, {"TYPE"}, {"BYTES", Overflow::kKeep, Align::kRight}, {"ADDRESS"}});
    for (const v1::Document& document : request.documents()) {
      table.AddRow({document.display_name(), document.media_type(),
                    absl::StrCat(document.size_bytes()), document.uri()});
    }
    page->Add(table, 2);
  }
}

void AddSelections(const v1::TrialRequest& request, Page* page) {
  if (request.selections_size() == 0) return;
  page->Heading("Selected and not");
  Table table({{"SITE", Overflow::kKeep}, {"SELECTED"}, {"REASON"}, {"COMMENT"}});
  for (const v1::OfferSelection& selection : request.selections()) {
    table.AddRow({Id(selection.site()), selection.selected() ? "yes" : "no",
                  Word(selection.reason()), selection.comment()});
  }
  page->Add(table, 2);
}

Tone RequestTone(v1::TrialRequestState state) {
  switch (state) {
    case v1::TRIAL_REQUEST_STATE_ANSWERED:
    case v1::TRIAL_REQUEST_STATE_CONFIRMED:
      return Tone::kGood;
    case v1::TRIAL_REQUEST_STATE_WITHDRAWN:
    case v1::TRIAL_REQUEST_STATE_CLOSED:
      return Tone::kFaint;
    default:
      return Tone::kPlain;
  }
}

// Which answer there is, or when it is due.
Cell AnswerCell(const v1::TrialRequest& request, const Screen& screen) {
  if (request.answer_version() > 0) return absl::StrCat("version ", request.answer_version());
  if (request.state() != v1::TRIAL_REQUEST_STATE_ROUTED || !request.has_answer_due_time())
    return {};
  return {DueShort(&request.answer_due_time(), screen),
          DueTone(&request.answer_due_time(), screen)};
}

void AddWhereItStands(const v1::TrialRequest& request, const Screen& screen, Page* page) {
  page->Heading(request.name());
  page->Fields({
      {"state", Word(request.state()), RequestTone(request.state())},
      {"revision", absl::StrCat(request.revision())},
      {"submitted", request.has_create_time() ? PastWord(&request.create_time(), screen) : ""},
      {"answer due",
       request.has_answer_due_time() && request.state() == v1::TRIAL_REQUEST_STATE_ROUTED
           ? DueWord(&request.answer_due_time(), screen)
           : ""},
      {"answer", request.answer_version() == 0
                     ? ""
                     : absl::StrCat("version ", request.answer_version(),
                                    ": trialgate request answer ", Id(request.name()))},
      {"report", absl::StrCat("trialgate request show ", Id(request.name()), " --report")},
      {"withdrawn because", request.withdraw_reason()},
  });
}

// What a list calls a request, and before it what is to be seen first.
std::string ListTitle(const v1::TrialRequest& request) {
  const std::string& title = request.title().empty() ? request.blinded_title() : request.title();
  return Clean(request.urgency() == v1::URGENCY_EXPEDITED
                   ? absl::StrCat("[", Word(request.urgency()), "] ", title)
                   : title);
}

// Two lines each: a title has the width, a name can be copied whole.
std::string TwoLineRequestList(const v1::ListTrialRequestsResponse& list, const Screen& screen) {
  // Both are as wide as their longest usual value.
  constexpr int kState = 12;
  constexpr int kAnswer = 17;
  Table table({{"STATE", Overflow::kKeep}, {"ANSWER", Overflow::kKeep}, {"REQUEST"}});
  for (const v1::TrialRequest& request : list.trial_requests()) {
    const std::string submitted =
        request.has_create_time() ? TimeWord(&request.create_time(), screen).substr(0, 10) : "";
    const std::string requester = Id(request.requester());
    table.AddRow(
        {{absl::StrCat(Word(request.state()), "\n", submitted), RequestTone(request.state())},
         AnswerCell(request, screen),
         absl::StrCat(Cut(ListTitle(request), screen.width - kState - kAnswer), "\n",
                      Id(request.name()), requester.empty() ? "" : "  ", requester)});
  }
  return RenderTable(table, screen);
}

std::string WideRequestList(const v1::ListTrialRequestsResponse& list, const Screen& screen) {
  Table table({{"NAME", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {"ANSWER", Overflow::kKeep},
               {"SUBMITTED", Overflow::kKeep},
               {"REQUESTER", Overflow::kKeep},
               {"KIND", Overflow::kKeep},
               {"REFERRALS", Overflow::kKeep, Align::kRight},
               {"TITLE", Overflow::kCut}});
  for (const v1::TrialRequest& request : list.trial_requests()) {
    table.AddRow({request.name(),
                  {Word(request.state()), RequestTone(request.state())},
                  AnswerCell(request, screen),
                  request.has_create_time() ? TimeWord(&request.create_time(), screen) : "",
                  Id(request.requester()),
                  Word(request.kind()),
                  absl::StrCat(request.referrals_size()),
                  ListTitle(request)});
  }
  return RenderTable(table, screen);
}

}  // namespace

std::string RenderRequest(const v1::TrialRequest& request, const Screen& screen) {
  return RenderRequest(request, v1::ListReferralsResponse(), screen);
}

std::string RenderRequest(const v1::TrialRequest& request,
                          const v1::ListReferralsResponse& referrals, const Screen& screen) {
  Page page(screen);
  if (!request.name().empty()) {
    AddWhereItStands(request, screen, &page);
    page.Heading("What is asked");
  }
  AddWhatIsAsked(request, &page);
  AddTexts(request, &page);
  AddSelections(request, &page);
  if (request.referrals_size() > 0) {
    page.Heading(absl::StrCat("Referrals (", request.referrals_size(), ")"));
    if (referrals.referrals_size() == 0) {
      for (const std::string& referral : request.referrals()) page.Words(ReferralId(referral), 2);
    } else {
      AddReferralTable(referrals, screen, &page);
      page.Words(absl::StrCat("trialgate referral show ", Id(request.name()),
                              "/REFERRAL shows one of them."),
                 2);
    }
  }
  return page.Take();
}

std::string RenderDecision(const v1::TrialRequest& request, const Screen& screen) {
  Page page(screen);
  AddWhereItStands(request, screen, &page);
  AddSelections(request, &page);
  return page.Take();
}

std::string RenderRequestList(const v1::ListTrialRequestsResponse& list, const Screen& screen) {
  return screen.wide ? WideRequestList(list, screen) : TwoLineRequestList(list, screen);
}

std::string FlagOfField(const std::string& field) {
  static const auto* flags = new std::map<std::string, std::string>{
      {"requester", "--requester"},
      {"sponsor", "--sponsor"},
      {"kind", "--kind"},
      {"intent", "--intent"},
      {"phase", "--phase"},
      {"title", "--title"},
      {"blinded_title", "--blinded-title"},
      {"specialities", "--speciality"},
      {"patients_wanted", "--patients"},
      {"sites_wanted", "--sites"},
      {"first_patient_in_earliest", "--first-patient-in"},
      {"first_patient_in_latest", "--latest"},
      {"recruitment_months", "--months"},
      {"required_capabilities", "--capability"},
      {"preferred_capabilities", "--prefer-capability"},
      {"regions_wanted", "--region"},
      {"regions_preferred", "--prefer-region"},
      {"sites_already_contacted", "--already-contacted"},
      {"response_deadline", "--deadline"},
      {"urgency", "--urgency"},
      {"confidentiality", "--confidentiality"},
      {"contact", "--contact-name, --contact-email"},
  };
  const auto found = flags->find(field);
  return found == flags->end() ? "" : found->second;
}

std::string RenderImport(const v1::ImportStudyRecordResponse& imported, const Screen& screen) {
  Page page(screen);
  page.Heading("Draft request");
  AddWhatIsAsked(imported.draft(), &page);
  if (imported.derivations_size() > 0) {
    page.Heading("Where each value is from");
    for (const v1::FieldDerivation& derivation : imported.derivations()) {
      // Whole texts stand in the draft; here their beginning tells which value is meant.
      page.Words(
          Cut(Clean(absl::StrCat(derivation.field(), ": ", derivation.value())), screen.width - 2),
          2);
      page.Words(absl::StrCat("from ", derivation.from(), ": ", derivation.rule()), 6);
    }
  }
  if (imported.remarks_size() > 0) {
    page.Heading("To look at");
    for (const std::string& remark : imported.remarks()) page.Words(absl::StrCat("- ", remark), 2);
  }
  page.Heading(imported.missing_size() > 0 ? "Missing: a submit needs these too"
                                           : "Nothing that a submit needs is missing.");
  Table missing({{"FIELD", Overflow::kKeep}, {"FLAG", Overflow::kKeep}});
  for (const std::string& field : imported.missing()) {
    const std::string flag = FlagOfField(field);
    missing.AddRow({field, flag.empty() ? "(in the JSON file)" : flag});
  }
  page.Add(missing, 2);
  return page.Take();
}

}  // namespace trialgate::cli
