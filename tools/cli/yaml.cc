#include "tools/cli/yaml.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"

namespace trialgate::cli {
namespace {

using Json = nlohmann::ordered_json;

// Words that YAML 1.1 or 1.2 takes for something else than a text.
bool IsYamlWord(absl::string_view text) {
  static const std::vector<absl::string_view> kWords = {"true", "false", "yes", "no", "on",
                                                        "off",  "null",  "y",   "n",  "~"};
  const std::string lower = absl::AsciiStrToLower(text);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// Begins with a letter, holds nothing that means something to YAML.
bool IsPlain(absl::string_view text) {
  if (text.empty() || text.back() == ' ' || text.back() == ':' || IsYamlWord(text)) return false;
  const auto is_letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || (c & 0x80) != 0;
  };
  if (!is_letter(text.front())) return false;
  if (absl::StrContains(text, ": ") || absl::StrContains(text, " #")) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           absl::StrContains(" ./-_:,;()+#&%'?=@", absl::string_view(&c, 1));
  });
}

// Whether the lines of `text` read the same as a block: no line that begins or ends in a space, or
// holds what steers a terminal.
bool IsBlock(absl::string_view text) {
  if (!absl::StrContains(text, "\n") || text.back() == '\n') return false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && (line.front() == ' ' || line.back() == ' ')) return false;
    if (std::any_of(line.begin(), line.end(),
                    [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
      return false;
  }
  return text.front() != '\n';
}

void Emit(const Json& value, std::size_t indent, std::string* out);

void EmitScalar(const Json& value, std::size_t indent, std::string* out) {
  if (!value.is_string()) {
    absl::StrAppend(out, " ", value.dump(), "\n");
    return;
  }
  const std::string text = YamlText(value.get_ref<const std::string&>());
  bool is_first = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty()) absl::StrAppend(out, std::string(is_first ? 1 : indent + 2, ' '), line);
    *out += '\n';
    is_first = false;
  }
}

bool IsNested(const Json& value) { return value.is_structured() && !value.empty(); }

// The entries of a map or list, each on lines of their own; `first` stands before the first.
void EmitEntries(const Json& value, std::size_t indent, absl::string_view first, std::string* out) {
  const std::string margin(indent, ' ');
  bool is_first = true;
  for (const auto& [key, entry] : value.items()) {
    absl::StrAppend(out, is_first ? first : margin);
    is_first = false;
    if (value.is_array()) {
      *out += '-';
      if (IsNested(entry)) {
        EmitEntries(entry, indent + 2, " ", out);
      } else {
        Emit(entry, indent, out);
      }
    } else {
      absl::StrAppend(out, YamlScalar(key), ":");
      Emit(entry, indent, out);
    }
  }
}

// What stands after "key:" or "-" at `indent`.
void Emit(const Json& value, std::size_t indent, std::string* out) {
  if (!value.is_structured()) return EmitScalar(value, indent, out);
  if (value.empty()) {
    *out += value.is_array() ? " []\n" : " {}\n";
    return;
  }
  *out += '\n';
  const std::size_t below = indent + 2;
  EmitEntries(value, below, std::string(below, ' '), out);
}

}  // namespace

std::string YamlScalar(absl::string_view text) {
  if (IsPlain(text)) return std::string(text);
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string YamlText(absl::string_view text) {
  return IsBlock(text) ? absl::StrCat("|-\n", text) : YamlScalar(text);
}

std::string ToYaml(const Json& document) {
  std::string text;
  if (IsNested(document)) {
    EmitEntries(document, 0, "", &text);
    return text;
  }
  Emit(document, 0, &text);
  return text.substr(1);
}

}  // namespace trialgate::cli
