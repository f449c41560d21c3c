// Lists, and the tables of referrals.
#include "tools/cli/render.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

Screen AnyScreen() {
  return {.now = absl::FromCivil(absl::CivilHour(2026, 11, 24, 20), absl::UTCTimeZone()),
          .zone = absl::UTCTimeZone()};
}

TEST(RenderInboxTest, SaysWhatIsDueNextAndHowToNameIt) {
  const auto list = Parse<v1::ListReferralsResponse>(R"(
    referrals { name: "trialRequests/r1/referrals/f1" state: REFERRAL_STATE_SENT title: "A study" desk: "desks/north"
                contact: "desks/north/contacts/anna" sites: "sites/a" sites: "sites/b"
                acknowledge_due_time { seconds: 1795737600 } # 2026-11-27 00:00 UTC
                answer_due_time { seconds: 1796083200 } }
    referrals { name: "trialRequests/r2/referrals/f2" state: REFERRAL_STATE_ACKNOWLEDGED
                answer_due_time { seconds: 1795500000 } })");
  EXPECT_EQ(RenderInbox(list, AnyScreen()),
            "DUE           STATE         DESK, CONTACT  REFERRAL\n"
            "acknowledge   sent          north          A study\n"
            "in 2 d 4 h    2 sites       anna           r1/f1\n"
            "answer        acknowledged\n"
            "overdue 14 h                               r2/f2\n");
  Screen narrow = AnyScreen();
  narrow.width = 80;
  EXPECT_EQ(RenderInbox(list, narrow),
            "DUE           REFERRAL\n"
            "acknowledge   A study\n"
            "in 2 d 4 h    r1/f1\n"
            "              sent, 2 sites, north/anna\n"
            "answer\n"
            "overdue 14 h  r2/f2\n"
            "              acknowledged\n");
}

v1::ListReferralsResponse WaitingReferrals() {
  return Parse<v1::ListReferralsResponse>(R"(
    referrals { name: "trialRequests/r1/referrals/f1" state: REFERRAL_STATE_WAITING title: "One"
                desk: "desks/north" waiting_for: WAITING_FOR_REQUESTER
                answer_due_time { seconds: 1796083200 } }
    referrals { name: "trialRequests/r2/referrals/f2" state: REFERRAL_STATE_WAITING title: "Two"
                desk: "desks/north" waiting_for: WAITING_FOR_AUTHORITY
                waiting_authority: "Ethics" answer_due_time { seconds: 1796083200 } }
    referrals { name: "trialRequests/r3/referrals/f3" state: REFERRAL_STATE_ANSWERED late: true
                desk: "desks/north" contact: "desks/north/contacts/bo" sites: "sites/a" })");
}

TEST(RenderInboxTest, WhatWaitsSaysForWhom) {
  Screen screen = AnyScreen();
  EXPECT_THAT(RenderInbox(WaitingReferrals(), screen),
              testing::AllOf(HasSubstr("for requester"), HasSubstr("for Ethics")));
  screen.width = 80;
  EXPECT_THAT(RenderInbox(WaitingReferrals(), screen),
              testing::AllOf(HasSubstr("waiting for the requester's reply\n"),
                             HasSubstr("waiting for Ethics\n"),
                             HasSubstr("answered, late\n"
                                       "                r3/f3\n"
                                       "                1 site, bo\n")));
  screen.wide = true;
  EXPECT_THAT(RenderInbox(WaitingReferrals(), screen), HasSubstr("the requester's reply"));
}

TEST(RenderInboxTest, WhatIsExpeditedIsMarkedAndACutTitleLeavesItsNameWhole) {
  v1::ListReferralsResponse list = WaitingReferrals();
  list.mutable_referrals(0)->set_title(std::string(300, 'a'));
  const std::string id(53, 'f');
  list.mutable_referrals(0)->set_name("trialRequests/" + id.substr(0, 26) + "/referrals/" +
                                      id.substr(0, 26));
  const Urgencies urgencies = {{"trialRequests/" + id.substr(0, 26), v1::URGENCY_EXPEDITED}};
  for (const int width : {80, 100, 120}) {
    Screen screen = AnyScreen();
    screen.width = width;
    const std::string text = RenderInbox(list, urgencies, screen);
    EXPECT_THAT(text, HasSubstr("[expedited] aaa"));
    EXPECT_THAT(text, HasSubstr(" " + id.substr(0, 26) + "/" + id.substr(0, 26) + "\n")) << text;
  }
}

TEST(RenderRequestTest, ItsReferralsSayAtWhichDeskTheyStandAndWhatIsDue) {
  v1::TrialRequest request;
  request.set_name("trialRequests/r1");
  request.add_referrals("trialRequests/r1/referrals/f1");
  EXPECT_THAT(RenderRequest(request, AnyScreen()), HasSubstr("Referrals (1)\n  r1/f1\n"));
  const std::string text = RenderRequest(request, WaitingReferrals(), AnyScreen());
  EXPECT_THAT(text, HasSubstr("  DESK   CONTACT  STATE                  "));
  EXPECT_THAT(text, HasSubstr("waiting, for Ethics"));
  EXPECT_THAT(text, HasSubstr("  north  bo       answered, late, 1 site"));
  EXPECT_THAT(text, HasSubstr("trialgate referral show r1/REFERRAL"));
}

TEST(RenderRequestTest, AnIdeaSaysFromWhomItComes) {
  v1::TrialRequest request;
  request.mutable_submitter()->set_display_name("Ib Idé");
  request.mutable_submitter()->set_email("ib@idea.example");
  EXPECT_THAT(RenderRequest(request, AnyScreen()), HasSubstr("idea of  Ib Idé, ib@idea.example\n"));
}

