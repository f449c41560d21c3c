// How much work lies with whom.
#ifndef TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_
#define TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Numbers of open referrals (referral_state.h); names with none may be absent.
struct OpenReferrals {
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  Counts by_contact;
  Counts by_desk;

  std::int64_t OfContact(absl::string_view contact) const;
  std::int64_t OfDesk(absl::string_view desk) const;

  // Counts `referral`, which is open, once more (`by` 1) or once less (-1).
  void Add(const v1::Referral& referral, int by);
};

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_
