#include "services/routing/open_referrals.h"

namespace trialgate::routing {
namespace {

std::int64_t Find(const OpenReferrals::Counts& counts, absl::string_view name) {
  const auto found = counts.find(std::string(name));
  return found == counts.end() ? 0 : found->second;
}

void AddTo(OpenReferrals::Counts* counts, const std::string& name, int by) {
  std::int64_t& count = (*counts)[name];
  count += by;
  if (count == 0) counts->erase(name);
}

}  // namespace

std::int64_t OpenReferrals::OfContact(absl::string_view contact) const {
  return Find(by_contact, contact);
}

std::int64_t OpenReferrals::OfDesk(absl::string_view desk) const { return Find(by_desk, desk); }

void OpenReferrals::Add(const v1::Referral& referral, int by) {
  AddTo(&by_contact, referral.contact(), by);
  AddTo(&by_desk, referral.desk(), by);
}

}  // namespace trialgate::routing
