#include "services/access/cda.h"

#include "gtest/gtest.h"

namespace trialgate::access {
namespace {

using Day = absl::CivilDay;

v1::Cda Agreed(const char* from, const char* to) {
  v1::Cda cda;
  cda.set_effective_date(from);
  cda.set_expiry_date(to);
  return cda;
}

TEST(CdaTest, ItIsInForceFromTheFirstToTheLastDay) {
  const v1::Cda cda = Agreed("2026-11-01", "2026-11-30");
  EXPECT_FALSE(IsInForce(cda, Day(2026, 10, 31)));
  EXPECT_TRUE(IsInForce(cda, Day(2026, 11, 1)));
  EXPECT_TRUE(IsInForce(cda, Day(2026, 11, 30)));
  EXPECT_FALSE(IsInForce(cda, Day(2026, 12, 1)));
}

TEST(CdaTest, WithoutALastDayItGoesOn) {
  EXPECT_TRUE(IsInForce(Agreed("2026-11-01", ""), Day(2099, 1, 1)));
}

TEST(CdaTest, ARevokedOneIsNotInForce) {
  v1::Cda cda = Agreed("2026-11-01", "");
  cda.mutable_revoke_time()->set_seconds(1);
  EXPECT_FALSE(IsInForce(cda, Day(2026, 11, 2)));
}

TEST(CdaTest, OneWhoseDatesCannotBeReadShowsNothing) {
  EXPECT_FALSE(IsInForce(Agreed("", ""), Day(2026, 11, 2)));
  EXPECT_FALSE(IsInForce(Agreed("2026-11-01", "soon"), Day(2026, 11, 2)));
}

TEST(CdaTest, NamesAreOfTheirCollection) {
  EXPECT_TRUE(IsCdaName("cdas/2abc-7"));
  for (const char* name : {"", "cdas", "cdas/", "cdas/A", "cdas/a/b", "desks/a", "cdas/a|b"}) {
    EXPECT_FALSE(IsCdaName(name)) << name;
  }
}

}  // namespace
}  // namespace trialgate::access
