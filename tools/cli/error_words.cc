#include "tools/cli/error_words.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "tools/cli/text.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {

std::string MessageInWords(const absl::Status& status) {
  std::string message = Clean(std::string(status.message()));
  if (ReasonOf(status) != v1::ERROR_REASON_WRONG_STATE) return message;
  // All at once, of which the longest wins: WITHDRAW begins WITHDRAWN.
  std::vector<std::pair<std::string, std::string>> words;
  for (const auto& [key, value] : MetadataOf(status)) {
    if ((key != "state" && key != "event") || value.empty()) continue;
    const std::string word = absl::StrReplaceAll(absl::AsciiStrToLower(value), {{"_", " "}});
    words.emplace_back(value, key == "event" ? absl::StrCat("\"", word, "\"") : word);
  }
  return absl::StrReplaceAll(message, words);
}

std::string WithMonthSpans(const std::string& words) {
  constexpr absl::string_view kFullIn = "full in ";
  if (!absl::StartsWith(words, kFullIn)) return words;
  const std::vector<std::string> months = absl::StrSplit(words.substr(kFullIn.size()), ", ");
  std::vector<std::string> spans;
  absl::CivilMonth last;
  std::string first_word, last_word;
  const auto flush = [&] {
    if (first_word.empty()) return;
    spans.push_back(first_word == last_word ? first_word
                                            : absl::StrCat(first_word, " to ", last_word));
  };
  for (const std::string& word : months) {
    absl::CivilMonth month;
    if (!absl::ParseCivilTime(word, &month)) return words;
    if (first_word.empty() || month != last + 1) {
      flush();
      first_word = word;
    }
    last = month;
    last_word = word;
  }
  flush();
  return absl::StrCat(kFullIn, absl::StrJoin(spans, ", "));
}

}  // namespace trialgate::cli
