// Texts as they are compared where case, encoding and punctuation must not count.
#ifndef TRIALGATE_COMMON_BASE_FOLDED_TEXT_H_
#define TRIALGATE_COMMON_BASE_FOLDED_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trialgate {

// The words of `text`, UTF-8, so that words which look alike are the same: maximal runs of letters
// and digits after compatibility normalization and case folding (Unicode NFKC_Casefold), without
// marks ("Ö" is "o"), with digits of every script as 0 to 9, and letters of other scripts as those
// that they are taken for (the skeletons of Unicode Technical Standard 39). Not for showing: "m"
// becomes "rn". Bytes that are not UTF-8 end a word.
std::vector<std::string> LookalikeWords(absl::string_view text);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_FOLDED_TEXT_H_
