#include "services/directory/edit_rights.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/directory/validity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

bool IsAt(const v1::Principal& principal, absl::string_view desk) {
  const auto& desks = principal.desks();
  return principal.role() == v1::ROLE_COORDINATOR &&
         std::find(desks.begin(), desks.end(), desk) != desks.end();
}

absl::Status Denied(absl::string_view whose, absl::string_view what) {
  return Error(
      absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
      absl::StrCat("only a coordinator of ", whose, ", or a national one, may change ", what));
}

}  // namespace

absl::Status MayEditSite(const v1::Principal& principal, const DirectorySnapshot& directory,
                         absl::string_view region, absl::CivilDay today, absl::string_view what) {
  if (principal.role() == v1::ROLE_NATIONAL) return absl::OkStatus();
  const auto stands = directory.RegionOn(region, today);
  const v1::Desk* desk = stands.has_value() ? directory.RegionalDeskOn(*stands, today) : nullptr;
  if (desk != nullptr && IsAt(principal, desk->name())) return absl::OkStatus();
  return Denied(desk == nullptr ? "the site's regional desk" : desk->name(), what);
}

absl::Status MayEditDesk(const v1::Principal& principal, absl::string_view desk,
                         absl::string_view what) {
  if (principal.role() == v1::ROLE_NATIONAL || IsAt(principal, desk)) return absl::OkStatus();
  return Denied(desk, what);
}

absl::Status MayEditRegion(const v1::Principal& principal, const DirectorySnapshot& directory,
                           absl::string_view region, absl::CivilDay today) {
  if (principal.role() == v1::ROLE_NATIONAL) return absl::OkStatus();
  for (const auto& [name, desk] : directory.desks()) {
    const auto& regions = desk->regions();
    if (IsAt(principal, name) &&
        std::find(regions.begin(), regions.end(), region) != regions.end() &&
        ValidityOn("", desk->valid_to(), today) != Validity::kEnded) {
      return absl::OkStatus();
    }
  }
  return Denied("a desk that answers for it", "this region");
}

}  // namespace trialgate::directory
