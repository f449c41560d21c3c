// Flat TOML files: keys with simple values, no tables.
#ifndef TRIALGATE_COMMON_CONFIG_TOML_FILE_H_
#define TRIALGATE_COMMON_CONFIG_TOML_FILE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace trialgate::config {

// By key. Texts as they are, whole numbers and booleans as one writes them; none for a value of
// another type.
using TomlValues = std::map<std::string, std::optional<std::string>>;

// NOT_FOUND: it cannot be opened. INVALID_ARGUMENT: it is no TOML; the message says where.
absl::StatusOr<TomlValues> ReadTomlFile(const std::string& path);

}  // namespace trialgate::config

#endif  // TRIALGATE_COMMON_CONFIG_TOML_FILE_H_
