// Sets of the sites of a block, a bit for each.
//
//   Bits eligible = all.AndNot(failed);
//   eligible.ForEach([&](int site) { ... });
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_BITS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_BITS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace trialgate::feasibility {

// Dense: with a thousand sites a word of 64 is hardly ever empty where it matters. Loops of a fixed
// length over whole words are what compilers make vector code of.
struct alignas(64) Bits {
  static constexpr int kSites = 1024;
  static constexpr std::size_t kWords = kSites / 64;

  std::array<std::uint64_t, kWords> words{};

  // The first `count` sites.
  static Bits First(int count) {
    Bits bits;
    for (std::size_t i = 0; i < kWords; ++i) {
      const int left = count - static_cast<int>(i) * 64;
      bits.words[i] = left >= 64  ? ~std::uint64_t{0}
                      : left <= 0 ? 0
                                  : (std::uint64_t{1} << left) - 1;
    }
    return bits;
  }

  void Set(int site) { words[Word(site)] |= Mask(site); }
  bool Test(int site) const { return (words[Word(site)] & Mask(site)) != 0; }

  Bits& operator&=(const Bits& other) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] &= other.words[i];
    return *this;
  }
  Bits& operator|=(const Bits& other) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] |= other.words[i];
    return *this;
  }
  // These without those.
  Bits AndNot(const Bits& other) const {
    Bits result;
    for (std::size_t i = 0; i < kWords; ++i) result.words[i] = words[i] & ~other.words[i];
    return result;
  }
  friend Bits operator&(Bits a, const Bits& b) { return a &= b; }
  friend Bits operator|(Bits a, const Bits& b) { return a |= b; }

  int Count() const;
  bool Any() const {
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) any |= word;
    return any != 0;
  }

  // Calls `use` with each site, ascending.
  template <typename Use>
  void ForEach(Use use) const {
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
        use(static_cast<int>(i) * 64 + __builtin_ctzll(word));
      }
    }
  }

 private:
  static std::size_t Word(int site) { return static_cast<std::size_t>(site) / 64; }
  static std::uint64_t Mask(int site) { return std::uint64_t{1} << (site % 64); }
};

// Counts, of several sets, the sites that are in one at least and in two at least.
struct OnesAndTwos {
  Bits ones;
  Bits twos;

  void Add(const Bits& bits) {
    twos |= ones & bits;
    ones |= bits;
  }
  Bits ExactlyOne() const { return ones.AndNot(twos); }
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_BITS_H_
