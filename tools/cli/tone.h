// Colours by what they mean. A colour never says what the words beside it do not say.
#ifndef TRIALGATE_TOOLS_CLI_TONE_H_
#define TRIALGATE_TOOLS_CLI_TONE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace trialgate::cli {

enum class Tone {
  kPlain,
  kStrong,  // headings
  kFaint,   // what is over, or beside the point
  kGood,    // free, done
  kSoon,    // held, or due within a day
  kBad,     // late, overdue, over-booked
  kTaken,   // occupied
};

// `text` in the colour of `tone` where `colour` is on, else as it is. Empty text stays empty.
std::string Tinted(absl::string_view text, Tone tone, bool colour);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TONE_H_
