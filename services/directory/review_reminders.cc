#include "services/directory/review_reminders.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/civil_date.h"
#include "services/directory/capacity.h"
#include "services/directory/validity.h"

namespace trialgate::directory {
namespace {

bool WorksAt(const v1::Principal& principal, const std::string& desk) {
  const auto& desks = principal.desks();
  return principal.role() == v1::ROLE_COORDINATOR &&
         std::find(desks.begin(), desks.end(), desk) != desks.end();
}

v1::ReviewReminder Reminder(v1::ReviewKind kind, const std::string& resource,
                            const std::string& review_date, absl::CivilDay today) {
  v1::ReviewReminder reminder;
  reminder.set_kind(kind);
  reminder.set_resource(resource);
  // Checked when it was stored.
  const auto day = ParseDate(review_date);
  if (day.ok()) {
    reminder.set_review_date(review_date);
    reminder.set_days_since_review(static_cast<int>(std::max<absl::civil_diff_t>(0, today - *day)));
  }
  return reminder;
}

void AddProfileFaults(const v1::Site& site, v1::ReviewReminder* reminder) {
  const bool without_months =
      std::any_of(site.history().begin(), site.history().end(),
                  [](const v1::RecruitmentHistory& row) { return !(row.site_months() > 0); });
  if (without_months) reminder->add_faults(v1::REVIEW_FAULT_HISTORY_WITHOUT_MONTHS);
}

void AddCapacityFaults(const v1::SiteCapacity& capacity, absl::CivilDay today,
                       v1::ReviewReminder* reminder) {
  if (capacity.slots() <= 0) reminder->add_faults(v1::REVIEW_FAULT_NO_SLOTS);
  const std::vector<absl::CivilMonth> overbooked = OverbookedMonths(capacity);
  if (!overbooked.empty() && overbooked.back() >= absl::CivilMonth(today))
    reminder->add_faults(v1::REVIEW_FAULT_OVERBOOKED);
}

void AddSite(const SiteEntry& entry, absl::CivilDay today,
             std::vector<v1::ReviewReminder>* reminders) {
  const v1::Site& site = entry.site;
  v1::ReviewReminder profile =
      Reminder(v1::REVIEW_KIND_SITE_PROFILE, site.name(), site.review().date(), today);
  profile.set_reviewer(site.review().reviewer());
  const v1::Source& source = entry.capacity.source();
  // Invented numbers were never looked at, whatever their date.
  const bool invented = source.kind() == v1::SOURCE_KIND_SAMPLE;
  v1::ReviewReminder capacity = Reminder(v1::REVIEW_KIND_CAPACITY, entry.capacity.name(),
                                         invented ? "" : source.as_of(), today);
  capacity.set_reviewer(source.origin());
  AddProfileFaults(site, &profile);
  AddCapacityFaults(entry.capacity, today, &capacity);
  for (v1::ReviewReminder* const reminder : {&profile, &capacity}) {
    reminder->set_display_name(site.display_name());
    reminder->set_region(site.region());
    reminders->push_back(std::move(*reminder));
  }
}

void AddTexts(const v1::Region& region, absl::CivilDay today,
              std::vector<v1::ReviewReminder>* reminders) {
  for (const v1::RegionText& text : region.texts()) {
    v1::ReviewReminder reminder =
        Reminder(v1::REVIEW_KIND_REGION_TEXT, region.name(), text.review_date(), today);
    reminder.set_topic(text.topic());
    reminder.set_display_name(region.display_name());
    reminder.set_region(region.name());
    reminder.set_reviewer(text.source().origin());
    reminders->push_back(std::move(reminder));
  }
}

template <typename Record>
bool HasEnded(const Record& record, absl::CivilDay today) {
  return ValidityOn(record.valid_from(), record.valid_to(), today) == Validity::kEnded;
}

}  // namespace

bool KeepsSite(const v1::Principal& principal, const DirectorySnapshot& directory,
               const v1::Site& site, absl::CivilDay today) {
  if (principal.role() == v1::ROLE_NATIONAL) return true;
  const auto region = directory.RegionOn(site.region(), today);
  const v1::Desk* const desk =
      region.has_value() ? directory.RegionalDeskOn(*region, today) : nullptr;
  return desk != nullptr && WorksAt(principal, desk->name());
}

bool KeepsRegion(const v1::Principal& principal, const DirectorySnapshot& directory,
                 const v1::Region& region) {
  if (principal.role() == v1::ROLE_NATIONAL) return true;
  return std::any_of(directory.desks().begin(), directory.desks().end(), [&](const auto& one) {
    const v1::Desk& desk = *one.second;
    return desk.kind() == v1::DESK_KIND_REGION && WorksAt(principal, desk.name()) &&
           std::find(desk.regions().begin(), desk.regions().end(), region.name()) !=
               desk.regions().end();
  });
}

std::vector<v1::ReviewReminder> ReviewRemindersOf(const v1::Principal& principal,
                                                  const DirectorySnapshot& directory,
                                                  absl::CivilDay today) {
  std::vector<v1::ReviewReminder> reminders;
  for (const auto& entry : directory.sites()) {
    if (HasEnded(entry->site, today)) continue;
    if (KeepsSite(principal, directory, entry->site, today)) AddSite(*entry, today, &reminders);
  }
  for (const auto& [name, region] : directory.regions()) {
    if (HasEnded(*region, today)) continue;
    if (KeepsRegion(principal, directory, *region)) AddTexts(*region, today, &reminders);
  }
  return reminders;
}

}  // namespace trialgate::directory
