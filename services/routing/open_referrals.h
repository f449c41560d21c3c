// How much work lies with whom.
#ifndef TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_
#define TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Numbers of open referrals (referral_state.h); names with none may be absent.
struct OpenReferrals {
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  Counts by_contact;
  Counts by_desk;

  // By desk and due instant. Instants are midnights, so that these are few however many referrals
  // there are.
  using Due = std::map<std::pair<std::string, absl::Time>, std::int64_t>;
  // Those that nobody has acknowledged yet.
  Due acknowledge_due;
  // Those whose clock goes: of one that is WAITING it stands.
  Due answer_due;

  std::int64_t OfContact(absl::string_view contact) const;
  std::int64_t OfDesk(absl::string_view desk) const;

  // Counts `referral`, which is open, once more (`by` 1) or once less (-1).
  void Add(const v1::Referral& referral, int by);
};

// By desk, how many of `due` were due at `now` or before; desks with none are absent.
OpenReferrals::Counts Overdue(const OpenReferrals::Due& due, absl::Time now);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_OPEN_REFERRALS_H_
