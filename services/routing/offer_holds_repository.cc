#include "services/routing/offer_holds_repository.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using FullMonthsBySite = std::map<std::string, std::vector<absl::CivilMonth>>;

// The ledger of a site; without slots where nobody has set any.
absl::StatusOr<v1::SiteCapacity> LedgerOf(store::UnitOfWork* work, const std::string& site) {
  const std::string name = absl::StrCat(site, "/capacity");
  ABSL_ASSIGN_OR_RETURN(auto row, work->Get(directory::SiteCapacities(), name));
  if (row.has_value()) return std::move(row->value);
  v1::SiteCapacity none;
  none.set_name(name);
  return none;
}

absl::Status PutLedger(store::UnitOfWork* work, const v1::SiteCapacity& ledger) {
  return work->Put(directory::SiteCapacities(), ledger.name(), ledger);
}

// One slot in each month, by `place`; full months are added to `full` instead.
using Place = absl::Status (*)(absl::string_view, absl::CivilMonth, int, v1::SiteCapacity*);
absl::Status TakeSlots(store::UnitOfWork* work, const PlacedOffer& placed, int recruitment_months,
                       Place place, FullMonthsBySite* full) {
  const std::string& site = placed.offer->site();
  const HoldMonths months = MonthsOf(placed.offer->earliest_start(), recruitment_months);
  ABSL_ASSIGN_OR_RETURN(v1::SiteCapacity ledger, LedgerOf(work, site));
  std::vector<absl::CivilMonth> full_months =
      directory::FullMonths(ledger, months.first, months.count);
  if (!full_months.empty()) {
    auto& named = (*full)[site];
    named.insert(named.end(), full_months.begin(), full_months.end());
    return absl::OkStatus();
  }
  ABSL_RETURN_IF_ERROR(place(placed.referral, months.first, months.count, &ledger));
  return PutLedger(work, ledger);
}

absl::Status RefuseIfFull(const FullMonthsBySite& full, FullDetail detail) {
  if (full.empty()) return absl::OkStatus();
  if (detail == FullDetail::kSitesAndMonths) return directory::NoFreeSlotError(full);
  std::vector<std::string> sites;
  for (const auto& [site, months] : full) sites.push_back(site);
  Error error(
      absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FREE_SLOT,
      absl::StrCat("no free slot for the whole recruitment at ", absl::StrJoin(sites, ", ")));
  error.WithMetadata("sites", absl::StrJoin(sites, ","));
  for (const std::string& site : sites) {
    error.WithPrecondition(ReasonName(v1::ERROR_REASON_NO_FREE_SLOT), site, "is full");
  }
  return error;
}

}  // namespace

HoldMonths MonthsOf(const std::string& earliest_start, int recruitment_months) {
  const auto start = ParseDate(earliest_start);
  if (!start.ok() || recruitment_months < 1) return {};
  const absl::CivilMonth first(*start);
  const absl::CivilMonth last(AddMonths(*start, recruitment_months) - 1);
  return {first, static_cast<int>(last - first) + 1};
}

absl::Status PlaceHolds(store::UnitOfWork* work, int recruitment_months,
                        const std::vector<PlacedOffer>& offers) {
  FullMonthsBySite full;
  for (const PlacedOffer& placed : offers) {
    if (placed.offer->firmness() != v1::OFFER_FIRMNESS_FIRM) {
      placed.offer->set_status(v1::OFFER_STATUS_NOT_HELD);
      continue;
    }
    placed.offer->set_status(v1::OFFER_STATUS_HELD);
    ABSL_RETURN_IF_ERROR(TakeSlots(work, placed, recruitment_months, directory::PlaceHold, &full));
  }
  return RefuseIfFull(full, FullDetail::kSitesAndMonths);
}

absl::Status ConfirmHolds(store::UnitOfWork* work, int recruitment_months,
                          const std::vector<PlacedOffer>& offers, FullDetail detail) {
  FullMonthsBySite full;
  for (const PlacedOffer& placed : offers) {
    if (placed.offer->status() == v1::OFFER_STATUS_HELD) {
      ABSL_ASSIGN_OR_RETURN(v1::SiteCapacity ledger, LedgerOf(work, placed.offer->site()));
      ABSL_RETURN_IF_ERROR(directory::ConfirmHold(placed.referral, &ledger));
      ABSL_RETURN_IF_ERROR(PutLedger(work, ledger));
    } else {
      ABSL_RETURN_IF_ERROR(
          TakeSlots(work, placed, recruitment_months, directory::ConfirmTentative, &full));
    }
    placed.offer->set_status(v1::OFFER_STATUS_CONFIRMED);
  }
  return RefuseIfFull(full, detail);
}

absl::Status ReleaseHolds(store::UnitOfWork* work, const std::vector<PlacedOffer>& offers) {
  for (const PlacedOffer& placed : offers) {
    const v1::OfferStatus status = placed.offer->status();
    if (status == v1::OFFER_STATUS_HELD || status == v1::OFFER_STATUS_CONFIRMED) {
      ABSL_ASSIGN_OR_RETURN(v1::SiteCapacity ledger, LedgerOf(work, placed.offer->site()));
      if (directory::ReleaseHold(placed.referral, &ledger)) {
        ABSL_RETURN_IF_ERROR(PutLedger(work, ledger));
      }
    }
    placed.offer->set_status(v1::OFFER_STATUS_RELEASED);
  }
  return absl::OkStatus();
}

}  // namespace trialgate::routing
