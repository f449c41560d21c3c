#include "services/operations/backup_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace trialgate::operations {
namespace {

constexpr std::size_t kMaxBytes = 63;

}  // namespace

bool IsBackupName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxBytes || name.front() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

}  // namespace trialgate::operations
