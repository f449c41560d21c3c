#include "services/directory/ending.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/utf8.h"
#include "services/directory/validity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr std::size_t kReasonBytes = 2048;

template <typename Record>
using Records = DirectorySnapshot::ByName<Record>;

// Whether successors lead from `from` to `name`.
template <typename Record>
bool LeadsTo(const Records<Record>& records, std::string from, const std::string& name) {
  for (std::size_t step = 0; step <= records.size() && !from.empty(); ++step) {
    if (from == name) return true;
    const auto found = records.find(from);
    if (found == records.end()) return false;
    from = found->second->successor();
  }
  return false;
}

template <typename Record>
void CheckSuccessor(const std::string& successor, const Record& record,
                    const Records<Record>& records, absl::CivilDay day, FieldFaults* faults) {
  const auto found = records.find(successor);
  if (found == records.end()) {
    faults->Add("successor", v1::ERROR_REASON_UNKNOWN_VALUE, "is not in the directory");
  } else if (LeadsTo(records, successor, record.name())) {
    faults->Add("successor", v1::ERROR_REASON_SUCCESSOR_CYCLE,
                absl::StrCat("leads back to ", record.name()));
  } else if (ValidityOn(found->second->valid_from(), found->second->valid_to(), day) !=
             Validity::kValid) {
    faults->Add("successor", v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat("is not valid on ", FormatDate(day)));
  }
}

template <typename Record>
void CheckLastDay(const std::string& text, const Record& record, absl::CivilDay today,
                  FieldFaults* faults) {
  if (text.empty()) {
    faults->Add("last_day", v1::ERROR_REASON_REQUIRED, "must be given");
    return;
  }
  const auto day = ParseDate(text);
  if (!day.ok()) {
    faults->Add("last_day", v1::ERROR_REASON_INVALID_FORMAT, "must be a date, YYYY-MM-DD");
    return;
  }
  if (*day < today - 1) {
    faults->Add("last_day", v1::ERROR_REASON_OUT_OF_RANGE,
                absl::StrCat("must not be before yesterday, ", FormatDate(today - 1)));
  }
  const auto from = ParseDate(record.valid_from());
  if (from.ok() && *day < *from) {
    faults->Add("last_day", v1::ERROR_REASON_DATES_REVERSED,
                absl::StrCat("must not be before valid_from, ", record.valid_from()));
  }
  const auto to = ParseDate(record.valid_to());
  if (to.ok() && *day > *to) {
    faults->Add("last_day", v1::ERROR_REASON_OUT_OF_RANGE,
                absl::StrCat("must not be after the end that is known, ", record.valid_to()));
  }
}

template <typename Call, typename Record>
FieldFaults FaultsOf(const Call& call, const Record& record, const Records<Record>& records,
                     absl::CivilDay today) {
  FieldFaults faults;
  CheckLastDay(call.last_day(), record, today, &faults);
  const std::string& successor = call.successor().empty() ? record.successor() : call.successor();
  const auto last = ParseDate(call.last_day());
  if (!successor.empty()) {
    CheckSuccessor(successor, record, records, last.value_or(today) + 1, &faults);
  }
  if (call.reason().empty()) {
    faults.Add("reason", v1::ERROR_REASON_REQUIRED, "must be given");
  } else if (call.reason().size() > kReasonBytes) {
    faults.Add("reason", v1::ERROR_REASON_TOO_LONG,
               absl::StrCat("must have at most ", kReasonBytes, " bytes"));
  } else if (!IsUtf8(call.reason())) {
    faults.Add("reason", v1::ERROR_REASON_INVALID_UTF8, "must be UTF-8");
  }
  return faults;
}

Error StillNeeded(absl::string_view words) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STILL_NEEDED, words);
}

}  // namespace

FieldFaults CheckEnd(const v1::EndDeskRequest& call, const v1::Desk& desk,
                     const DirectorySnapshot& directory, absl::CivilDay today) {
  return FaultsOf(call, desk, directory.desks(), today);
}

FieldFaults CheckEnd(const v1::EndRegionRequest& call, const v1::Region& region,
                     const DirectorySnapshot& directory, absl::CivilDay today) {
  return FaultsOf(call, region, directory.regions(), today);
}

absl::Status CheckNotEnded(absl::string_view name, absl::string_view valid_to,
                           absl::CivilDay today) {
  const auto last = ParseDate(valid_to);
  if (!last.ok() || *last >= today) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
               absl::StrCat(name, " ended on ", valid_to))
      .WithMetadata("state", "ENDED")
      .WithMetadata("event", "END");
}

absl::Status CheckNotNeeded(const v1::Desk& desk, const DirectorySnapshot& after) {
  if (desk.kind() == v1::DESK_KIND_SECRETARIAT) {
    return StillNeeded(absl::StrCat(desk.name(),
                                    " is the country's secretariat: apply a pack that names "
                                    "another one"));
  }
  const auto last = ParseDate(desk.valid_to());
  if (desk.kind() != v1::DESK_KIND_REGION || !last.ok()) return absl::OkStatus();
  for (const std::string& region : desk.regions()) {
    const absl::CivilDay day = *last + 1;
    if (after.RegionOn(region, day) != region || after.RegionalDeskOn(region, day) != nullptr) {
      continue;
    }
    return StillNeeded(absl::StrCat(region, " would have no desk on ", FormatDate(day),
                                    ": end the region, too, or name a successor that answers for "
                                    "it"))
        .WithMetadata("region", region);
  }
  return absl::OkStatus();
}

absl::Status CheckNotNeeded(const v1::Region& region, const DirectorySnapshot& after) {
  const auto last = ParseDate(region.valid_to());
  if (!last.ok()) return absl::OkStatus();
  const absl::CivilDay day = *last + 1;
  const std::optional<std::string> successor = after.RegionOn(region.name(), day);
  if (successor.has_value() && after.RegionalDeskOn(*successor, day) != nullptr) {
    return absl::OkStatus();
  }
  int sites = 0;
  for (const auto& entry : after.sites()) {
    const v1::Site& site = entry->site;
    if (ValidityOn(site.valid_from(), site.valid_to(), day) != Validity::kValid) continue;
    // In the region, or in one that it took over.
    if (LeadsTo(after.regions(), site.region(), region.name())) ++sites;
  }
  if (sites == 0) return absl::OkStatus();
  return StillNeeded(absl::StrCat(sites, " sites would stand in ",
                                  successor.has_value()
                                      ? absl::StrCat(*successor, ", which has no desk")
                                      : std::string("no region"),
                                  " on ", FormatDate(day)))
      .WithMetadata("sites", absl::StrCat(sites));
}

}  // namespace trialgate::directory
