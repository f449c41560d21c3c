#include "common/config/toml_file.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "toml++/toml.h"

namespace trialgate::config {

absl::StatusOr<TomlValues> ReadTomlFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return absl::NotFoundError("cannot be read");
  try {
    TomlValues values;
    for (const auto& [key, node] : toml::parse(text.str())) {
      std::optional<std::string>& value = values[std::string(key.str())];
      if (const auto* words = node.as_string()) {
        value = words->get();
      } else if (const auto* number = node.as_integer()) {
        value = absl::StrCat(number->get());
      } else if (const auto* yes = node.as_boolean()) {
        value = yes->get() ? "true" : "false";
      }
    }
    return values;
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat("is no TOML: line ", error.source().begin.line,
                                                   ": ", std::string(error.description())));
  }
}

}  // namespace trialgate::config
