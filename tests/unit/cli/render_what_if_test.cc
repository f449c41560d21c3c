// The screens of what-ifs, as they stand on a terminal of 80 columns without colour.
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tools/cli/render.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

Screen At80() {
  return {.width = 80, .now = absl::FromUnixSeconds(1'800'000'000), .zone = absl::UTCTimeZone()};
}

constexpr char kThreeMonths[] = R"(
    mean: 20.5 p10: 10 p50: 20 p90: 40 probability: 0.25
    months { end: "2027-01-31" p10: 0 p50: 1 p90: 4 probability: 0 }
    months { end: "2027-02-28" p10: 4 p50: 10 p90: 20 probability: 0.0625 }
    months { end: "2027-03-31" p10: 10 p50: 20 p90: 40 probability: 0.25 })";

std::string Forecast(const std::string& dates) {
  return absl::StrCat("forecast { ", kThreeMonths, dates, " }");
}

TEST(RenderForecastTest, DrawsTheBandTheMedianAndThePatientsWanted) {
  const auto report = Parse<v1::FeasibilityReport>(
      absl::StrCat("eligible_count: 3 rests_on_sample: true ", Forecast("date_p50: '2027-03-31'")));
  EXPECT_EQ(RenderForecast(report, 30, At80()),
            "! This rests on SAMPLE values, invented to show how the program works.\n"
            "\n"
            "Recruitment forecast\n"
            "3 eligible sites: 20.5 patients expected, 80% between 10 and 40.\n"
            "patients wanted      30\n"
            "probability          25%\n"
            "as likely as not by  2027-03-31\n"
            "90% likely by        not within the window\n"
            "\n"
            "Recruited by the end of each month\n"
            "BY           P10   P50   P90  PROB  0                                         40\n"
            "2027-01-31     0     1     4    0%  =o===                           |\n"
            "2027-02-28     4    10    20    6%      ======o===========          |\n"
            "2027-03-31    10    20    40   25%            ===========o==========|===========\n"
            "= from P10 to P90, o the median, | the 30 patients wanted; PROB the probability\n"
            "of at least those.\n");
}

TEST(RenderForecastTest, WithoutPatientsWantedThereIsNothingToReach) {
  const auto report =
      Parse<v1::FeasibilityReport>(absl::StrCat("eligible_count: 1 ", Forecast("")));
  EXPECT_EQ(RenderForecast(report, 0, At80()),
            "Recruitment forecast\n"
            "1 eligible site: 20.5 patients expected, 80% between 10 and 40.\n"
            "\n"
            "Recruited by the end of each month\n"
            "BY           P10   P50   P90        0                                         40\n"
            "2027-01-31     0     1     4        =o===\n"
            "2027-02-28     4    10    20            ======o===========\n"
            "2027-03-31    10    20    40                  ===========o======================\n"
            "= from P10 to P90, o the median.\n");
}

TEST(RenderForecastTest, LargeCountsMakeTheDrawingNarrowerAndAreNeverCut) {
  auto report = Parse<v1::FeasibilityReport>(absl::StrCat("eligible_count: 1 ", Forecast("")));
  v1::ForecastMonth* const last = report.mutable_forecast()->mutable_months(2);
  last->set_p90(12345678);
  const std::string text = RenderForecast(report, 30, At80());
  EXPECT_THAT(text, HasSubstr("2027-03-31       10       20 12345678   25%  o====="));
  EXPECT_THAT(text, HasSubstr("=\n= from P10"));
  last->set_p90(std::numeric_limits<std::int64_t>::max());
  const std::string undrawn = RenderForecast(report, 30, At80());
  EXPECT_THAT(undrawn, HasSubstr(" 9223372036854775807   25%\n"));
  EXPECT_THAT(undrawn, Not(HasSubstr("= from P10"))) << "there is no room to draw in";
  for (absl::string_view line : absl::StrSplit(undrawn, '\n')) EXPECT_LE(DisplayWidth(line), 80);
}

TEST(RenderForecastTest, WithoutMonthsNothingIsDrawn) {
  const auto report = Parse<v1::FeasibilityReport>("forecast { mean: 2 p10: 1 p90: 3 }");
  EXPECT_THAT(RenderForecast(report, 30, At80()), Not(HasSubstr("Recruited")));
}

TEST(RenderVariantsTest, StandSideBySideWithWhatDiffersInBrackets) {
  const auto compared = Parse<v1::CompareTrialRequestsResponse>(R"(
    variants { label: "asked" eligible_count: 12 near_miss_count: 4 expected_patients: 20.5
               forecast { p10: 10 p50: 20 p90: 40 probability: 0.25 date_p50: "2028-01-31" }
               earliest_start: "2027-03-01"
               failed { criterion: CRITERION_PHASE sites: 7 }
               failed { criterion: CRITERION_CAPACITY }
               top_sites { site: "sites/ouh-onco" score: 81.25 } }
    variants { label: "also children" eligible_count: 9 near_miss_count: 6 expected_patients: 15
               forecast { p10: 7 p50: 14 p90: 30 probability: 0.125 }
               earliest_start: "2027-02-01"
               difference { sites_gained: 1 sites_lost: 4 expected_patients: -5.5 p10: -3 p50: -6
                            p90: -10 probability: -0.125 start_days: -28 } }
    variants { label: "nowhere" difference { sites_lost: 12 } rests_on_sample: true })");
  EXPECT_EQ(RenderVariants(compared, At80()),
            "! This rests on SAMPLE values, invented to show how the program works.\n"
            "\n"
            "Variants side by side; in brackets compared with the first\n"
            "             asked          also children          nowhere\n"
            "eligible     12             9 (+1 -4)              0 (+0 -12)\n"
            "near misses  4              6                      0\n"
            "expected     20.5           15.0 (-5.5)            0.0 (0.0)\n"
            "P10          10             7                      0\n"
            "P50          20             14 (-6)                0 (0)\n"
            "P90          40             30                     0\n"
            "probability  25%            12% (-12.5 points)     0% (0.0 points)\n"
            "50% by       2028-01-31     –                      –\n"
            "90% by       –              –                      –\n"
            "starts       2027-03-01     2027-02-01 (-28 days)  –\n"
            "best sites   81.2 ouh-onco\n"
            "fail         phase 7\n");
}

TEST(RenderVariantsTest, ThoseWithoutRoomBesideTheOthersStandBelow) {
  v1::CompareTrialRequestsResponse compared;
  for (int i = 1; i <= 8; ++i) {
    v1::VariantSummary* const variant = compared.add_variants();
    variant->set_label(absl::StrCat("variant ", i));
    variant->set_earliest_start("2027-03-01");
    if (i > 1) variant->mutable_difference()->set_start_days(-100);
  }
  const std::string text = RenderVariants(compared, At80());
  EXPECT_THAT(text, HasSubstr("starts       2027-03-01  2027-03-01 (-100 days)  2027-03-01"));
  EXPECT_THAT(text, HasSubstr("\n\n             variant 4"));
  EXPECT_THAT(text, HasSubstr("\n\n             variant 7"));
  Screen wide = At80();
  wide.wide = true;
  EXPECT_THAT(RenderVariants(compared, wide), testing::ContainsRegex("variant 1 .*variant 8"));
}

TEST(RenderPortfolioTest, SaysWhoIsChosenWhatEachAddsAndWhetherItIsTheBest) {
  const auto plan = Parse<v1::PlanPortfolioResponse>(
      absl::StrCat(R"(reached: true optimal: true probability_asked: 0.2 candidates: 9
      candidates_considered: 9 caveats: "slots of sites/b are invented"
      sites { site: "sites/ouh-onco" display_name: "Onkologisk Afdeling R, Odense"
              expected_patients: 12.5 earliest_start: "2027-03-01" probability_added: 0.2
              forecast { p10: 5 p90: 20 } }
      sites { site: "sites/b" display_name: "B" expected_patients: 8 rests_on_sample: true
              earliest_start: "2027-04-15" probability_added: 0.125 forecast { p10: 2 p90: 14 } })",
                   Forecast("")));
  EXPECT_EQ(RenderPortfolio(plan, 30, At80()),
            "! slots of sites/b are invented\n"
            "\n"
            "Portfolio\n"
            "2 sites reach 30 patients with a probability of 20%: 25%.\n"
            "Chosen from 9 of 9 eligible sites; no other set within the limits is better.\n"
            "       ADDS  EXP.  80% BETWEEN  START       SITE\n"
            "20.0 points  12.5  5 and 20     2027-03-01  ouh-onco\n"
            "                                            Onkologisk Afdeling R, Odense\n"
            "12.5 points   8.0  2 and 14     2027-04-15  b (sample)\n"
            "                                            B\n"
            "\n"
            "Recruited by the end of each month\n"
            "BY           P10   P50   P90  PROB  0                                         40\n"
            "2027-01-31     0     1     4    0%  =o===                           |\n"
            "2027-02-28     4    10    20    6%      ======o===========          |\n"
            "2027-03-31    10    20    40   25%            ===========o==========|===========\n"
            "= from P10 to P90, o the median, | the 30 patients wanted; PROB the probability\n"
            "of at least those.\n");
}

