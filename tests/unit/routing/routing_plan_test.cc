#include "services/routing/routing_plan.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A country of three regions, of which two merge on 2027-01-01 as `regions/merged`.
class RoutingPlanTest : public testing::Test {
 protected:
  RoutingPlanTest() {
    pack_.set_secretariat("desks/secretariat");
    Rule("regional").set_regional_desk(true);
    PutRegion("regions/east", "", "2026-12-31", "regions/merged");
    PutRegion("regions/south", "", "2026-12-31", "regions/merged");
    PutRegion("regions/merged", "2027-01-01", "", "");
    PutRegion("regions/west", "", "", "");
    PutDesk("desks/east", "regions/east").set_valid_to("2026-12-31");
    desks_["desks/east"].set_successor("desks/merged");
    PutDesk("desks/south", "regions/south").set_valid_to("2026-12-31");
    desks_["desks/south"].set_successor("desks/merged");
    PutDesk("desks/merged", "regions/merged").set_valid_from("2027-01-01");
    PutDesk("desks/west", "regions/west");
    PutDesk("desks/secretariat", "").set_kind(v1::DESK_KIND_SECRETARIAT);
    PutDesk("desks/centre", "").set_kind(v1::DESK_KIND_NATIONAL_CENTRE);
    PutSite("sites/e", "regions/east");
    PutSite("sites/s", "regions/south");
    PutSite("sites/w", "regions/west");
    request_.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
    request_.set_intent(v1::INTENT_SPONSOR);
    request_.set_phase(v1::PHASE_PHASE2);
    request_.set_first_patient_in_earliest("2026-06-01");
    requester_.set_type(v1::ORGANIZATION_TYPE_COMPANY);
    requester_.set_size(v1::COMPANY_SIZE_SMALL);
  }

  // A rule before the last one; the first call makes that.
  v1::RoutingRule& Rule(const std::string& id) {
    auto& rules = *pack_.mutable_routing_rules();
    v1::RoutingRule* rule = rules.Add();
    if (rules.size() > 1) {
      rules.SwapElements(rules.size() - 1, rules.size() - 2);
      rule = rules.Mutable(rules.size() - 2);
    }
    rule->set_id(id);
    rule->set_description("what " + id + " does");
    return *rule;
  }

  void PutRegion(const std::string& name, const std::string& from, const std::string& to,
                 const std::string& successor) {
    v1::Region region;
    region.set_name(name);
    region.set_valid_from(from);
    region.set_valid_to(to);
    region.set_successor(successor);
    builder_.Put(region);
  }

  v1::Desk& PutDesk(const std::string& name, const std::string& region) {
    v1::Desk& desk = desks_[name];
    desk.set_name(name);
    desk.set_display_name("Name of " + name);
    desk.set_kind(v1::DESK_KIND_REGION);
    desk.set_lead(name + "/contacts/lead");
    if (!region.empty()) desk.add_regions(region);
    v1::Contact lead;
    lead.set_name(desk.lead());
    lead.set_display_name("Lead of " + name);
    builder_.Put(lead);
    return desk;
  }

  v1::Site& PutSite(const std::string& name, const std::string& region) {
    v1::Site& site = sites_[name];
    site.set_name(name);
    site.set_region(region);
    return site;
  }

  std::vector<v1::PlannedReferral> Plan(const std::vector<std::string>& eligible) {
    const auto referrals = TryPlan(eligible);
    EXPECT_OK(referrals.status());
    return referrals.value_or(std::vector<v1::PlannedReferral>());
  }

  absl::StatusOr<std::vector<v1::PlannedReferral>> TryPlan(
      const std::vector<std::string>& eligible) {
    for (const auto& [name, desk] : desks_) builder_.Put(desk);
    for (const auto& [name, site] : sites_) builder_.Put(site);
    builder_.PutSettings(pack_);
    directory_ = builder_.Build(1);
    builder_ = directory::DirectorySnapshotBuilder(*directory_);
    absl::CivilDay first;
    EXPECT_TRUE(absl::ParseCivilTime(request_.first_patient_in_earliest(), &first));
    google::protobuf::RepeatedPtrField<v1::EligibleSite> list;
    for (const std::string& name : eligible) {
      v1::EligibleSite* site = list.Add();
      site->set_site(name);
      site->set_region(directory_->RegionOn(sites_[name].region(), first).value_or(""));
    }
    return PlanReferrals(request_, requester_, list, *directory_, open_, sending_day_);
  }

  // The desk that is asked about the one site.
  std::string DeskOf(const std::string& site) {
    const auto referrals = Plan({site});
    EXPECT_THAT(referrals, SizeIs(1));
    return referrals.size() == 1 ? referrals[0].desk() : "";
  }

  v1::Pack pack_;
  v1::TrialRequest request_;
  v1::Organization requester_;
  std::map<std::string, v1::Desk> desks_;
  std::map<std::string, v1::Site> sites_;
  OpenReferrals open_;
  absl::CivilDay sending_day_ = absl::CivilDay(2026, 3, 5);
  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
};

