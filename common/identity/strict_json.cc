#include "common/identity/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

// Walks through a document without keeping it, and stops at the first thing that is not permitted.
class Checker : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool key(string_t& name) override { return names_.back().insert(name).second; }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool Enter() {
    names_.emplace_back();
    return names_.size() <= kMaxJsonDepth;
  }
  bool Leave() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;  // of the members of what is open; of arrays none
};

}  // namespace

std::optional<json> ParseJsonObject(absl::string_view text) {
  // The library skips a byte order mark, and takes a zero byte for the end, whatever follows.
  if (absl::StartsWith(text, "\xEF\xBB\xBF") || absl::StrContains(text, '\0')) return std::nullopt;
  Checker checker;
  if (!json::sax_parse(text.begin(), text.end(), &checker)) return std::nullopt;
  json document = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return std::nullopt;
  return document;
}

std::optional<std::string> TextMember(const json& object, absl::string_view name) {
  const auto member = object.find(std::string(name));
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

}  // namespace trialgate::identity
