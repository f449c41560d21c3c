#include "services/routing/open_referrals.h"

namespace trialgate::routing {
namespace {

std::int64_t Find(const OpenReferrals::Counts& counts, absl::string_view name) {
  const auto found = counts.find(std::string(name));
  return found == counts.end() ? 0 : found->second;
}

template <typename Map>
void AddTo(Map* counts, const typename Map::key_type& key, int by) {
  std::int64_t& count = (*counts)[key];
  count += by;
  if (count == 0) counts->erase(key);
}

void AddDue(OpenReferrals::Due* due, const std::string& desk,
            const google::protobuf::Timestamp& time, int by) {
  AddTo(due, {desk, absl::FromUnixSeconds(time.seconds())}, by);
}

}  // namespace

std::int64_t OpenReferrals::OfContact(absl::string_view contact) const {
  return Find(by_contact, contact);
}

std::int64_t OpenReferrals::OfDesk(absl::string_view desk) const { return Find(by_desk, desk); }

void OpenReferrals::Add(const v1::Referral& referral, int by) {
  AddTo(&by_contact, referral.contact(), by);
  AddTo(&by_desk, referral.desk(), by);
  if (referral.state() == v1::REFERRAL_STATE_SENT) {
    AddDue(&acknowledge_due, referral.desk(), referral.acknowledge_due_time(), by);
  }
  if (referral.state() != v1::REFERRAL_STATE_WAITING) {
    AddDue(&answer_due, referral.desk(), referral.answer_due_time(), by);
  }
}

OpenReferrals::Counts Overdue(const OpenReferrals::Due& due, absl::Time now) {
  OpenReferrals::Counts overdue;
  for (const auto& [key, count] : due) {
    const auto& [desk, time] = key;
    if (time <= now) overdue[desk] += count;
  }
  return overdue;
}

}  // namespace trialgate::routing
