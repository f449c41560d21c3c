#include "tools/cli/words.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;

absl::Time At(const std::string& utc) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", utc, &time, nullptr));
  return time;
}

Screen ScreenAt(const std::string& utc, absl::TimeZone zone = absl::UTCTimeZone()) {
  return {.now = At(utc), .zone = zone};
}

google::protobuf::Timestamp Stamp(const std::string& utc) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(At(utc)));
  return stamp;
}

TEST(WordsTest, EnumerationsAreWordsWithoutTheirPrefix) {
  EXPECT_EQ(Word(v1::TRIAL_KIND_MEDICINAL_PRODUCT), "medicinal product");
  EXPECT_EQ(Word(v1::PHASE_PHASE1_PHASE2), "phase 1/2");
  EXPECT_EQ(Word(v1::TRIAL_KIND_UNSPECIFIED), "");
  EXPECT_EQ(Word(static_cast<v1::Phase>(77)), "77") << "a newer server's value is shown";
}

TEST(WordsTest, EnumerationsAreReadInAnyCaseAndSpelling) {
  EXPECT_EQ(*ParseWord<v1::RefusalReason>("no-staff"), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_EQ(*ParseWord<v1::RefusalReason>("NO_STAFF"), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_EQ(*ParseWord<v1::RefusalReason>("REFUSAL_REASON_NO_STAFF"), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_EQ(*ParseWord<v1::Phase>("phase1/phase2"), v1::PHASE_PHASE1_PHASE2);
}

TEST(WordsTest, AnUnknownWordListsTheChoices) {
  const auto parsed = ParseWord<v1::Urgency>("soon");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("NORMAL, EXPEDITED, RARE_DISEASE"));
  EXPECT_FALSE(ParseWord<v1::Urgency>("UNSPECIFIED").ok());
  EXPECT_FALSE(ParseWord<v1::Urgency>("").ok());
}

TEST(WordsTest, SpansAreToldInTheirTwoLargestUnits) {
  EXPECT_EQ(Span(absl::Hours(76)), "3 d 4 h");
  EXPECT_EQ(Span(absl::Hours(72)), "3 d");
  EXPECT_EQ(Span(absl::Minutes(252)), "4 h 12 min");
  EXPECT_EQ(Span(absl::Minutes(-12)), "12 min");
  EXPECT_EQ(Span(absl::Seconds(59)), "less than a minute");
}

TEST(WordsTest, AMidnightIsTheEndOfTheDayBefore) {
  const Screen screen = ScreenAt("2026-11-24 20:00");
  const auto due = Stamp("2026-11-28 00:00");
  EXPECT_EQ(DueWord(&due, screen), "end of 2026-11-27 (due in 3 d 4 h)");
}

TEST(WordsTest, TimesStandInTheReadersZone) {
  const absl::TimeZone zone = absl::FixedTimeZone(3600);
  const Screen screen = ScreenAt("2026-11-27 15:05", zone);
  const auto time = Stamp("2026-11-27 13:05");
  EXPECT_THAT(PastWord(&time, screen), testing::StartsWith("2026-11-27 14:05"));
  EXPECT_THAT(PastWord(&time, screen), HasSubstr("(2 h ago)"));
  EXPECT_THAT(DueWord(&time, screen), HasSubstr("(overdue by 2 h)"));
}

TEST(WordsTest, AProbabilityThatIsNotCertainNeverLooksSo) {
  EXPECT_EQ(Percent(0.618), "62%");
  EXPECT_EQ(Percent(0.999), "> 99%");
  EXPECT_EQ(Percent(0.001), "< 1%");
  EXPECT_EQ(Percent(1), "100%");
  EXPECT_EQ(Percent(0), "0%");
}

TEST(WordsTest, NamesMayBeGivenByTheirId) {
  EXPECT_EQ(FullName("organizations", "acme"), "organizations/acme");
  EXPECT_EQ(FullName("organizations", "organizations/acme"), "organizations/acme");
  EXPECT_EQ(FullName("organizations", ""), "");
  EXPECT_EQ(FullReferralName("req1/ref1"), "trialRequests/req1/referrals/ref1");
  EXPECT_EQ(FullReferralName("trialRequests/req1/referrals/ref1"),
            "trialRequests/req1/referrals/ref1");
  EXPECT_EQ(ReferralId("trialRequests/req1/referrals/ref1"), "req1/ref1");
  EXPECT_EQ(Id("desks/north/contacts/anna"), "anna");
}

}  // namespace
}  // namespace trialgate::cli