TEST_F(RoutingPlanTest, TheSitesRegionalDeskAnswersWhereNoRuleSaysOtherwise) {
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/west");
  EXPECT_EQ(referrals[0].desk_display_name(), "Name of desks/west");
  EXPECT_THAT(referrals[0].sites(), ElementsAre("sites/w"));
  EXPECT_THAT(referrals[0].informed_desks(), IsEmpty());
  EXPECT_THAT(referrals[0].rules(), ElementsAre("regional"));
  EXPECT_THAT(referrals[0].rule_descriptions(), ElementsAre("what regional does"));
  EXPECT_EQ(referrals[0].contact(), "desks/west/contacts/lead");
  EXPECT_EQ(referrals[0].contact_display_name(), "Lead of desks/west");
  EXPECT_FALSE(referrals[0].contact_reason().empty());
}

TEST_F(RoutingPlanTest, TheFirstRuleThatAppliesWins) {
  Rule("first").set_desk("desks/centre");
  Rule("second").set_desk("desks/secretariat");
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/centre");
  EXPECT_THAT(referrals[0].rules(), ElementsAre("first"));
}

TEST_F(RoutingPlanTest, TheRegionalDeskIsInformedWhereItDoesNotAnswer) {
  v1::RoutingRule& rule = Rule("centre");
  rule.set_desk("desks/centre");
  rule.add_informed("desks/secretariat");
  rule.add_informed("desks/centre");
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_THAT(referrals[0].informed_desks(), ElementsAre("desks/secretariat", "desks/west"));
}

TEST_F(RoutingPlanTest, ARuleTestsTheKind) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_kinds(v1::TRIAL_KIND_MEDICAL_DEVICE);
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
  request_.set_kind(v1::TRIAL_KIND_MEDICAL_DEVICE);
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
}

TEST_F(RoutingPlanTest, ARuleTestsTheIntent) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_intents(v1::INTENT_PARTICIPATE);
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
  request_.set_intent(v1::INTENT_PARTICIPATE);
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
}

TEST_F(RoutingPlanTest, ARuleTestsTypeAndSizeOfTheRequester) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_requester_types(v1::ORGANIZATION_TYPE_COMPANY);
  rule.add_requester_sizes(v1::COMPANY_SIZE_MICRO);
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
  requester_.set_size(v1::COMPANY_SIZE_MICRO);
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
  requester_.set_type(v1::ORGANIZATION_TYPE_CRO);
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
}

TEST_F(RoutingPlanTest, ARuleTestsThePhase) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_phases(v1::PHASE_PHASE1);
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
  request_.set_phase(v1::PHASE_PHASE1);
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
}

TEST_F(RoutingPlanTest, ARuleOfSpecialitiesNeedsOneThatRequestSiteAndRuleShare) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_specialities("oncology");
  rule.add_specialities("cardiology");
  request_.add_specialities("oncology");
  sites_["sites/w"].add_specialities("cardiology");
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
  sites_["sites/w"].add_specialities("oncology");
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
}

TEST_F(RoutingPlanTest, ARuleOfSpecialitiesNeverAppliesWhereNoneIsWanted) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_specialities("oncology");
  sites_["sites/w"].add_specialities("oncology");
  EXPECT_EQ(DeskOf("sites/w"), "desks/west");
}

TEST_F(RoutingPlanTest, ARuleTestsTheSitesRegionOnTheFirstPatientInDate) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_regions("regions/merged");
  EXPECT_EQ(DeskOf("sites/e"), "desks/east");
  request_.set_first_patient_in_earliest("2027-03-01");
  EXPECT_EQ(DeskOf("sites/e"), "desks/centre");
}

TEST_F(RoutingPlanTest, ARegionOfARuleStandsForItsSuccessor) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/centre");
  rule.add_regions("regions/south");
  EXPECT_EQ(DeskOf("sites/e"), "desks/east");
  request_.set_first_patient_in_earliest("2027-03-01");
  EXPECT_EQ(DeskOf("sites/e"), "desks/centre");
}

TEST_F(RoutingPlanTest, ADeskThatHasYetToBeginLeavesItToTheDeskOfTheSitesRegionToday) {
  request_.set_first_patient_in_earliest("2027-03-01");
  sending_day_ = absl::CivilDay(2026, 12, 31);
  const auto before = Plan({"sites/s", "sites/e"});
  ASSERT_THAT(before, SizeIs(2));
  EXPECT_EQ(before[0].desk(), "desks/east");
  EXPECT_EQ(before[1].desk(), "desks/south");
  sending_day_ = absl::CivilDay(2027, 1, 1);
  const auto after = Plan({"sites/s", "sites/e"});
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after[0].desk(), "desks/merged");
  EXPECT_THAT(after[0].sites(), ElementsAre("sites/s", "sites/e"));
}

TEST_F(RoutingPlanTest, ASiteOfARegionThatHasYetToBeginIsAskedAboutAtAPredecessor) {
  PutSite("sites/new", "regions/merged");
  request_.set_first_patient_in_earliest("2027-03-01");
  EXPECT_EQ(DeskOf("sites/new"), "desks/east");
}

