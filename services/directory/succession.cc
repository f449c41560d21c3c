#include "services/directory/succession.h"

#include <algorithm>
#include <optional>

namespace trialgate::directory {

const v1::Desk* DeskInChargeOn(const DirectorySnapshot& directory, absl::string_view desk,
                               absl::CivilDay day) {
  const v1::Desk* const stands = directory.DeskOn(desk, day);
  if (stands == nullptr || stands->kind() != v1::DESK_KIND_REGION) return stands;
  const auto is_valid = [&](const std::string& region) {
    return directory.RegionOn(region, day) == region;
  };
  if (std::any_of(stands->regions().begin(), stands->regions().end(), is_valid)) return stands;
  for (const std::string& region : stands->regions()) {
    const std::optional<std::string> successor = directory.RegionOn(region, day);
    if (!successor.has_value()) continue;
    const v1::Desk* const regional = directory.RegionalDeskOn(*successor, day);
    if (regional != nullptr) return regional;
  }
  return stands;
}

std::map<std::string, const v1::Desk*> SucceededDesksOn(const DirectorySnapshot& directory,
                                                        absl::CivilDay day) {
  std::map<std::string, const v1::Desk*> succeeded;
  for (const auto& [name, desk] : directory.desks()) {
    const v1::Desk* const in_charge = DeskInChargeOn(directory, name, day);
    if (in_charge != nullptr && in_charge->name() != name) succeeded.emplace(name, in_charge);
  }
  return succeeded;
}

}  // namespace trialgate::directory
