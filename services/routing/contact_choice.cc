#include "services/routing/contact_choice.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"

namespace trialgate::routing {
namespace {

using Contacts = std::vector<const v1::Contact*>;
using Specialities = google::protobuf::RepeatedPtrField<std::string>;

// Whether somebody is behind the contact who can be asked, if not on that day.
bool CanBeAsked(const v1::Contact& contact, absl::CivilDay day) {
  return directory::HasPerson(contact) && !directory::HasLeft(contact, day);
}

// The contact of that name, if there is one and it is a person who can be asked.
const v1::Contact* FindPerson(const directory::DirectorySnapshot& directory, absl::string_view name,
                              absl::CivilDay day) {
  const v1::Contact* contact = directory.FindContact(name);
  return contact != nullptr && CanBeAsked(*contact, day) ? contact : nullptr;
}

Contacts PersonsOf(const directory::DirectorySnapshot& directory, absl::string_view desk,
                   absl::CivilDay day) {
  Contacts persons = directory.ContactsOf(desk);
  persons.erase(std::remove_if(persons.begin(), persons.end(),
                               [day](const auto* contact) { return !CanBeAsked(*contact, day); }),
                persons.end());
  return persons;
}

// Specialities wanted that the contact covers.
std::vector<std::string> Covered(const v1::Contact& contact, const Specialities& wanted) {
  std::vector<std::string> covered;
  for (const std::string& speciality : wanted) {
    const auto& own = contact.specialities();
    if (std::find(own.begin(), own.end(), speciality) != own.end()) covered.push_back(speciality);
  }
  return covered;
}

// Those who cover a speciality wanted, if any does; else all.
Contacts Candidates(const Contacts& contacts, const Specialities& wanted) {
  Contacts covering;
  for (const v1::Contact* contact : contacts) {
    if (!Covered(*contact, wanted).empty()) covering.push_back(contact);
  }
  return covering.empty() ? contacts : covering;
}

// How many referrals are open is not said: requesters read this, and they are others' too.
std::string OnDutyReason(const v1::Contact& contact, const Contacts& on_duty,
                         const Specialities& wanted, const OpenReferrals& open_referrals,
                         absl::CivilDay day) {
  const std::vector<std::string> covered = Covered(contact, wanted);
  const std::int64_t open = open_referrals.OfContact(contact.name());
  const std::string on_day = absl::StrCat("on duty on ", FormatDate(day));
  if (on_duty.size() == 1) {
    const std::string who =
        covered.empty() ? "" : absl::StrCat(" who covers ", absl::StrJoin(covered, ", "));
    return absl::StrCat("the only one there ", on_day, who);
  }
  const auto as_few = std::count_if(on_duty.begin(), on_duty.end(), [&](const v1::Contact* one) {
    return open_referrals.OfContact(one->name()) == open;
  });
  const std::string fewest = covered.empty()
                                 ? "; fewest open referrals"
                                 : absl::StrCat("; covers ", absl::StrJoin(covered, ", "),
                                                "; of those who do, fewest open referrals");
  std::string reason = absl::StrCat(on_day, fewest);
  if (as_few > 1) absl::StrAppend(&reason, "; first by name of those with as few");
  return reason;
}

// Somebody at the secretariat, come what may.
ContactChoice ChooseAtSecretariat(const directory::DirectorySnapshot& directory,
                                  absl::string_view why, absl::CivilDay day) {
  const v1::Desk* desk =
      directory.has_pack() ? directory.DeskOn(directory.settings().secretariat(), day) : nullptr;
  if (desk == nullptr) return {};
  const v1::Contact* lead = FindPerson(directory, desk->lead(), day);
  if (lead == nullptr) {
    const Contacts persons = PersonsOf(directory, desk->name(), day);
    if (persons.empty()) return {};
    return {persons.front(), absl::StrCat(why, ": at the secretariat, which has no lead now")};
  }
  const std::string reason = absl::StrCat(why, ": the secretariat's lead");
  if (IsOnDuty(*lead, day)) return {lead, reason};
  const v1::Contact* deputy = directory::FirstDeputyOnDuty(*lead, directory, day);
  if (deputy != nullptr) return {deputy, absl::StrCat(reason, "'s deputy")};
  return {lead, absl::StrCat(reason, ", though away")};
}

}  // namespace

ContactChoice ChooseContact(const v1::Desk& desk, const Specialities& specialities,
                            const directory::DirectorySnapshot& directory,
                            const OpenReferrals& open_referrals, absl::CivilDay day) {
  Contacts candidates = Candidates(PersonsOf(directory, desk.name(), day), specialities);
  std::sort(candidates.begin(), candidates.end(), [&](const auto* a, const auto* b) {
    return std::make_tuple(open_referrals.OfContact(a->name()), absl::string_view(a->name())) <
           std::make_tuple(open_referrals.OfContact(b->name()), absl::string_view(b->name()));
  });

  Contacts on_duty;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(on_duty),
               [day](const v1::Contact* contact) { return IsOnDuty(*contact, day); });
  if (!on_duty.empty()) {
    const v1::Contact& first = *on_duty.front();
    return {&first, OnDutyReason(first, on_duty, specialities, open_referrals, day)};
  }

  const std::string nobody = absl::StrCat("nobody to be asked is on duty on ", FormatDate(day));
  for (const v1::Contact* contact : candidates) {
    const v1::Contact* deputy = directory::FirstDeputyOnDuty(*contact, directory, day);
    if (deputy != nullptr) {
      return {deputy, absl::StrCat(nobody, ": deputy of ", contact->name())};
    }
  }
  const v1::Contact* lead = FindPerson(directory, desk.lead(), day);
  if (lead != nullptr && IsOnDuty(*lead, day)) {
    return {lead, absl::StrCat(nobody, ", nor a deputy: the desk's lead")};
  }
  return ChooseAtSecretariat(directory, absl::StrCat(nobody, ", nor deputy or lead"), day);
}

}  // namespace trialgate::routing
