#include "common/base/folded_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <cstdlib>

namespace trialgate {
namespace {

const icu::Normalizer2& CaseFold() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error) != 0) {
    std::fprintf(stderr, "ICU has no data for NFKC_Casefold\n");
    std::abort();
  }
  return *fold;
}

bool IsInWord(UChar32 c) {
  constexpr std::uint32_t kWordClasses = U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK;
  return c != 0xFFFD && (U_GET_GC_MASK(c) & kWordClasses) != 0;
}

}  // namespace

std::vector<std::string> FoldedWords(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString folded = CaseFold().normalize(
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size()))),
      error);
  std::vector<std::string> words;
  bool in_word = false;
  for (int i = 0; U_SUCCESS(error) != 0 && i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (IsInWord(c)) {
      if (!in_word) words.emplace_back();
      icu::UnicodeString(c).toUTF8String(words.back());
    }
    in_word = IsInWord(c);
  }
  return words;
}

}  // namespace trialgate
