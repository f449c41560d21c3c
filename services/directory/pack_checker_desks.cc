// Regions, desks, contacts and calendars of a pack.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "services/directory/pack_checker.h"
#include "services/directory/validity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxDescriptionBytes = 4096;
constexpr int kMaxDeputies = 100;
constexpr int kMaxAbsences = 100;

template <typename Record>
using Records = std::map<std::string, std::shared_ptr<const Record>, std::less<>>;

template <typename Record>
Records<Record> ByName(const google::protobuf::RepeatedPtrField<Record>& list) {
  Records<Record> records;
  for (const Record& record : list) {
    // Borrowed: the list outlives the map.
    records.emplace(record.name(), std::shared_ptr<const Record>(&record, [](const Record*) {}));
  }
  return records;
}

// The names of the records that are their own successors, at whatever remove.
template <typename Record>
std::set<std::string> InCycles(const Records<Record>& records) {
  std::set<std::string> in_cycles;
  std::map<std::string, const Record*> reached_from;  // each name is followed once
  for (const auto& [start, first] : records) {
    std::string at = start;
    while (records.count(at) != 0 && reached_from.emplace(at, first.get()).second) {
      at = records.at(at)->successor();
    }
    const auto met = reached_from.find(at);
    if (met == reached_from.end() || met->second != first.get()) continue;
    // This walk came back to one of its own: from there on it is a cycle.
    while (in_cycles.insert(at).second) at = records.at(at)->successor();
  }
  return in_cycles;
}

// What is wrong with the successor of `record`, if anything.
template <typename Record>
void CheckSuccessor(const Records<Record>& records, const std::set<std::string>& in_cycles,
                    const Record& record, const Place& place, Faults* faults) {
  if (record.successor().empty() || records.count(record.successor()) == 0) return;
  if (in_cycles.count(record.name()) != 0) {
    faults->Add(place, v1::ERROR_REASON_SUCCESSOR_CYCLE,
                absl::StrCat("\"", record.name(), "\" would succeed itself; break the cycle"));
    return;
  }
  const auto last = ParseDate(record.valid_to());
  if (last.ok() && StandsFor(records, record.successor(), *last + 1) == nullptr) {
    faults->Add(place, v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat("\"", record.successor(), "\" is not valid on ", FormatDate(*last + 1),
                             ", when it takes over"));
  }
}

}  // namespace

void PackChecker::CheckRegions() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.regions_size(); ++i) {
    const v1::Region& region = pack_.regions(i);
    const Place& place = PlaceOf("regions", i);
    Unique(region.name(), &seen, place.Field("name"));
    CheckRegion(region, place);
    Refers(regions_, region.successor(), "region", place.Field("successor"));
  }
  CheckRegionSuccessors();
  if (pack_.regions().empty()) Missing({"", "regions"}, "a pack has at least one region");
  CheckRegionalDesks();
}

void PackChecker::CheckRegionSuccessors() {
  const auto by_name = ByName(pack_.regions());
  const auto in_cycles = InCycles(by_name);
  for (int i = 0; i < pack_.regions_size(); ++i) {
    CheckSuccessor(by_name, in_cycles, pack_.regions(i), PlaceOf("regions", i).Field("successor"),
                   &checks_.faults());
  }
}

void PackChecker::CheckRegion(const v1::Region& region, const Place& place) {
  checks_.Name(region.name(), "regions", place.Field("name"));
  checks_.RequiredText(region.display_name(), kMaxNameBytes, place.Field("display_name"));
  checks_.Text(region.local_name(), kMaxNameBytes, place.Field("local_name"));
  checks_.Country(region.country(), place.Field("country"));
  checks_.Span(region.valid_from(), "valid_from", region.valid_to(), "valid_to", place);
  for (int i = 0; i < region.codes_size(); ++i) {
    checks_.Code(region.codes(i), place.Element("codes", i));
  }
  for (int i = 0; i < region.texts_size(); ++i) {
    const v1::RegionText& text = region.texts(i);
    const Place at = place.Element("texts", i);
    checks_.TermId(text.topic(), at.Field("topic"));
    checks_.RequiredText(text.text(), kMaxDescriptionBytes, at.Field("text"));
    checks_.Date(text.review_date(), at.Field("review_date"));
    checks_.RequiredSource(text.has_source(), text.source(), at);
  }
}

