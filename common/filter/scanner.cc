#include "common/filter/scanner.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace trialgate::filter {
namespace {

bool IsControl(absl::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return true;
  // U+0080 to U+009F.
  return byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

bool IsOfPath(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }

bool IsOfBare(char c) {
  constexpr absl::string_view kNever = " \"'`()[]{},;*!=<>\\";
  return kNever.find(c) == absl::string_view::npos;
}

}  // namespace

std::optional<Fault> CheckText(absl::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return Fault{max_bytes, absl::StrCat("must be at most ", max_bytes, " bytes long")};
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsControl(text, i)) return Fault{i, "control characters are not permitted"};
  }
  return std::nullopt;
}

std::size_t Scanner::SkipSpaces() {
  const std::size_t from = at_;
  while (!done() && text_[at_] == ' ') ++at_;
  return at_ - from;
}

absl::string_view Scanner::TakePath() {
  const std::size_t from = at_;
  while (!done() && IsOfPath(text_[at_])) ++at_;
  return text_.substr(from, at_ - from);
}

absl::string_view Scanner::TakeBare() {
  const std::size_t from = at_;
  while (!done() && IsOfBare(text_[at_])) ++at_;
  return text_.substr(from, at_ - from);
}

std::optional<Fault> TakeField(absl::Span<const Field> fields, Scanner* scanner,
                               std::size_t* field) {
  const std::size_t start = scanner->offset();
  const absl::string_view path = scanner->TakePath();
  if (path.empty()) return Fault{start, "the name of a field is expected here"};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (path == absl::string_view(fields[i].path)) {
      *field = i;
      return std::nullopt;
    }
  }
  std::string known;
  for (const Field& one : fields) absl::StrAppend(&known, known.empty() ? "" : ", ", one.path);
  return Fault{start, absl::StrCat("no such field; there are ", known)};
}

}  // namespace trialgate::filter
