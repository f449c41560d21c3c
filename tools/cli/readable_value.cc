#include "tools/cli/readable_value.h"

#include <cstddef>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "tools/cli/words.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::cli {
namespace {

// The pool finds the constants of such files only as were asked for before.
void LoadFilesOf(const google::protobuf::FileDescriptor& file) {
  for (int i = 0; i < file.dependency_count(); ++i) LoadFilesOf(*file.dependency(i));
}

// The word for a constant of one of the API's enumerations; absent where there is none of that
// name.
std::optional<std::string> ConstantWord(absl::string_view name) {
  LoadFilesOf(*v1::Pack::descriptor()->file());
  const auto* value = google::protobuf::DescriptorPool::generated_pool()->FindEnumValueByName(
      absl::StrCat("trialgate.v1.", name));
  if (value == nullptr) return std::nullopt;
  return EnumWord(*value->type(), value->number());
}

// Reads a message in the text format; only such as the server writes: a value may itself look
// alike.
class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  // The whole as words; absent where it is no message.
  std::optional<std::string> Message() {
    const std::optional<std::string> words = Fields(0);
    return words.has_value() && rest_.empty() ? words : std::nullopt;
  }

 private:
  // No message of the API holds itself, so none is as deep.
  static constexpr int kDeepest = 16;

  bool Take(absl::string_view mark) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    if (!absl::StartsWith(rest_, mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }

  std::string Bare() {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    std::size_t end = 0;
    while (end < rest_.size() && (absl::ascii_isalnum(rest_[end]) || rest_[end] == '_' ||
                                  rest_[end] == '.' || rest_[end] == '-')) {
      ++end;
    }
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }

  // The text after an opening quote, up to the closing one.
  std::optional<std::string> Quoted() {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        std::string text;
        if (!absl::CUnescape(rest_.substr(0, i), &text)) return std::nullopt;
        rest_.remove_prefix(i + 1);
        return text;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> Scalar() {
    if (Take("\"")) return Quoted();
    const std::string word = Bare();
    if (word.empty()) return std::nullopt;
    if (word == "true") return "yes";
    if (word == "false") return "no";
    if (absl::ascii_isdigit(word[0]) || word[0] == '-') return word;
    return ConstantWord(word);
  }

  std::optional<std::string> Fields(int depth) {
    if (depth > kDeepest) return std::nullopt;
    std::string words;
    while (true) {
      rest_ = absl::StripLeadingAsciiWhitespace(rest_);
      if (rest_.empty() || rest_[0] == '}') return words;
      const std::string key = Bare();
      if (key.empty()) return std::nullopt;
      absl::StrAppend(&words, words.empty() ? "" : ", ", absl::StrReplaceAll(key, {{"_", " "}}),
                      " ");
      if (Take("{")) {
        const std::optional<std::string> inner = Fields(depth + 1);
        if (!inner.has_value() || !Take("}")) return std::nullopt;
        absl::StrAppend(&words, "(", *inner, ")");
      } else {
        if (!Take(":")) return std::nullopt;
        const std::optional<std::string> value = Scalar();
        if (!value.has_value()) return std::nullopt;
        words += *value;
      }
    }
  }

  absl::string_view rest_;
};

}  // namespace

std::string ReadableValue(absl::string_view value) {
  if (const auto word = ConstantWord(value); word.has_value()) return *word;
  const std::optional<std::string> message = Reader(value).Message();
  return message.has_value() && !message->empty() ? *message : std::string(value);
}

}  // namespace trialgate::cli
