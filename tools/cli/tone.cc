#include "tools/cli/tone.h"

#include "absl/strings/str_cat.h"

namespace trialgate::cli {
namespace {

// Parameters of the terminal's "select graphic rendition": those that all terminals know, in the
// reader's own shades.
absl::string_view Code(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kStrong:
      return "1";
    case Tone::kFaint:
      return "2";
    case Tone::kGood:
      return "32";
    case Tone::kSoon:
      return "33";
    case Tone::kBad:
      return "1;31";
    case Tone::kTaken:
      return "34";
  }
  return "";
}

}  // namespace

std::string Tinted(absl::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain || text.empty()) return std::string(text);
  return absl::StrCat("\x1B[", Code(tone), "m", text, "\x1B[0m");
}

}  // namespace trialgate::cli
