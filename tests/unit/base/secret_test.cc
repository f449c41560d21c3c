#include "common/base/secret.h"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/obs/log.h"
#include "gtest/gtest.h"

namespace trialgate {
namespace {

// Memory whose bytes are looked at when it is freed; null again from then on.
const void* watched = nullptr;
std::size_t watched_bytes = 0;
bool watched_was_zero = false;

void LookBeforeItGoes(void* memory) {
  if (memory != nullptr && memory == watched) {
    const char* bytes = static_cast<const char*>(memory);
    watched_was_zero = std::all_of(bytes, bytes + watched_bytes, [](char c) { return c == 0; });
    watched = nullptr;
  }
  std::free(memory);
}

template <typename T>
concept Streams = requires(std::ostream& out, const T& value) {
  out << value;
};
template <typename T>
concept Logs = requires(obs::LogLine& line, const T& value) {
  line.With("key", value);
};
template <typename T>
concept Concatenates = requires(const T& value) {
  absl::StrCat(value);
};

// The concepts do find what they look for.
static_assert(Streams<std::string> && Logs<obs::Public> && Concatenates<std::string>);

static_assert(!Streams<Secret>);
static_assert(!Logs<Secret>);
static_assert(!Concatenates<Secret>);
static_assert(!std::convertible_to<Secret, absl::string_view>);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<std::string, Secret>);
static_assert(!std::convertible_to<Secret, bool>);

TEST(SecretTest, RevealsWhatItWasGiven) {
  const Secret secret("pass\0word");
  EXPECT_EQ(secret.Reveal(), "pass");
  EXPECT_EQ(Secret(absl::string_view("a\0b", 3)).Reveal(), absl::string_view("a\0b", 3));
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(secret.empty());
}

TEST(SecretTest, ACopyIsItsOwn) {
  Secret first("first");
  const Secret copy = first;
  first = Secret("second");
  EXPECT_EQ(copy.Reveal(), "first");
  EXPECT_EQ(first.Reveal(), "second");
}

TEST(SecretTest, WhatIsMovedFromIsEmpty) {
  Secret from("text");
  Secret to = std::move(from);
  EXPECT_TRUE(from.empty());  // NOLINT: what it promises
  EXPECT_EQ(to.Reveal(), "text");
  from = std::move(to);
  EXPECT_EQ(from.Reveal(), "text");
}

TEST(SecretTest, AssigningItToItselfKeepsIt) {
  Secret secret("text");
  const Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Reveal(), "text");
}

TEST(SecretTest, AMoveMakesNoSecondCopy) {
  Secret from("text");
  const char* bytes = from.Reveal().data();
  const Secret to = std::move(from);
  EXPECT_EQ(to.Reveal().data(), bytes);
}

TEST(SecretTest, WhatItHeldIsOverwrittenBeforeItIsFreed) {
  {
    const Secret secret("find me if you can");
    watched = secret.Reveal().data();
    watched_bytes = secret.Reveal().size();
  }
  EXPECT_EQ(watched, nullptr) << "not freed";
  EXPECT_TRUE(watched_was_zero);
}

TEST(SecretTest, WhatIsAssignedToIsOverwrittenToo) {
  Secret secret("find me if you can");
  watched = secret.Reveal().data();
  watched_bytes = secret.Reveal().size();
  secret = Secret("other");
  EXPECT_EQ(watched, nullptr) << "not freed";
  EXPECT_TRUE(watched_was_zero);
}

}  // namespace
}  // namespace trialgate

// Every piece of memory of this program passes here on its way out.
void operator delete(void* memory) noexcept { trialgate::LookBeforeItGoes(memory); }
void operator delete(void* memory, std::size_t) noexcept { trialgate::LookBeforeItGoes(memory); }
void* operator new(std::size_t bytes) { return std::malloc(bytes); }
