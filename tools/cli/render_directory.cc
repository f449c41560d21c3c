#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string StartUpWords(const v1::Site& site) {
  if (!site.has_start_up()) return "";
  const v1::StartUpTime& start_up = site.start_up();
  return absl::StrCat("median ", Count(start_up.median_days(), "day"),
                      start_up.p90_days() == 0 ? "" : ", P90 ",
                      start_up.p90_days() == 0 ? "" : Count(start_up.p90_days(), "day"), " (",
                      SourceWords(start_up.source()), ")");
}

void AddHistory(const v1::Site& site, Page* page) {
  Table phases({{"PHASE"}, {"TRIALS IN 5 YEARS", Overflow::kKeep, Align::kRight}, {"SOURCE"}});
  for (const v1::PhaseExperience& phase : site.phases()) {
    phases.AddRow({Word(phase.phase()), absl::StrCat(phase.trials_five_years()),
                   SourceWords(phase.source())});
  }
  if (!phases.empty()) {
    page->Heading("Phases");
    page->Add(phases, 2);
  }
  Table history({{"SPECIALITY"},
                 {"CLAIMED", Overflow::kKeep, Align::kRight},
                 {"RECRUITED", Overflow::kKeep, Align::kRight},
                 {"SITE-MONTHS", Overflow::kKeep, Align::kRight},
                 {"SOURCE"}});
  for (const v1::RecruitmentHistory& row : site.history()) {
    history.AddRow({row.speciality(), absl::StrCat(row.claimed()), absl::StrCat(row.actual()),
                    Decimal(row.site_months()), SourceWords(row.source())});
  }
  if (!history.empty()) {
    page->Heading("Recruitment in past trials");
    page->Add(history, 2);
  }
}

std::string AwayWords(const v1::Contact& contact) {
  std::vector<std::string> away;
  for (const v1::Absence& absence : contact.absences()) {
    away.push_back(absl::StrCat(absence.first_day(), " to ", absence.last_day()));
  }
  return Joined(away);
}

Table ContactTable(const v1::ListContactsResponse& contacts) {
  Table table({{"CONTACT", Overflow::kKeep},
               {"NAME"},
               {"EMAIL", Overflow::kKeep},
               {"PHONE"},
               {"SPECIALITIES"},
               {"DEPUTIES"},
               {"AWAY"},
               {"LAST DAY"}});
  for (const v1::Contact& contact : contacts.contacts()) {
    table.AddRow({contact.name(), contact.display_name(), contact.email(), contact.phone(),
                  Joined(contact.specialities()), Ids(contact.deputies()), AwayWords(contact),
                  contact.valid_to()});
  }
  return table;
}

void AddContact(const v1::Contact& contact, Page* page) {
  page->Heading(contact.name());
  page->Fields({{"name", contact.display_name()},
                {"email", contact.email()},
                {"phone", contact.phone()},
                {"specialities", Joined(contact.specialities())},
                {"deputies", Ids(contact.deputies())},
                {"away", AwayWords(contact), Tone::kSoon},
                {"last day", contact.valid_to()},
                {"version", contact.etag()}});
}

}  // namespace

std::string Validity(const std::string& from, const std::string& to) {
  if (from.empty() && to.empty()) return "";
  if (to.empty()) return absl::StrCat("from ", from);
  if (from.empty()) return absl::StrCat("to ", to);
  return absl::StrCat(from, " to ", to);
}

std::string CodeWords(const google::protobuf::RepeatedPtrField<v1::Code>& codes) {
  std::vector<std::string> words;
  for (const v1::Code& code : codes) words.push_back(absl::StrCat(code.system(), " ", code.code()));
  return Joined(words);
}

Tone OrganizationTone(v1::OrganizationState state) {
  switch (state) {
    case v1::ORGANIZATION_STATE_PROPOSED:
      return Tone::kSoon;
    case v1::ORGANIZATION_STATE_SUSPENDED:
      return Tone::kBad;
    default:
      return Tone::kPlain;
  }
}

std::string SourceWords(const v1::Source& source) {
  std::string words = source.kind() == v1::SOURCE_KIND_SAMPLE ? "SAMPLE" : Word(source.kind());
  if (!source.origin().empty()) absl::StrAppend(&words, words.empty() ? "" : ", ", source.origin());
  if (!source.as_of().empty()) {
    absl::StrAppend(&words, words.empty() ? "as of " : ", as of ", source.as_of());
  }
  return words;
}

