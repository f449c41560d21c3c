#include "services/feasibility/window.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WindowTest, OneMonthFromTheFirstOfAMonthIsThatMonthAlone) {
  const Window window = RecruitmentWindow(absl::CivilDay(2026, 3, 1), 1);
  EXPECT_EQ(window.end, absl::CivilDay(2026, 4, 1));
  EXPECT_THAT(window.months, ElementsAre("2026-03"));
}

TEST(WindowTest, AMonthThatIsTouchedByASingleDayCounts) {
  const Window window = RecruitmentWindow(absl::CivilDay(2026, 11, 2), 2);
  EXPECT_EQ(window.end, absl::CivilDay(2027, 1, 2));
  EXPECT_THAT(window.months, ElementsAre("2026-11", "2026-12", "2027-01"));
}

TEST(WindowTest, EndsOnTheMonthsLastDayWhereTheDayDoesNotExist) {
  const Window window = RecruitmentWindow(absl::CivilDay(2028, 1, 31), 1);
  EXPECT_EQ(window.end, absl::CivilDay(2028, 2, 29));
  EXPECT_THAT(window.months, ElementsAre("2028-01", "2028-02"));
}

TEST(WindowTest, WithoutMonthsIsEmpty) {
  EXPECT_THAT(RecruitmentWindow(absl::CivilDay(2026, 3, 1), 0).months, IsEmpty());
  EXPECT_THAT(RecruitmentWindow(absl::CivilDay(2026, 3, 1), -5).months, IsEmpty());
  EXPECT_EQ(OpenMonths(RecruitmentWindow(absl::CivilDay(2026, 3, 1), 0), absl::CivilDay()), 0);
}

TEST(WindowTest, ASiteIsOpenFromTheLaterOfItsReadinessAndTheFirstDay) {
  const Window window = RecruitmentWindow(absl::CivilDay(2026, 3, 1), 1);
  EXPECT_EQ(OpenMonths(window, absl::CivilDay(2026, 1, 1)), 31 / 30.4375);
  EXPECT_EQ(OpenMonths(window, absl::CivilDay(2026, 3, 31)), 1 / 30.4375);
}

TEST(WindowTest, ASiteThatIsReadyAfterTheEndHasNoOpenMonths) {
  const Window window = RecruitmentWindow(absl::CivilDay(2026, 3, 1), 1);
  EXPECT_EQ(OpenMonths(window, absl::CivilDay(2026, 4, 1)), 0);
  EXPECT_EQ(OpenMonths(window, absl::CivilDay(2030, 4, 1)), 0);
}

}  // namespace
}  // namespace trialgate::feasibility