void PackChecker::CheckRegionalDesks() {
  const auto day_or = [](absl::string_view text, absl::CivilDay otherwise) {
    return ParseDate(text).value_or(otherwise);
  };
  std::map<std::string, std::vector<const v1::Desk*>> desks_of;
  for (const v1::Desk& desk : pack_.desks()) {
    if (desk.kind() != v1::DESK_KIND_REGION) continue;
    for (const std::string& region : desk.regions()) desks_of[region].push_back(&desk);
  }
  const absl::CivilDay first_day(kFirstYear, 1, 1);
  const absl::CivilDay last_day(kLastYear, 12, 31);
  for (int i = 0; i < pack_.regions_size(); ++i) {
    const v1::Region& region = pack_.regions(i);
    const absl::CivilDay end = day_or(region.valid_to(), last_day);
    // From `day` on, the region has no desk yet; each round finds the one that answers longest.
    absl::CivilDay day = day_or(region.valid_from(), first_day);
    while (day <= end) {
      absl::CivilDay covered = day - 1;
      for (const v1::Desk* desk : desks_of[region.name()]) {
        if (ValidityOn(desk->valid_from(), desk->valid_to(), day) == Validity::kValid) {
          covered = std::max(covered, day_or(desk->valid_to(), last_day));
        }
      }
      if (covered < day) {
        Missing(PlaceOf("regions", i),
                absl::StrCat("no desk of kind DESK_KIND_REGION answers for \"", region.name(),
                             "\" on ", FormatDate(day), "; it needs one on each of its days"));
        break;
      }
      day = covered + 1;
    }
  }
}

void PackChecker::CheckDesks() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.desks_size(); ++i) {
    const v1::Desk& desk = pack_.desks(i);
    const Place& place = PlaceOf("desks", i);
    Unique(desk.name(), &seen, place.Field("name"));
    CheckDesk(desk, place);
    Refers(desks_, desk.successor(), "desk", place.Field("successor"));
  }
  CheckDeskSuccessors();
  CheckSecretariat();
}

void PackChecker::CheckDeskSuccessors() {
  const auto by_name = ByName(pack_.desks());
  const auto in_cycles = InCycles(by_name);
  for (int i = 0; i < pack_.desks_size(); ++i) {
    CheckSuccessor(by_name, in_cycles, pack_.desks(i), PlaceOf("desks", i).Field("successor"),
                   &checks_.faults());
  }
}

void PackChecker::CheckDesk(const v1::Desk& desk, const Place& place) {
  checks_.Name(desk.name(), "desks", place.Field("name"));
  checks_.RequiredText(desk.display_name(), kMaxNameBytes, place.Field("display_name"));
  if (desk.kind() == v1::DESK_KIND_UNSPECIFIED) {
    checks_.faults().Add(place.Field("kind"), v1::ERROR_REASON_REQUIRED, "must be given");
  }
  checks_.TimeZone(desk.time_zone(), place.Field("time_zone"));
  checks_.Required(desk.calendar(), place.Field("calendar"));
  Refers(calendars_, desk.calendar(), "calendar", place.Field("calendar"));
  ReferAll(regions_, desk.regions(), "regions", "region", place);
  if (desk.kind() == v1::DESK_KIND_REGION && desk.regions().empty()) {
    checks_.faults().Add(place.Field("regions"), v1::ERROR_REASON_REQUIRED,
                         "a regional desk answers for at least one region");
  }
  Vocabulary(specialities_, desk.specialities(), "specialities", "speciality", place);
  CheckLead(desk, place.Field("lead"));
  checks_.Span(desk.valid_from(), "valid_from", desk.valid_to(), "valid_to", place);
  checks_.Text(desk.description(), kMaxDescriptionBytes, place.Field("description"));
}

void PackChecker::CheckLead(const v1::Desk& desk, const Place& place) {
  const std::string& lead = desk.lead();
  checks_.Required(lead, place);
  if (!lead.empty() && !absl::StartsWith(lead, absl::StrCat(desk.name(), "/contacts/"))) {
    checks_.faults().Add(place, v1::ERROR_REASON_CONTRADICTION, "must be a contact of this desk");
    return;
  }
  Refers(contacts_, lead, "contact", place);
  if (ending_contacts_.count(lead) != 0) {
    checks_.faults().Add(place, v1::ERROR_REASON_CONTRADICTION,
                         "must be a contact who does not leave: it has a valid_to");
  }
}

void PackChecker::CheckContacts() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.contacts_size(); ++i) {
    const Place& place = PlaceOf("contacts", i);
    Unique(pack_.contacts(i).name(), &seen, place.Field("name"));
    CheckContact(pack_.contacts(i), place);
  }
}

// All of a person, or nothing: nobody is known, or the person was erased.
void PackChecker::CheckPerson(const v1::Contact& contact, const Place& place) {
  if (contact.display_name().empty() && contact.email().empty() && contact.phone().empty()) return;
  checks_.RequiredText(contact.display_name(), kMaxNameBytes, place.Field("display_name"));
  if (!IsEmail(contact.email())) {
    checks_.faults().Add(place.Field("email"), v1::ERROR_REASON_INVALID_FORMAT,
                         "must be an address such as name@desk.example");
  }
  checks_.Text(contact.phone(), 64, place.Field("phone"));
}

