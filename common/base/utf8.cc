#include "common/base/utf8.h"

namespace trialgate {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes of the UTF-8 sequence that `text`, which is not empty, begins with; 0: it begins with none.
std::size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) >= 0xA0;
  const bool beyond = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool IsUtf8(absl::string_view text) { return Utf8PrefixLength(text) == text.size(); }

std::size_t Utf8PrefixLength(absl::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t length = SequenceLength(text.substr(end));
    if (length == 0) break;
    end += length;
  }
  return end;
}

std::string ShortenUtf8(absl::string_view text, std::size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const absl::string_view next = length == 0 ? kReplacement : text.substr(0, length);
    if (next.size() > max_bytes - result.size()) break;
    result.append(next.data(), next.size());
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string CleanUtf8(absl::string_view text) { return ShortenUtf8(text, absl::string_view::npos); }

}  // namespace trialgate
