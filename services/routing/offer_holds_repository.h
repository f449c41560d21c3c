// The slots behind offers, in the ledgers of their sites: placed, confirmed and given back within
// the unit of work that changes the offers. A ledger is read guarded: of two that want the same
// slot one is refused by the store, runs again, and finds it taken.
#ifndef TRIALGATE_SERVICES_ROUTING_OFFER_HOLDS_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_OFFER_HOLDS_REPOSITORY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/store/unit_of_work.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// The months in which an offer needs a slot.
struct HoldMonths {
  absl::CivilMonth first;
  int count = 0;
};

// Those of an offer that starts on `earliest_start`, for `recruitment_months` calendar months: from
// the first day's month to that of the last day before the end.
HoldMonths MonthsOf(const std::string& earliest_start, int recruitment_months);

// An offer and the referral that makes it.
struct PlacedOffer {
  std::string referral;
  v1::Offer* offer;
};

// Holds one slot in each month for each firm offer of `offers` and sets every status: HELD, or
// NOT_HELD for tentative ones. FAILED_PRECONDITION (NO_FREE_SLOT) names every site and month that
// is full; nothing of `work` may be committed then.
absl::Status PlaceHolds(store::UnitOfWork* work, int recruitment_months,
                        const std::vector<PlacedOffer>& offers);

// What a NO_FREE_SLOT error names: a requester learns of capacity only as met or not.
enum class FullDetail { kSites, kSitesAndMonths };

// Makes the slots of selected offers occupied: held ones are confirmed, those of tentative offers
// taken now. Sets the status CONFIRMED. FAILED_PRECONDITION (NO_FREE_SLOT) as PlaceHolds, with as
// much as `detail` says.
absl::Status ConfirmHolds(store::UnitOfWork* work, int recruitment_months,
                          const std::vector<PlacedOffer>& offers, FullDetail detail);

// Gives back what the offers hold or occupy, and sets the status RELEASED; one that is released is
// left alone.
absl::Status ReleaseHolds(store::UnitOfWork* work, const std::vector<PlacedOffer>& offers);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_OFFER_HOLDS_REPOSITORY_H_
