#include "services/feasibility/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feasibility/matcher.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::EligibleSite Eligible(const std::string& name, double experience, double headroom) {
  v1::EligibleSite site;
  site.set_site(name);
  site.mutable_parts()->set_experience(experience);
  site.mutable_parts()->set_headroom(headroom);
  site.set_score(experience + headroom);
  return site;
}

TEST(ReportTest, ARequesterDoesNotLearnWhichMonthsAreFull) {
  v1::SiteCapacity capacity = Capacity("a", 1);
  Use(&capacity, "2026-07", 1);
  v1::FeasibilityReport report =
      Match(FittingRequest(), 0, *CountryWith(FittingSite(), capacity), kToday);
  ASSERT_THAT(report.near_misses(0).missing(), ElementsAre("2026-07"));
  HideCapacity(&report);
  EXPECT_EQ(report.near_misses(0).criterion(), v1::CRITERION_CAPACITY);
  EXPECT_THAT(report.near_misses(0).missing(), IsEmpty());
}

TEST(ReportTest, ARequesterStillLearnsWhatElseIsMissing) {
  v1::Site site = FittingSite();
  site.clear_capabilities();
  v1::FeasibilityReport report = Match(FittingRequest(), 0, *CountryWith(site), kToday);
  HideCapacity(&report);
  EXPECT_THAT(report.near_misses(0).missing(), ElementsAre("mri"));
}

TEST(ReportTest, ARequesterCannotTellHeadroomFromPartsScoreOrOrder) {
  v1::FeasibilityReport report;
  *report.add_eligible() = Eligible("sites/b", 6, 10);
  *report.add_eligible() = Eligible("sites/c", 9, 2.5);
  *report.add_eligible() = Eligible("sites/a", 6, 5);
  v1::PlannedReferral* referral = report.add_referrals();
  for (const char* site : {"sites/b", "sites/c", "sites/a"}) referral->add_sites(site);
  HideCapacity(&report);
  ASSERT_EQ(report.eligible_size(), 3);
  EXPECT_EQ(report.eligible(0).site(), "sites/c");
  EXPECT_EQ(report.eligible(0).score(), 9);
  EXPECT_EQ(report.eligible(1).site(), "sites/a");
  EXPECT_EQ(report.eligible(2).site(), "sites/b");
  for (const v1::EligibleSite& site : report.eligible()) EXPECT_EQ(site.parts().headroom(), 0);
  EXPECT_THAT(referral->sites(), ElementsAre("sites/c", "sites/a", "sites/b"));
}

TEST(ReportTest, ADeskSeesOfThePlannedReferralsItsOwn) {
  v1::FeasibilityReport report;
  for (const char* desk : {"desks/a", "desks/b", "desks/c"}) report.add_referrals()->set_desk(desk);
  KeepOwnReferrals({"desks/b", "desks/d"}, &report);
  ASSERT_EQ(report.referrals_size(), 1);
  EXPECT_EQ(report.referrals(0).desk(), "desks/b");
}

TEST(ReportTest, WhoLearnsOfItsOwnSitesCannotTellFromTheRestWhichWereContacted) {
  const auto report_of = [](bool contacted) {
    v1::FeasibilityReport report;
    *report.add_eligible() = Eligible("sites/own", 6, 10);
    report.mutable_eligible(0)->set_region("regions/own");
    *report.add_eligible() = Eligible("sites/asked", 5, 10);
    report.mutable_eligible(1)->set_region("regions/far");
    report.add_referrals()->add_sites("sites/asked");
    for (const char* region : {"regions/own", "regions/far"}) {
      report.add_regions()->set_region(region);
    }
    report.add_near_misses()->set_site("sites/own-contacted");
    report.mutable_near_misses(0)->set_criterion(v1::CRITERION_NOT_CONTACTED);
    v1::CriterionCount* const failed = report.add_failed();
    failed->set_criterion(v1::CRITERION_NOT_CONTACTED);
    failed->set_sites(contacted ? 2 : 1);
    report.mutable_forecast()->set_mean(contacted ? 3 : 4);
    if (contacted) {
      report.add_near_misses()->set_site("sites/other");
      report.mutable_near_misses(1)->set_criterion(v1::CRITERION_NOT_CONTACTED);
      report.add_levers()->set_sites_gained(1);
    } else {
      *report.add_eligible() = Eligible("sites/other", 7, 10);
      report.mutable_eligible(2)->set_region("regions/other");
      report.add_regions()->set_region("regions/other");
    }
    KeepOwnSites([](const std::string& site) { return site.find("own") != std::string::npos; },
                 &report);
    return report;
  };
  const v1::FeasibilityReport seen = report_of(true);
  EXPECT_EQ(seen.DebugString(), report_of(false).DebugString());
  ASSERT_EQ(seen.eligible_size(), 2);
  EXPECT_EQ(seen.eligible(1).site(), "sites/asked");
  EXPECT_EQ(seen.near_misses_size(), 1);
  EXPECT_EQ(seen.regions_size(), 2);
}

TEST(ReportTest, ContactsAreNamedAsTheDirectoryHasThem) {
  directory::DirectorySnapshotBuilder builder = Country();
  v1::Contact contact;
  contact.set_name("desks/hills/contacts/lead");
  contact.set_display_name("Trial office");
  builder.Put(contact);
  v1::FeasibilityReport report;
  report.add_referrals()->set_contact("desks/hills/contacts/lead");
  report.add_referrals()->set_contact("desks/hills/contacts/gone");
  FillContactNames(*builder.Build(1), &report);
  EXPECT_EQ(report.referrals(0).contact_display_name(), "Trial office");
  EXPECT_EQ(report.referrals(1).contact_display_name(), "");
}

}  // namespace
}  // namespace trialgate::feasibility
