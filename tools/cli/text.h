// Text as a terminal shows it: columns instead of bytes.
//
// Text from elsewhere is cleaned first: a title must not be able to move the cursor or to colour
// the screen of who reads it.
#ifndef TRIALGATE_TOOLS_CLI_TEXT_H_
#define TRIALGATE_TOOLS_CLI_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trialgate::cli {

// `text` with each control character (line breaks and tabs too) as one space, and each byte that is
// not part of valid UTF-8 as U+FFFD.
std::string Clean(absl::string_view text);

// As Clean, but keeps line breaks (CR LF becomes LF).
std::string CleanLines(absl::string_view text);

// Columns that the UTF-8 `text` takes: 0 for combining marks, 2 for wide (East Asian, emoji)
// characters, 1 for all else.
int DisplayWidth(absl::string_view text);

// The longest beginning of `text` that takes at most `width` columns; combining marks stay with
// their character.
absl::string_view Prefix(absl::string_view text, int width);

// `text` if it takes at most `width` (>= 1) columns; else its beginning and "…", together at most
// `width` columns.
std::string Cut(absl::string_view text, int width);

// `text` in lines of at most `width` (>= 2) columns: lines that fit as they are, others broken at
// spaces, of which one is left between two words; a word
// that is too long is broken after one of "/,;-_" where there is one, else wherever it must. At
// least one line.
std::vector<std::string> Wrap(absl::string_view text, int width);

// Each line of `text` in lines of at most `width` columns, those after the first indented as it is
// and by two columns more; a line that fits is as it was.
std::string WrapIndented(absl::string_view text, int width);

// `text` filled with spaces to `width` columns, on the right or, for `right_aligned`, on the left.
std::string Pad(absl::string_view text, int width, bool right_aligned = false);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TEXT_H_
