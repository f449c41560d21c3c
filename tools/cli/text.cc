#include "tools/cli/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "unicode/uchar.h"

namespace trialgate::cli {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

// Length in bytes of the valid UTF-8 sequence at the start of `text`, with its code point; 0 if
// there is none (overlong forms, surrogates and what lies beyond U+10FFFF included).
std::size_t Decode(absl::string_view text, char32_t* code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned char first = byte(0);
  if (first < 0x80) {
    *code = first;
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || text.size() < length) return 0;
  char32_t value = first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    value = (value << 6) | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
  *code = value;
  return length;
}

// Marks that stand on the character before them, and invisible formatting.
bool IsZeroWidth(UChar32 code) {
  constexpr std::uint32_t kMarks = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  return (U_GET_GC_MASK(code) & kMarks) != 0;
}

int WidthOf(char32_t character) {
  if (character < 0x300) return 1;
  const auto code = static_cast<UChar32>(character);
  if (IsZeroWidth(code)) return 0;
  const int width = u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// Characters that steer a terminal, or turn the direction of what follows.
bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

std::string CleanKeeping(absl::string_view text, bool keep_line_breaks) {
  std::string cleaned;
  cleaned.reserve(text.size());
  while (!text.empty()) {
    char32_t code = 0;
    const std::size_t length = Decode(text, &code);
    if (length == 0) {
      cleaned += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    const bool line_end = text.substr(0, 2) == "\r\n";
    if (keep_line_breaks && (code == '\n' || line_end)) {
      cleaned += '\n';
      text.remove_prefix(line_end ? 2 : 1);
      continue;
    }
    if (IsControl(code)) {
      cleaned += ' ';
    } else {
      cleaned.append(text.data(), length);
    }
    text.remove_prefix(length);
  }
  return cleaned;
}

// Where to break a word that is longer than `width`: after the last separator in the second half of
// what fits, so that names break between their parts; else where it is full.
std::size_t BreakWord(absl::string_view word, int width) {
  const absl::string_view fits = Prefix(word, width);
  if (fits.empty()) return word.size();
  const std::size_t at = fits.find_last_of("/,;-_");
  return at != absl::string_view::npos && at + 1 >= fits.size() / 2 ? at + 1 : fits.size();
}

void WrapLine(absl::string_view line, int width, std::vector<std::string>* lines) {
  if (DisplayWidth(line) <= width) {
    lines->emplace_back(line);
    return;
  }
  std::string current;
  int used = 0;
  const auto flush = [&] {
    lines->push_back(current);
    current.clear();
    used = 0;
  };
  while (true) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == absl::string_view::npos) break;
    line.remove_prefix(start);
    absl::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    const int word_width = DisplayWidth(word);
    if (used > 0 && used + 1 + word_width > width) flush();
    if (used > 0) {
      current += ' ';
      ++used;
    }
    while (DisplayWidth(word) > width) {
      const std::size_t at = BreakWord(word, width);
      lines->emplace_back(word.substr(0, at));
      word.remove_prefix(at);
    }
    current.append(word.data(), word.size());
    used += DisplayWidth(word);
  }
  flush();
}

}  // namespace

std::string Clean(absl::string_view text) { return CleanKeeping(text, false); }

std::string CleanLines(absl::string_view text) { return CleanKeeping(text, true); }

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    char32_t code = 0;
    const std::size_t length = Decode(text, &code);
    width += length == 0 ? 1 : WidthOf(code);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return width;
}

absl::string_view Prefix(absl::string_view text, int width) {
  std::size_t end = 0;
  int used = 0;
  while (end < text.size()) {
    char32_t code = 0;
    const std::size_t length = Decode(text.substr(end), &code);
    used += length == 0 ? 1 : WidthOf(code);
    if (used > width) break;
    end += std::max<std::size_t>(length, 1);
  }
  return text.substr(0, end);
}

std::string Cut(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string cut(Prefix(text, width - 1));
  while (!cut.empty() && cut.back() == ' ') cut.pop_back();
  return cut + "…";
}

std::vector<std::string> Wrap(absl::string_view text, int width) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    WrapLine(text.substr(0, end), width, &lines);
    if (end == absl::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string WrapIndented(absl::string_view text, int width) {
  std::string wrapped;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const absl::string_view line = text.substr(0, end);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string further(indent + 2, ' ');
    bool first = true;
    for (const std::string& part :
         Wrap(line.substr(indent), std::max(2, width - static_cast<int>(indent) - 2))) {
      if (DisplayWidth(line) <= width) break;
      wrapped += (first ? std::string(indent, ' ') : further) + part + '\n';
      first = false;
    }
    if (first) wrapped += std::string(line) + '\n';
    if (end == absl::string_view::npos) {
      wrapped.pop_back();
      break;
    }
    text.remove_prefix(end + 1);
  }
  return wrapped;
}

std::string Pad(absl::string_view text, int width, bool right_aligned) {
  const std::string space(std::max(0, width - DisplayWidth(text)), ' ');
  return right_aligned ? space + std::string(text) : std::string(text) + space;
}

}  // namespace trialgate::cli
