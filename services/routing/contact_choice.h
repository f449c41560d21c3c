// Which person at a desk is asked, and why.
#ifndef TRIALGATE_SERVICES_ROUTING_CONTACT_CHOICE_H_
#define TRIALGATE_SERVICES_ROUTING_CONTACT_CHOICE_H_

#include <string>

#include "absl/time/civil_time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/contact_duty.h"
#include "services/directory/directory_snapshot.h"
#include "services/routing/open_referrals.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::routing {

struct ContactChoice {
  // nullptr: neither the desk nor the secretariat has anybody.
  const v1::Contact* contact = nullptr;
  // In words, for coordinators and requesters.
  std::string reason;
};

using directory::IsOnDuty;

// The contact of `desk` for a request that wants `specialities`, sent on `day`.
//
// Whoever was erased, has left, or of whom nobody is known, is nobody. The candidates are the
// contacts that cover a speciality wanted, if any contact of the desk does; else all. Of the
// candidates on duty the one with the fewest open referrals is asked, then the first by name. Is
// none of them on duty: the first deputy on duty, of the candidates in the same order, each one's
// deputies as listed; else the lead, if on duty; else the secretariat's lead, or the lead's first
// deputy on duty, or the secretariat's lead even so, or where it has none its first contact by
// name: somebody is asked, where there is anybody.
ContactChoice ChooseContact(const v1::Desk& desk,
                            const google::protobuf::RepeatedPtrField<std::string>& specialities,
                            const directory::DirectorySnapshot& directory,
                            const OpenReferrals& open_referrals, absl::CivilDay day);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_CONTACT_CHOICE_H_
