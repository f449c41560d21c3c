#include "services/access/cda.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"

namespace trialgate::access {
namespace {

constexpr std::size_t kMaxIdBytes = 63;

}  // namespace

bool IsInForce(const v1::Cda& cda, absl::CivilDay day) {
  if (cda.has_revoke_time()) return false;
  const auto effective = ParseDate(cda.effective_date());
  if (!effective.ok() || day < *effective) return false;
  if (cda.expiry_date().empty()) return true;
  const auto expiry = ParseDate(cda.expiry_date());
  return expiry.ok() && day <= *expiry;
}

bool IsCdaName(absl::string_view name) {
  return absl::ConsumePrefix(&name, "cdas/") && !name.empty() && name.size() <= kMaxIdBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
         });
}

}  // namespace trialgate::access
