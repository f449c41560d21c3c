// The ledger of a site's slots, as pure functions on its record.
//
// A record keeps the slots, the use that the site declared by month, and the holds. What is
// confirmed, held and free in a month is derived from these (FillComputed) and never stored.
#ifndef TRIALGATE_SERVICES_DIRECTORY_CAPACITY_H_
#define TRIALGATE_SERVICES_DIRECTORY_CAPACITY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

inline constexpr int kMaxSlots = 1000;
inline constexpr int kMaxDeclaredMonths = 240;
// Recruitment runs 60 months at most and may begin within a month.
inline constexpr int kMaxHoldMonths = 61;

// The use of one month by kind.
struct SlotUse {
  int declared = 0;
  int confirmed = 0;
  int held = 0;
  int total() const { return declared + confirmed + held; }
};
SlotUse UseIn(const v1::SiteCapacity& capacity, absl::CivilMonth month);

// slots − occupied − held; negative where more is declared than there are slots.
int FreeSlots(const v1::SiteCapacity& capacity, absl::CivilMonth month);

// The least of FreeSlots over `months` (1 and up) months from `first`.
int LeastFree(const v1::SiteCapacity& capacity, absl::CivilMonth first, int months);

// Those of `months` months from `first` that have no free slot, ascending.
std::vector<absl::CivilMonth> FullMonths(const v1::SiteCapacity& capacity, absl::CivilMonth first,
                                         int months);

// FAILED_PRECONDITION (NO_FREE_SLOT) that names every site (`sites/{id}`) with its full months: in
// metadata "sites" (comma-separated), and "months" ("sites/a: 2026-03 2026-04; sites/b: 2026-05"),
// and as a precondition violation per site.
absl::Status NoFreeSlotError(const std::map<std::string, std::vector<absl::CivilMonth>>& full);

// Sets one slot aside in each of `months` (1 to kMaxHoldMonths) months from `first`, for an offer
// of `referral`, which must have nothing in this ledger yet. Changes nothing unless OK:
//   FAILED_PRECONDITION (NO_FREE_SLOT)  as NoFreeSlotError, for this site;
//   FAILED_PRECONDITION (WRONG_STATE)   the referral has a hold here already;
//   INVALID_ARGUMENT (OUT_OF_RANGE)     `months` is out of range.
absl::Status PlaceHold(absl::string_view referral, absl::CivilMonth first, int months,
                       v1::SiteCapacity* capacity);

// As PlaceHold, but occupied at once: a tentative offer that was selected.
absl::Status ConfirmTentative(absl::string_view referral, absl::CivilMonth first, int months,
                              v1::SiteCapacity* capacity);

// Makes the slots held for `referral` occupied. FAILED_PRECONDITION (WRONG_STATE): it holds none
// here, or they are confirmed already; nothing is changed.
absl::Status ConfirmHold(absl::string_view referral, v1::SiteCapacity* capacity);

// Gives back what `referral` holds or occupies here. Returns whether there was something: of
// several calls only the first finds it.
bool ReleaseHold(absl::string_view referral, v1::SiteCapacity* capacity);

// Months in which more is occupied and held than there are slots, ascending. No hold can be placed
// in them.
std::vector<absl::CivilMonth> OverbookedMonths(const v1::SiteCapacity& capacity);

// Whether use that the site declares may exceed the slots.
enum class Overuse {
  // No.
  kRefused,
  // Yes, in months in which nothing is held or confirmed: a pack tells what is.
  kWhereNothingIsPlaced,
  // In no month by more than before.
  kNotMore,
  // Yes: whoever declares it says why.
  kForced,
};

// Takes slots, declared use and source from `wanted`, which is well-formed (CheckCapacity in
// pack.h), and keeps the holds; and the reason for overbooking, while there is any.
// FAILED_PRECONDITION (CAPACITY_IN_USE), metadata "site" and "months"
// ("2026-03,2026-04"): occupied + held would exceed the slots in these; nothing is changed.
absl::Status SetSlotsAndDeclared(const v1::SiteCapacity& wanted, Overuse overuse,
                                 v1::SiteCapacity* capacity);

// `capacity` as the API shows it: for every month with any use, ascending, what is declared,
// confirmed, held and free; and which months are overbooked, and why.
v1::SiteCapacity FillComputed(const v1::SiteCapacity& capacity);

// `capacity` as it is stored: months ascending, only those with declared use, nothing derived, no
// etag. Two records that mean the same are equal then.
v1::SiteCapacity Canonical(const v1::SiteCapacity& capacity);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_CAPACITY_H_