std::string RenderRegion(const v1::Region& region, const Screen& screen) {
  Page page(screen);
  page.Heading(region.name());
  page.Fields({{"name", region.display_name()},
               {"local name", region.local_name()},
               {"country", region.country()},
               {"codes", CodeWords(region.codes())},
               {"valid", Validity(region.valid_from(), region.valid_to())},
               {"successor", region.successor()}});
  for (const v1::RegionText& text : region.texts()) {
    page.Heading(text.topic());
    page.Words(text.text(), 2);
    const std::string source = SourceWords(text.source());
    page.Fields({{"source", source}, {"reviewed", text.review_date()}}, 2);
  }
  return page.Take();
}

std::string RenderDesk(const v1::Desk& desk, const v1::ListContactsResponse& contacts,
                       const Screen& screen) {
  Page page(screen);
  page.Heading(desk.name());
  page.Fields({{"name", desk.display_name()},
               {"kind", Word(desk.kind())},
               {"description", desk.description()},
               {"regions", Ids(desk.regions())},
               {"specialities", Joined(desk.specialities())},
               {"time zone", desk.time_zone()},
               {"calendar", Id(desk.calendar())},
               {"lead", Id(desk.lead())},
               {"valid", Validity(desk.valid_from(), desk.valid_to())},
               {"successor", desk.successor()},
               {"source", SourceWords(desk.source())}});
  if (contacts.contacts_size() > 0) page.Heading("Contacts");
  if (screen.wide) {
    page.Add(ContactTable(contacts), 2);
    return page.Take();
  }
  for (const v1::Contact& contact : contacts.contacts()) {
    page.Words(contact.display_name().empty()
                   ? Id(contact.name())
                   : absl::StrCat(Id(contact.name()), ": ", contact.display_name()),
               2);
    page.Fields({{"email", contact.email()},
                 {"phone", contact.phone()},
                 {"specialities", Joined(contact.specialities())},
                 {"deputies", Ids(contact.deputies())},
                 {"away", AwayWords(contact), Tone::kSoon},
                 {"last day", contact.valid_to()}},
                4);
  }
  return page.Take();
}

std::string RenderContact(const v1::Contact& contact, const Screen& screen) {
  Page page(screen);
  AddContact(contact, &page);
  return page.Take();
}

std::string RenderAbsence(const v1::AddContactAbsenceResponse& added, const Screen& screen) {
  Page page(screen);
  AddContact(added.contact(), &page);
  const bool nobody = added.stands_in().empty();
  page.Words("");
  page.Fields({{"stands in", nobody ? "nobody at the desk" : Id(added.stands_in()),
                nobody ? Tone::kBad : Tone::kPlain},
               {"to be handed over",
                added.open_referrals() == 0 ? "" : Count(added.open_referrals(), "open referral"),
                Tone::kSoon}});
  return page.Take();
}

std::string RenderSite(const v1::Site& site, const Screen& screen) {
  Page page(screen);
  page.Heading(site.name());
  page.Fields({{"name", site.display_name()},
               {"type", Word(site.type())},
               {"region", site.region()},
               {"hospital", site.hospital()},
               {"department", site.department()},
               {"city", site.city()},
               {"codes", CodeWords(site.codes())},
               {"valid", Validity(site.valid_from(), site.valid_to())},
               {"kinds", WordsOf<v1::TrialKind>(site.kinds())},
               {"specialities", Joined(site.specialities())},
               {"age groups", WordsOf<v1::AgeGroup>(site.age_groups())},
               {"capabilities", Joined(site.capabilities())},
               {"languages", Joined(site.languages())},
               {"accreditations", Joined(site.accreditations())},
               {"start-up", StartUpWords(site)},
               {"reviewed", site.has_review() ? absl::StrCat(site.review().date(), " by ",
                                                             site.review().reviewer())
                                              : "never"},
               {"source", SourceWords(site.source())}});
  AddHistory(site, &page);
  return page.Take();
}

std::string RenderOrganization(const v1::Organization& organization, const Screen& screen) {
  Page page(screen);
  page.Heading(organization.name());
  page.Fields({{"name", organization.display_name()},
               {"type", Word(organization.type())},
               {"size", Word(organization.size())},
               {"state", Word(organization.state()), OrganizationTone(organization.state())},
               {"country", organization.country()},
               {"source", SourceWords(organization.source())}});
  return page.Take();
}

std::string RenderPackResult(const v1::ApplyPackResponse& result, bool validate_only,
                             const Screen& screen) {
  Page page(screen);
  if (!validate_only && result.commit() == 0) {
    page.Words("The pack was there already; nothing was written.");
  } else if (!validate_only) {
    page.Words(absl::StrCat("The pack is applied in commit ", result.commit(), "."));
  }
  page.Words(absl::StrCat(result.changed(), validate_only ? " would change, " : " changed, ",
                          result.unchanged(), " unchanged"));
  for (const std::string& line : result.summary()) page.Words(line, 2);
  return page.Take();
}

}  // namespace trialgate::cli
