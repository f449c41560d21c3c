#include "common/obs/log.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/secret.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::obs {
namespace {

using testing::SizeIs;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    SetLogSink([this](absl::string_view line) { lines_.emplace_back(line); });
  }
  ~LogTest() override {
    SetLogSink(nullptr);
    SetLogLevel(Level::kInfo);
  }

  std::vector<std::string> lines_;
};

TEST_F(LogTest, ALineIsOneJsonObjectWithItsFieldsInOrder) {
  LogLine(Level::kWarning, "thing").With("text", "a\nb \"c\"").With("n", 3).With("yes", true);
  ASSERT_THAT(lines_, SizeIs(1));
  const auto json = nlohmann::json::parse(lines_[0]);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["event"], "thing");
  EXPECT_EQ(json["text"], "a\nb \"c\"");
  EXPECT_EQ(json["n"], 3);
  EXPECT_EQ(json["yes"], true);
  EXPECT_EQ(lines_[0].find('\n'), std::string::npos);
  EXPECT_EQ(lines_[0].find("{\"ts\":\""), 0u);
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, json["ts"].get<std::string>(), &time, nullptr));
}

// Whether a line takes a value of this type.
template <typename Value>
constexpr bool kCanBeLogged = requires(LogLine& line, Value value) {
  line.With("key", value);
};

TEST_F(LogTest, NoTextGetsInUnlessItIsSaidToBePublic) {
  static_assert(!kCanBeLogged<std::string>);
  static_assert(!kCanBeLogged<const std::string&>);
  static_assert(!kCanBeLogged<absl::string_view>);
  static_assert(!kCanBeLogged<std::vector<std::string>>);
  static_assert(!kCanBeLogged<Secret>);
  static_assert(kCanBeLogged<Public>);
  static_assert(kCanBeLogged<int> && kCanBeLogged<bool> && kCanBeLogged<double>);
  LogLine(Level::kInfo, "thing").With("said", Public(std::string("by name"))).With("flag", false);
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(lines_[0])["said"], "by name");
  EXPECT_EQ(nlohmann::json::parse(lines_[0])["flag"], false);
}

TEST_F(LogTest, BytesThatAreNotUtf8AreReplaced) {
  LogLine(Level::kInfo, "thing").With("text", Public(std::string("a\xff\xfe z")));
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_TRUE(nlohmann::json::accept(lines_[0]));
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  SetLogLevel(Level::kWarning);
  LogLine(Level::kInfo, "dropped").With("n", 1);
  LogLine(Level::kError, "kept");
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(lines_[0])["event"], "kept");
}

TEST_F(LogTest, LevelsHaveNames) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    EXPECT_EQ(ParseLevel(LevelName(level)), level);
  }
  EXPECT_EQ(ParseLevel("loud"), std::nullopt);
}

}  // namespace
}  // namespace trialgate::obs
