// Every screen, whatever the message holds: no line wider than the screen, no control character.
#include <functional>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/long_content.h"
#include "tools/cli/render.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

// More than any enumeration of the API has values.
constexpr int kRounds = 12;

struct NamedScreen {
  std::string name;
  // Renders a message that holds long content.
  std::function<std::string(int round, const Screen&)> render;
};

template <typename Message>
Message Filled(int round) {
  Message message;
  FillWithLongContent(round, &message);
  return message;
}

template <typename Message>
NamedScreen Of(const std::string& name, std::string (*render)(const Message&, const Screen&)) {
  return {name, [render](int round, const Screen& screen) {
            return render(Filled<Message>(round), screen);
          }};
}

std::vector<NamedScreen> AllScreens() {
  return {
      Of<v1::TrialRequest>("Request", RenderRequest),
      {"RequestWithReferrals",
       [](int round, const Screen& screen) {
         return RenderRequest(Filled<v1::TrialRequest>(round),
                              Filled<v1::ListReferralsResponse>(round), screen);
       }},
      Of("Decision", RenderDecision),
      Of("RequestList", RenderRequestList),
      Of("Import", RenderImport),
      {"Report",
       [](int round, const Screen& screen) {
         return RenderReport(Filled<v1::FeasibilityReport>(round), 30, screen);
       }},
      Of<v1::CollatedAnswer>("Answer", RenderAnswer),
      {"AnswerOfARequest",
       [](int round, const Screen& screen) {
         return RenderAnswer(Filled<v1::CollatedAnswer>(round), Filled<v1::TrialRequest>(round),
                             screen);
       }},
      Of("Variants", RenderVariants),
      {"Forecast",
       [](int round, const Screen& screen) {
         return RenderForecast(Filled<v1::FeasibilityReport>(round), 30, screen);
       }},
      {"Portfolio",
       [](int round, const Screen& screen) {
         return RenderPortfolio(Filled<v1::PlanPortfolioResponse>(round), 30, screen);
       }},
      Of("Replay", RenderReplay),
      {"Referral",
       [](int round, const Screen& screen) {
         return RenderReferral(Filled<v1::Referral>(round), screen);
       }},
      {"ReferralWithLines",
       [](int round, const Screen& screen) {
         return RenderReferral(Filled<v1::Referral>(round),
                               Filled<v1::ListReferralSitesResponse>(round),
                               {{"sites/a", std::string(300, 'n')}}, screen);
       }},
      Of("ReferralSite", RenderReferralSite),
      Of("Contact", RenderContact),
      Of("Absence", RenderAbsence),
      Of("Reviews", RenderReviews),
      Of("PackDiff", RenderPackDiff),
      Of<v1::ListReferralsResponse>("Inbox", RenderInbox),
      Of("Region", RenderRegion),
      Of("RegionList", RenderRegionList),
      {"Desk",
       [](int round, const Screen& screen) {
         return RenderDesk(Filled<v1::Desk>(round), Filled<v1::ListContactsResponse>(round),
                           screen);
       }},
      Of("DeskList", RenderDeskList),
      Of("Site", RenderSite),
      Of("SiteList", RenderSiteList),
      {"Capacity",
       [](int round, const Screen& screen) {
         return RenderCapacity(Filled<v1::SiteCapacity>(round), screen);
       }},
      Of("Organization", RenderOrganization),
      Of("OrganizationList", RenderOrganizationList),
      {"PackResult",
       [](int round, const Screen& screen) {
         return RenderPackResult(Filled<v1::ApplyPackResponse>(round), round % 2 == 0, screen);
       }},
      Of("AuditList", RenderAuditList),
      Of("Checkpoints", RenderCheckpoints),
      Of("Verification", RenderVerification),
      Of("ServerStatus", RenderServerStatus),
      Of("Backup", RenderBackup),
      Of("Principal", RenderPrincipal),
      Of("Access", RenderAccess),
  };
}

class ScreenBoundsTest : public testing::TestWithParam<NamedScreen> {};

TEST_P(ScreenBoundsTest, NoLineIsWiderThanTheScreenAndNothingSteersTheTerminal) {
  for (const int width : {120, 100, 80}) {
    const Screen screen{
        .width = width, .now = absl::FromUnixSeconds(1'800'000'000), .zone = absl::UTCTimeZone()};
    for (int round = 0; round < kRounds; ++round) {
      const std::string text = GetParam().render(round, screen);
      ASSERT_FALSE(text.empty());
      EXPECT_EQ(CleanLines(text), text) << "control characters got through";
      for (absl::string_view line : absl::StrSplit(text, '\n')) {
        ASSERT_LE(DisplayWidth(line), width) << line;
      }
    }
  }
}

TEST_P(ScreenBoundsTest, AWideScreenCutsNothingInItsTablesAndLetsNothingSteerTheTerminal) {
  const Screen screen{.width = 80,
                      .wide = true,
                      .now = absl::FromUnixSeconds(1'800'000'000),
                      .zone = absl::UTCTimeZone()};
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = GetParam().render(round, screen);
    EXPECT_EQ(CleanLines(text), text);
  }
}

TEST_P(ScreenBoundsTest, ColoursAddNothingButColours) {
  Screen screen{
      .width = 80, .now = absl::FromUnixSeconds(1'800'000'000), .zone = absl::UTCTimeZone()};
  for (int round = 0; round < kRounds; ++round) {
    const std::string plain = GetParam().render(round, screen);
    screen.colour = true;
    std::string coloured = GetParam().render(round, screen);
    screen.colour = false;
    static const std::regex kColour("\x1B\\[[0-9;]*m");
    EXPECT_EQ(std::regex_replace(coloured, kColour, ""), plain);
  }
}

INSTANTIATE_TEST_SUITE_P(AllScreens, ScreenBoundsTest, testing::ValuesIn(AllScreens()),
                         [](const auto& screen) { return screen.param.name; });

}  // namespace
}  // namespace trialgate::cli
