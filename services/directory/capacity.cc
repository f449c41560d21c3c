#include "services/directory/capacity.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/month.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using MonthUses = std::map<absl::CivilMonth, SlotUse>;

// Every month with any use. A month that cannot be read counts nowhere: records are checked before
// they are stored.
MonthUses Uses(const v1::SiteCapacity& capacity) {
  MonthUses uses;
  for (const v1::MonthUse& use : capacity.months()) {
    if (use.occupied_declared() == 0) continue;
    if (const auto month = ParseMonth(use.month()); month.ok()) {
      uses[*month].declared += use.occupied_declared();
    }
  }
  for (const v1::CapacityHold& hold : capacity.holds()) {
    const auto first = ParseMonth(hold.first_month());
    if (!first.ok()) continue;
    for (int i = 0; i < hold.months(); ++i) {
      SlotUse& use = uses[*first + i];
      ++(hold.state() == v1::HOLD_STATE_CONFIRMED ? use.confirmed : use.held);
    }
  }
  return uses;
}

int FreeIn(const v1::SiteCapacity& capacity, const MonthUses& uses, absl::CivilMonth month) {
  const auto found = uses.find(month);
  return capacity.slots() - (found == uses.end() ? 0 : found->second.total());
}

std::string Months(const std::vector<absl::CivilMonth>& months, absl::string_view separator) {
  return absl::StrJoin(months, separator, [](std::string* out, absl::CivilMonth month) {
    absl::StrAppend(out, FormatMonth(month));
  });
}

std::string SiteOf(const v1::SiteCapacity& capacity) {
  return std::string(absl::StripSuffix(capacity.name(), "/capacity"));
}

v1::CapacityHold* FindHold(absl::string_view referral, v1::SiteCapacity* capacity) {
  for (v1::CapacityHold& hold : *capacity->mutable_holds()) {
    if (hold.referral() == referral) return &hold;
  }
  return nullptr;
}

absl::Status WrongState(absl::string_view referral, const v1::SiteCapacity& capacity,
                        absl::string_view event, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE, message)
      .WithMetadata("referral", referral)
      .WithMetadata("site", SiteOf(capacity))
      .WithMetadata("event", event);
}

absl::Status Place(absl::string_view referral, absl::CivilMonth first, int months,
                   v1::HoldState state, v1::SiteCapacity* capacity) {
  if (months < 1 || months > kMaxHoldMonths) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_OUT_OF_RANGE,
                 absl::StrCat("slots can be held for 1 to ", kMaxHoldMonths, " months"));
  }
  if (FindHold(referral, capacity) != nullptr) {
    return WrongState(referral, *capacity, "place", "the referral has a hold at this site already");
  }
  auto full = FullMonths(*capacity, first, months);
  if (!full.empty()) return NoFreeSlotError({{SiteOf(*capacity), std::move(full)}});
  v1::CapacityHold* hold = capacity->add_holds();
  hold->set_referral(std::string(referral));
  hold->set_first_month(FormatMonth(first));
  hold->set_months(months);
  hold->set_state(state);
  return absl::OkStatus();
}

// The months of `changed` that are overbooked and may not be.
std::vector<absl::CivilMonth> RefusedMonths(const v1::SiteCapacity& before,
                                            const v1::SiteCapacity& changed, Overuse overuse) {
  std::vector<absl::CivilMonth> refused;
  if (overuse == Overuse::kForced) return refused;
  const MonthUses uses_before = Uses(before);
  for (const auto& [month, use] : Uses(changed)) {
    const int free = changed.slots() - use.total();
    if (free >= 0) continue;
    const bool only_declared = use.confirmed + use.held == 0;
    if (only_declared && overuse == Overuse::kWhereNothingIsPlaced) continue;
    if (overuse == Overuse::kNotMore && free >= FreeIn(before, uses_before, month)) continue;
    refused.push_back(month);
  }
  return refused;
}

}  // namespace

SlotUse UseIn(const v1::SiteCapacity& capacity, absl::CivilMonth month) {
  const MonthUses uses = Uses(capacity);
  const auto found = uses.find(month);
  return found == uses.end() ? SlotUse() : found->second;
}

int FreeSlots(const v1::SiteCapacity& capacity, absl::CivilMonth month) {
  return FreeIn(capacity, Uses(capacity), month);
}

int LeastFree(const v1::SiteCapacity& capacity, absl::CivilMonth first, int months) {
  const MonthUses uses = Uses(capacity);
  int least = capacity.slots();
  for (int i = 0; i < months; ++i) least = std::min(least, FreeIn(capacity, uses, first + i));
  return least;
}

std::vector<absl::CivilMonth> FullMonths(const v1::SiteCapacity& capacity, absl::CivilMonth first,
                                         int months) {
  const MonthUses uses = Uses(capacity);
  std::vector<absl::CivilMonth> full;
  for (int i = 0; i < months; ++i) {
    if (FreeIn(capacity, uses, first + i) < 1) full.push_back(first + i);
  }
  return full;
}