void PackChecker::CheckContact(const v1::Contact& contact, const Place& place) {
  const std::string desk = contact.name().substr(0, contact.name().find("/contacts/"));
  if (IsName(desk, "desks")) {
    checks_.Name(contact.name(), absl::StrCat(desk, "/contacts"), place.Field("name"));
    Refers(desks_, desk, "desk", place.Field("name"));
  } else {
    checks_.faults().Add(place.Field("name"), v1::ERROR_REASON_INVALID_FORMAT,
                         "must be desks/{id}/contacts/{id}");
  }
  CheckPerson(contact, place);
  Vocabulary(specialities_, contact.specialities(), "specialities", "speciality", place);
  CheckStandIns(contact, desk, place);
  checks_.Date(contact.valid_to(), place.Field("valid_to"));
  checks_.Count(contact.absences_size(), kMaxAbsences, place.Field("absences"));
  for (int i = 0; i < contact.absences_size(); ++i) {
    const v1::Absence& absence = contact.absences(i);
    const Place at = place.Element("absences", i);
    checks_.Required(absence.first_day(), at.Field("first_day"));
    checks_.Required(absence.last_day(), at.Field("last_day"));
    checks_.Span(absence.first_day(), "first_day", absence.last_day(), "last_day", at);
  }
}

void PackChecker::CheckStandIns(const v1::Contact& contact, absl::string_view desk,
                                const Place& place) {
  checks_.Count(contact.deputies_size(), kMaxDeputies, place.Field("deputies"));
  checks_.Distinct(contact.deputies(), "deputies", place);
  for (int i = 0; i < contact.deputies_size(); ++i) {
    const std::string& deputy = contact.deputies(i);
    const Place at = place.Element("deputies", i);
    if (deputy == contact.name() || !absl::StartsWith(deputy, absl::StrCat(desk, "/contacts/"))) {
      checks_.faults().Add(at, v1::ERROR_REASON_CONTRADICTION,
                           "must be another contact of the same desk");
    } else {
      Refers(contacts_, deputy, "contact", at);
    }
  }
}

void PackChecker::CheckCalendars() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.calendars_size(); ++i) {
    const Place& place = PlaceOf("calendars", i);
    Unique(pack_.calendars(i).name(), &seen, place.Field("name"));
    CheckCalendar(pack_.calendars(i), place);
  }
}

void PackChecker::CheckCalendar(const v1::Calendar& calendar, const Place& place) {
  // Bounds that leave working days in every year.
  constexpr int kMaxHolidays = 60;
  const auto check_years = [this](const auto& holiday, const Place& at) {
    if (holiday.first_year() != 0) {
      checks_.Range(holiday.first_year(), kFirstYear, kLastYear, at.Field("first_year"));
    }
    if (holiday.last_year() == 0) return;
    checks_.Range(holiday.last_year(), kFirstYear, kLastYear, at.Field("last_year"));
    if (holiday.last_year() < holiday.first_year()) {
      checks_.faults().Add(at.Field("last_year"), v1::ERROR_REASON_DATES_REVERSED,
                           "must not be before first_year");
    }
  };
  checks_.Name(calendar.name(), "calendars", place.Field("name"));
  checks_.Text(calendar.display_name(), kMaxNameBytes, place.Field("display_name"));
  checks_.Count(calendar.fixed_holidays_size(), kMaxHolidays, place.Field("fixed_holidays"));
  for (int i = 0; i < calendar.fixed_holidays_size(); ++i) {
    const v1::FixedHoliday& holiday = calendar.fixed_holidays(i);
    const Place at = place.Element("fixed_holidays", i);
    // 2000 has a 29 February.
    const auto day = ParseDate(absl::StrCat("2000-", absl::Dec(holiday.month(), absl::kZeroPad2),
                                            "-", absl::Dec(holiday.day(), absl::kZeroPad2)));
    if (!day.ok()) {
      checks_.faults().Add(at, v1::ERROR_REASON_OUT_OF_RANGE,
                           absl::StrCat("month ", holiday.month(), " and day ", holiday.day(),
                                        " are on no day of a year"));
    }
    check_years(holiday, at);
  }
  checks_.Count(calendar.easter_holidays_size(), kMaxHolidays, place.Field("easter_holidays"));
  for (int i = 0; i < calendar.easter_holidays_size(); ++i) {
    const Place at = place.Element("easter_holidays", i);
    checks_.Range(calendar.easter_holidays(i).offset_days(), -60, 120, at.Field("offset_days"));
    check_years(calendar.easter_holidays(i), at);
  }
  checks_.Count(calendar.single_holidays_size(), 1000, place.Field("single_holidays"));
  checks_.Distinct(calendar.single_holidays(), "single_holidays", place);
  for (int i = 0; i < calendar.single_holidays_size(); ++i) {
    checks_.Required(calendar.single_holidays(i), place.Element("single_holidays", i));
    checks_.Date(calendar.single_holidays(i), place.Element("single_holidays", i));
  }
}

}  // namespace trialgate::directory