TEST_F(RoutingPlanTest, ADeskOfARuleThatEndedStandsForItsSuccessorOnTheSendingDay) {
  desks_["desks/centre"].set_valid_to("2026-03-04");
  desks_["desks/centre"].set_successor("desks/secretariat");
  Rule("r").set_desk("desks/centre");
  EXPECT_EQ(DeskOf("sites/w"), "desks/secretariat");
  sending_day_ = absl::CivilDay(2026, 3, 4);
  EXPECT_EQ(DeskOf("sites/w"), "desks/centre");
}

TEST_F(RoutingPlanTest, ADeskThatEndedWithoutSuccessorLeavesItToTheNextRule) {
  desks_["desks/centre"].set_valid_to("2026-03-04");
  Rule("r").set_desk("desks/centre");
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/west");
  EXPECT_THAT(referrals[0].rules(), ElementsAre("regional"));
}

TEST_F(RoutingPlanTest, InformedDesksThatEndedStandForTheirSuccessorOrAreLeftOut) {
  v1::RoutingRule& rule = Rule("r");
  rule.set_desk("desks/west");
  rule.add_informed("desks/gone");
  rule.add_informed("desks/moved");
  PutDesk("desks/gone", "").set_valid_to("2026-01-01");
  PutDesk("desks/moved", "").set_valid_to("2026-01-01");
  desks_["desks/moved"].set_successor("desks/centre");
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_THAT(referrals[0].informed_desks(), ElementsAre("desks/centre"));
}

TEST_F(RoutingPlanTest, SitesAreMergedByDeskBestScoreFirst) {
  v1::RoutingRule& oncology = Rule("oncology");
  oncology.set_desk("desks/centre");
  oncology.add_specialities("oncology");
  v1::RoutingRule& west = Rule("west");
  west.set_desk("desks/centre");
  west.add_regions("regions/west");
  request_.add_specialities("oncology");
  sites_["sites/e"].add_specialities("oncology");
  const auto referrals = Plan({"sites/w", "sites/e", "sites/s"});
  ASSERT_THAT(referrals, SizeIs(2));
  EXPECT_EQ(referrals[0].desk(), "desks/centre");
  EXPECT_THAT(referrals[0].sites(), ElementsAre("sites/w", "sites/e"));
  EXPECT_THAT(referrals[0].rules(), ElementsAre("west", "oncology"));
  EXPECT_THAT(referrals[0].informed_desks(), ElementsAre("desks/east", "desks/west"));
  EXPECT_EQ(referrals[1].desk(), "desks/south");
}

TEST_F(RoutingPlanTest, WithoutAnEligibleSiteTheSecretariatIsAsked) {
  const auto referrals = Plan({});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/secretariat");
  EXPECT_THAT(referrals[0].sites(), IsEmpty());
  EXPECT_THAT(referrals[0].rules(), ElementsAre("no-eligible-site"));
}

TEST_F(RoutingPlanTest, WhereNoRuleLeadsToADeskTheSecretariatIsAskedAboutTheSite) {
  desks_.erase("desks/west");
  builder_.Erase("desks/west");
  const auto referrals = Plan({"sites/w"});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/secretariat");
  EXPECT_THAT(referrals[0].sites(), ElementsAre("sites/w"));
  EXPECT_THAT(referrals[0].rules(), ElementsAre("no-desk"));
}

TEST_F(RoutingPlanTest, IdeasAndDataAccessGoByRulesThatTestNoSite) {
  v1::RoutingRule& of_sites = Rule("of-sites");
  of_sites.set_desk("desks/west");
  of_sites.add_regions("regions/west");
  v1::RoutingRule& data = Rule("data");
  data.set_desk("desks/centre");
  data.add_kinds(v1::TRIAL_KIND_DATA_ACCESS);
  request_.set_kind(v1::TRIAL_KIND_DATA_ACCESS);
  const auto referrals = Plan({});
  ASSERT_THAT(referrals, SizeIs(1));
  EXPECT_EQ(referrals[0].desk(), "desks/centre");
  EXPECT_THAT(referrals[0].sites(), IsEmpty());
  EXPECT_THAT(referrals[0].rules(), ElementsAre("data"));

  // The last rule names a regional desk: an idea has none.
  request_.set_kind(v1::TRIAL_KIND_IDEA);
  const auto idea = Plan({});
  ASSERT_THAT(idea, SizeIs(1));
  EXPECT_EQ(idea[0].desk(), "desks/secretariat");
  EXPECT_THAT(idea[0].rules(), ElementsAre("no-desk"));
}

TEST_F(RoutingPlanTest, APackWithoutAValidSecretariatIsRefusedWhereItIsNeeded) {
  desks_["desks/secretariat"].set_valid_to("2026-03-04");
  const auto refused = TryPlan({});
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_DANGLING_REFERENCE));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MetadataOf(refused.status())["desk"], "desks/secretariat");
  EXPECT_OK(TryPlan({"sites/w"}).status());
}

}  // namespace
}  // namespace trialgate::routing