TEST(RenderPortfolioTest, SaysThatTheGoalIsOutOfReachAndWhy) {
  const auto plan = Parse<v1::PlanPortfolioResponse>(R"(
    probability_asked: 0.8 candidates: 700 candidates_considered: 500
    regions_without_site: "regions/north" forecast { probability: 0.5 })");
  EXPECT_EQ(RenderPortfolio(plan, 30, At80()),
            "Portfolio\n"
            "No set of sites within the limits reaches 30 patients with a probability of 80%.\n"
            "The closest is 50%.\n"
            "Chosen from 500 of 700 eligible sites, by adding what helps most and exchanging.\n"
            "No site is eligible in north.\n");
}

TEST(RenderAnswerTest, DrawsTheForecastOverTheSitesOffered) {
  v1::TrialRequest request;
  request.set_patients_wanted(30);
  const std::string offered = absl::StrCat(
      "version: 1 sites { site: 'sites/a' outcome: SITE_OUTCOME_OFFERED } ", Forecast(""));
  const std::string text = RenderAnswer(Parse<v1::CollatedAnswer>(offered), request, At80());
  EXPECT_THAT(text, HasSubstr("  25%            ===========o==========|===========\n"));
  EXPECT_THAT(
      RenderAnswer(Parse<v1::CollatedAnswer>("version: 1 " + Forecast("")), request, At80()),
      Not(HasSubstr("Recruited")))
      << "nothing is offered";
}

TEST(RenderReplayTest, SaysWhetherTheBytesAreTheSameAndWhereNot) {
  auto replayed = Parse<v1::ReplayFeasibilityReportResponse>(R"(
    name: "trialRequests/r1/reports/2" same: true request_revision: 2 directory_commit: 17
    policy_version: 3 today: "2026-11-24" engine_version: 2)");
  replayed.set_stored_sha256(std::string(64, 'a'));
  replayed.set_computed_sha256(std::string(64, 'a'));
  EXPECT_EQ(RenderReplay(replayed, At80()),
            "Replay of trialRequests/r1/reports/2\n"
            "The same inputs give the same bytes.\n"
            "directory       as of commit 17\n"
            "today           2026-11-24\n"
            "revision        2\n"
            "policy          3\n"
            "engine          2\n"
            "stored SHA-256  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
            "computed        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
  replayed.set_same(false);
  replayed.add_differing_fields("eligible[3].score");
  replayed.add_differing_fields("caveats");
  const std::string text = RenderReplay(replayed, At80());
  EXPECT_THAT(text, HasSubstr("The same inputs give OTHER bytes."));
  EXPECT_THAT(text, HasSubstr("eligible[3].score, caveats\n"));
}

}  // namespace
}  // namespace trialgate::cli
