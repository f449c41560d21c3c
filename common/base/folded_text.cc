#include "common/base/folded_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <cstdio>
#include <cstdlib>

namespace trialgate {
namespace {

[[noreturn]] void NoData(const char* what) {
  std::fprintf(stderr, "ICU has no data for %s\n", what);
  std::abort();
}

const icu::Normalizer2& CaseFold() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error) != 0) NoData("NFKC_Casefold");
  return *fold;
}

bool IsInWord(UChar32 c) {
  constexpr std::uint32_t kWordClasses = U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK;
  return c != 0xFFFD && (U_GET_GC_MASK(c) & kWordClasses) != 0;
}

const icu::Normalizer2& Decomposition() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFDInstance(error);
  if (U_FAILURE(error) != 0) NoData("NFD");
  return *decompose;
}

const USpoofChecker& Skeletons() {
  static const USpoofChecker* const kChecker = [] {
    UErrorCode error = U_ZERO_ERROR;
    const USpoofChecker* const checker = uspoof_open(&error);
    if (U_FAILURE(error) != 0) NoData("confusables");
    return checker;
  }();
  return *kChecker;
}

icu::UnicodeString Folded(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString folded = CaseFold().normalize(
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size()))),
      error);
  return U_SUCCESS(error) != 0 ? folded : icu::UnicodeString();
}

std::vector<std::string> WordsOf(const icu::UnicodeString& text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (int i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (IsInWord(c)) {
      if (!in_word) words.emplace_back();
      icu::UnicodeString(c).toUTF8String(words.back());
    }
    in_word = IsInWord(c);
  }
  return words;
}

}  // namespace

std::vector<std::string> LookalikeWords(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = Decomposition().normalize(Folded(text), error);
  icu::UnicodeString bare;
  for (int i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) continue;
    const int digit = u_charDigitValue(c);
    bare.append(digit >= 0 ? static_cast<UChar32>('0' + digit) : c);
  }
  std::vector<std::string> words = WordsOf(bare);
  for (std::string& word : words) {
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(&Skeletons(), 0, icu::UnicodeString::fromUTF8(word), skeleton,
                                    &error);
    if (U_FAILURE(error) != 0) NoData("a skeleton");
    // The skeleton of a small letter may be a capital one.
    std::string text_of_skeleton;
    skeleton.toUTF8String(text_of_skeleton);
    word.clear();
    Folded(text_of_skeleton).toUTF8String(word);
  }
  return words;
}

}  // namespace trialgate