std::vector<absl::CivilMonth> OverbookedMonths(const v1::SiteCapacity& capacity) {
  std::vector<absl::CivilMonth> overbooked;
  for (const auto& [month, use] : Uses(capacity)) {
    if (use.total() > capacity.slots()) overbooked.push_back(month);
  }
  return overbooked;
}

absl::Status NoFreeSlotError(const std::map<std::string, std::vector<absl::CivilMonth>>& full) {
  std::vector<std::string> sites;
  std::vector<std::string> months;
  for (const auto& [site, site_months] : full) {
    sites.push_back(site);
    months.push_back(absl::StrCat(site, ": ", Months(site_months, " ")));
  }
  Error error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FREE_SLOT,
              absl::StrCat("no free slot at ", absl::StrJoin(months, "; ")));
  error.WithMetadata("sites", absl::StrJoin(sites, ","));
  error.WithMetadata("months", absl::StrJoin(months, "; "));
  for (const auto& [site, site_months] : full) {
    error.WithPrecondition(ReasonName(v1::ERROR_REASON_NO_FREE_SLOT), site,
                           absl::StrCat("full in ", Months(site_months, ", ")));
  }
  return error;
}

absl::Status PlaceHold(absl::string_view referral, absl::CivilMonth first, int months,
                       v1::SiteCapacity* capacity) {
  return Place(referral, first, months, v1::HOLD_STATE_HELD, capacity);
}

absl::Status ConfirmTentative(absl::string_view referral, absl::CivilMonth first, int months,
                              v1::SiteCapacity* capacity) {
  return Place(referral, first, months, v1::HOLD_STATE_CONFIRMED, capacity);
}

absl::Status ConfirmHold(absl::string_view referral, v1::SiteCapacity* capacity) {
  v1::CapacityHold* hold = FindHold(referral, capacity);
  if (hold == nullptr || hold->state() != v1::HOLD_STATE_HELD) {
    return WrongState(referral, *capacity, "confirm", "the referral holds no slots at this site");
  }
  hold->set_state(v1::HOLD_STATE_CONFIRMED);
  return absl::OkStatus();
}

bool ReleaseHold(absl::string_view referral, v1::SiteCapacity* capacity) {
  auto& holds = *capacity->mutable_holds();
  const auto end = std::remove_if(
      holds.begin(), holds.end(),
      [referral](const v1::CapacityHold& hold) { return hold.referral() == referral; });
  const bool found = end != holds.end();
  holds.erase(end, holds.end());
  return found;
}

absl::Status SetSlotsAndDeclared(const v1::SiteCapacity& wanted, Overuse overuse,
                                 v1::SiteCapacity* capacity) {
  v1::SiteCapacity changed = *capacity;
  changed.set_slots(wanted.slots());
  *changed.mutable_months() = wanted.months();
  changed.clear_source();
  if (wanted.has_source()) *changed.mutable_source() = wanted.source();
  changed = Canonical(changed);
  const std::vector<absl::CivilMonth> over = RefusedMonths(*capacity, changed, overuse);
  if (!over.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CAPACITY_IN_USE,
                 absl::StrCat("more than ", wanted.slots(), " slots are occupied or held in ",
                              Months(over, ", "), "; release some first"))
        .WithMetadata("site", SiteOf(*capacity))
        .WithMetadata("months", Months(over, ","));
  }
  if (OverbookedMonths(changed).empty()) changed.clear_overbooked_reason();
  *capacity = std::move(changed);
  return absl::OkStatus();
}

v1::SiteCapacity FillComputed(const v1::SiteCapacity& capacity) {
  v1::SiteCapacity filled = capacity;
  filled.clear_months();
  filled.clear_overbooked_months();
  for (const auto& [month, use] : Uses(capacity)) {
    v1::MonthUse* out = filled.add_months();
    out->set_month(FormatMonth(month));
    out->set_occupied_declared(use.declared);
    out->set_occupied_confirmed(use.confirmed);
    out->set_held(use.held);
    out->set_free(capacity.slots() - use.total());
    if (out->free() < 0) filled.add_overbooked_months(out->month());
  }
  if (filled.overbooked_months().empty()) filled.clear_overbooked_reason();
  return filled;
}

v1::SiteCapacity Canonical(const v1::SiteCapacity& capacity) {
  std::map<std::string, int> declared;
  for (const v1::MonthUse& use : capacity.months()) {
    declared[use.month()] += use.occupied_declared();
  }
  v1::SiteCapacity canonical = capacity;
  canonical.clear_months();
  canonical.clear_overbooked_months();
  canonical.clear_etag();
  for (const auto& [month, occupied] : declared) {
    if (occupied == 0) continue;
    v1::MonthUse* out = canonical.add_months();
    out->set_month(month);
    out->set_occupied_declared(occupied);
  }
  return canonical;
}

}  // namespace trialgate::directory
