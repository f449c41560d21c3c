#include "services/directory/contact_duty.h"

#include <algorithm>
#include <string>

#include "common/base/civil_date.h"
#include "services/directory/validity.h"

namespace trialgate::directory {

bool HasLeft(const v1::Contact& contact, absl::CivilDay day) {
  return ValidityOn("", contact.valid_to(), day) == Validity::kEnded;
}

bool IsOnDuty(const v1::Contact& contact, absl::CivilDay day) {
  const std::string date = FormatDate(day);
  // ISO dates compare as texts do.
  return !HasLeft(contact, day) &&
         std::none_of(contact.absences().begin(), contact.absences().end(),
                      [&date](const v1::Absence& absence) {
                        return absence.first_day() <= date && date <= absence.last_day();
                      });
}

std::string AwayUntil(const v1::Contact& contact, absl::CivilDay day) {
  std::string until;
  std::string next = FormatDate(day);
  const auto holds = [&next](const v1::Absence& absence) {
    return absence.first_day() <= next && next <= absence.last_day();
  };
  const auto& absences = contact.absences();
  // Each turn goes beyond one more absence.
  for (auto found = std::find_if(absences.begin(), absences.end(), holds); found != absences.end();
       found = std::find_if(absences.begin(), absences.end(), holds)) {
    until = found->last_day();
    const auto last = ParseDate(until);
    if (!last.ok()) break;
    next = FormatDate(*last + 1);
  }
  return until;
}

const v1::Contact* FirstDeputyOnDuty(const v1::Contact& contact, const DirectorySnapshot& directory,
                                     absl::CivilDay day) {
  for (const std::string& name : contact.deputies()) {
    const v1::Contact* deputy = directory.FindContact(name);
    if (deputy != nullptr && HasPerson(*deputy) && IsOnDuty(*deputy, day)) return deputy;
  }
  return nullptr;
}

const v1::Contact* StandIn(const v1::Contact& contact, const DirectorySnapshot& directory,
                           absl::CivilDay day) {
  const v1::Contact* deputy = FirstDeputyOnDuty(contact, directory, day);
  if (deputy != nullptr) return deputy;
  const std::string& name = contact.name();
  const v1::Desk* desk = directory.FindDesk(name.substr(0, name.find("/contacts/")));
  const v1::Contact* lead = desk == nullptr ? nullptr : directory.FindContact(desk->lead());
  const bool stands_in =
      lead != nullptr && lead->name() != name && HasPerson(*lead) && IsOnDuty(*lead, day);
  return stands_in ? lead : nullptr;
}

}  // namespace trialgate::directory
