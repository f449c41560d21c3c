#include "common/config/edit_distance.h"

#include <algorithm>
#include <numeric>

namespace trialgate::config {

int EditDistance(absl::string_view from, absl::string_view to) {
  std::vector<int> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const int replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string NearestOf(absl::string_view name, const std::vector<std::string>& known) {
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](const auto& left, const auto& right) {
        return EditDistance(name, left) < EditDistance(name, right);
      });
  return nearest == known.end() ? std::string() : *nearest;
}

}  // namespace trialgate::config
