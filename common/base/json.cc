#include "common/base/json.h"

#include <nlohmann/json.hpp>
#include <set>

#include "common/base/utf8.h"

namespace trialgate {
namespace {

using nlohmann::json;

constexpr int kNumberOutOfRange = 406;  // the library's id of that error

// Walks through a document without keeping it: the library's own parser builds it once this has
// passed.
class Checker : public nlohmann::json_sax<json> {
 public:
  Checker(int max_depth, std::vector<JsonFault>* faults) : max_depth_(max_depth), faults_(faults) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& name) override {
    if (!names_.back().insert(name).second && repeated_ < kMaxRepeatedMembersTold) {
      ++repeated_;
      faults_->push_back({JsonFault::Kind::kRepeatedMember, 0, name});
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception& error) override {
    // The library counts the byte that it stumbled over.
    const std::size_t offset = position == 0 ? 0 : position - 1;
    if (error.id == kNumberOutOfRange) {
      faults_->push_back({JsonFault::Kind::kNumberTooLarge, offset, ""});
    } else {
      faults_->push_back({JsonFault::Kind::kNotJson, offset, last_token});
    }
    return false;
  }

 private:
  bool Enter() {
    names_.emplace_back();
    if (names_.size() <= static_cast<std::size_t>(max_depth_)) return true;
    faults_->push_back({JsonFault::Kind::kTooDeep, 0, ""});
    return false;
  }

  bool Leave() {
    names_.pop_back();
    return true;
  }

  const int max_depth_;
  std::vector<JsonFault>* const faults_;
  std::size_t repeated_ = 0;
  std::vector<std::set<std::string>> names_;  // of the members of what is open; of arrays none
};

}  // namespace

std::optional<json> ReadJson(absl::string_view text, int max_depth,
                             std::vector<JsonFault>* faults) {
  const std::size_t before = faults->size();
  if (const std::size_t valid = Utf8PrefixLength(text); valid < text.size()) {
    faults->push_back({JsonFault::Kind::kNotUtf8, valid, ""});
    return std::nullopt;
  }
  Checker checker(max_depth, faults);
  if (!json::sax_parse(text.begin(), text.end(), &checker)) return std::nullopt;
  // The library takes a zero byte behind the value for the end, whatever follows.
  if (const std::size_t zero = text.find('\0'); zero != absl::string_view::npos) {
    faults->push_back({JsonFault::Kind::kNotJson, zero, std::string(1, '\0')});
  }
  if (faults->size() != before) return std::nullopt;
  return json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

}  // namespace trialgate