TEST(RenderDirectoryTest, ListsPutEachValueUnderItsHeader) {
  EXPECT_EQ(RenderSiteList(Parse<v1::ListSitesResponse>(R"(
              sites { name: "sites/a" display_name: "Site A" region: "regions/north"
                      specialities: "urologi" specialities: "kirurgi" })"),
                           AnyScreen()),
            "SITE  REGION  SPECIALITIES      HOSPITAL\n"
            "a     north   urologi, kirurgi  Site A\n");
  EXPECT_EQ(RenderDeskList(Parse<v1::ListDesksResponse>(R"(
              desks { name: "desks/north" display_name: "North" kind: DESK_KIND_REGION
                      valid_to: "2026-12-31" })"),
                           AnyScreen()),
            "DESK   KIND    VALID          NAME\n"
            "north  region  to 2026-12-31  North\n");
  EXPECT_EQ(RenderRegionList(Parse<v1::ListRegionsResponse>(R"(
              regions { name: "regions/east" display_name: "East" country: "DK"
                        valid_from: "2027-01-01" successor: "regions/all" })"),
                             AnyScreen()),
            "REGION  NAME  COUNTRY  VALID            SUCCESSOR\n"
            "east    East  DK       from 2027-01-01  all\n");
  EXPECT_EQ(RenderOrganizationList(Parse<v1::ListOrganizationsResponse>(R"(
              organizations { name: "organizations/acme" display_name: "Acme" country: "DK"
                              type: ORGANIZATION_TYPE_COMPANY size: COMPANY_SIZE_SMALL })"),
                                   AnyScreen()),
            "ORGANIZATION  NAME  STATE     TYPE     SIZE   COUNTRY\n"
            "acme          Acme  approved  company  small  DK\n");
}

TEST(RenderRequestListTest, ShowsWhenTheAnswerIsDueOrWhichThereIs) {
  EXPECT_EQ(RenderRequestList(Parse<v1::ListTrialRequestsResponse>(R"(
              trial_requests { name: "trialRequests/r1" state: TRIAL_REQUEST_STATE_ROUTED
                               answer_due_time { seconds: 1795737600 }
                               create_time { seconds: 1795500000 } title: "One"
                               urgency: URGENCY_EXPEDITED requester: "organizations/acme" }
              trial_requests { name: "trialRequests/r2" state: TRIAL_REQUEST_STATE_ANSWERED
                               answer_version: 2 blinded_title: "Two" })"),
                              AnyScreen()),
            "STATE       ANSWER      REQUEST\n"
            "routed      in 2 d 4 h  [expedited] One\n"
            "2026-11-24              r1  acme\n"
            "answered    version 2   Two\n"
            "                        r2\n");
}

TEST(RenderDirectoryTest, ANarrowListPutsNamesUnderIdsAndAWideOneHasFurtherColumns) {
  const auto sites = Parse<v1::ListSitesResponse>(R"(
    sites { name: "sites/a" display_name: "Urologisk Afdeling" hospital: "Århus" city: "Skejby"
            region: "regions/central" specialities: "urologi" capabilities: "mr" })");
  const auto desks = Parse<v1::ListDesksResponse>(R"(
    desks { name: "desks/a" display_name: "Indgang" regions: "regions/central" lead: "desks/a/contacts/bo" })");
  const auto regions = Parse<v1::ListRegionsResponse>(R"(
    regions { name: "regions/a" display_name: "Capital" local_name: "Hovedstaden" })");
  const auto organizations = Parse<v1::ListOrganizationsResponse>(R"(
    organizations { name: "organizations/a" display_name: "Firma" state: ORGANIZATION_STATE_SUSPENDED
                    source { origin: "a register" } })");
  const auto cdas = Parse<v1::ListCdasResponse>(R"(
    cdas { name: "cdas/a" revoke_time { seconds: 1795500000 } revoke_reason: "it ended" })");
  Screen screen = AnyScreen();
  screen.width = 80;
  EXPECT_THAT(RenderSiteList(sites, screen), HasSubstr("\na      central  urologi\nÅrhus\n"));
  EXPECT_THAT(RenderDeskList(desks, screen), HasSubstr("\na\nIndgang\n"));
  EXPECT_THAT(RenderRegionList(regions, screen), HasSubstr("\na\nCapital\n"));
  EXPECT_THAT(RenderOrganizationList(organizations, screen), HasSubstr("suspended"));
  screen.wide = true;
  EXPECT_THAT(RenderSiteList(sites, screen), testing::AllOf(HasSubstr("Skejby"), HasSubstr("mr")));
  EXPECT_THAT(RenderDeskList(desks, screen), testing::AllOf(HasSubstr("central"), HasSubstr("bo")));
  EXPECT_THAT(RenderRegionList(regions, screen), HasSubstr("Hovedstaden"));
  EXPECT_THAT(RenderOrganizationList(organizations, screen), HasSubstr("a register"));
  EXPECT_THAT(RenderCdaList(cdas, screen), HasSubstr("it ended"));
}

TEST(RenderDirectoryTest, WhatIsToBeReviewedSaysWhereAndWhatItIs) {
  const auto list = Parse<v1::ListReviewRemindersResponse>(R"(
    review_reminders { resource: "sites/a/capacity" display_name: "Urologisk Afdeling"
                       region: "regions/central" review_date: "2026-11-20" days_since_review: 4 })");
  EXPECT_EQ(RenderReviews(list, AnyScreen()),
            "REVIEWED    WHAT     RESOURCE\n"
            "2026-11-20           sites/a/capacity\n"
            "4 days ago  central  Urologisk Afdeling\n");
}
}  // namespace
}  // namespace trialgate::cli
