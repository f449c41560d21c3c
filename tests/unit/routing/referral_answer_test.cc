#include "services/routing/referral_answer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2026, 3, 5);

class ReferralAnswerTest : public testing::Test {
 protected:
  ReferralAnswerTest() {
    v1::Region old_region;
    old_region.set_name("regions/old");
    old_region.set_valid_to("2026-03-04");
    old_region.set_successor("regions/a");
    builder_.Put(old_region);
    for (const char* name : {"regions/a", "regions/b"}) {
      v1::Region region;
      region.set_name(name);
      builder_.Put(region);
    }
    desk_.set_name("desks/a");
    desk_.add_regions("regions/a");
    Site("sites/asked", "regions/b");
    Site("sites/own", "regions/a");
    Site("sites/moved", "regions/old");
    Site("sites/else", "regions/b");
    Site("sites/ended", "regions/a").set_valid_to("2026-03-04");
    referral_.set_desk("desks/a");
    referral_.add_sites("sites/asked");
  }

  v1::Site& Site(const std::string& name, const std::string& region) {
    v1::Site& site = sites_[name];
    site.set_name(name);
    site.set_region(region);
    return site;
  }

  std::shared_ptr<const directory::DirectorySnapshot> Directory() {
    for (const auto& [name, site] : sites_) builder_.Put(site);
    builder_.Put(desk_);
    return builder_.Build(1);
  }

  static void Offer(v1::AnswerReferralRequest& answer, const std::string& site) {
    v1::Offer* offer = answer.add_offers();
    offer->set_site(site);
    offer->set_earliest_start("2026-03-05");
    offer->set_firmness(v1::OFFER_FIRMNESS_TENTATIVE);
    offer->set_comment("why not");
  }

  // "field REASON" of each fault.
  std::vector<std::string> Faults(const v1::AnswerReferralRequest& answer) {
    std::vector<std::string> faults;
    const auto checked = CheckAnswer(answer, referral_, request_, *Directory(), kToday);
    for (const FieldViolation& fault : checked.told()) {
      faults.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return faults;
  }

  directory::DirectorySnapshotBuilder builder_;
  std::map<std::string, v1::Site> sites_;
  v1::Desk desk_;
  v1::Referral referral_;
  v1::TrialRequest request_;
};

TEST_F(ReferralAnswerTest, ADeskMayOfferTheSitesOfItsRegionsAsTheyStandToday) {
  const auto directory = Directory();
  EXPECT_TRUE(MayOffer(desk_, sites_["sites/own"], *directory, kToday));
  EXPECT_TRUE(MayOffer(desk_, sites_["sites/moved"], *directory, kToday));
  EXPECT_FALSE(MayOffer(desk_, sites_["sites/else"], *directory, kToday));
}

TEST_F(ReferralAnswerTest, ANationalDeskMayOfferSitesOfItsSpecialities) {
  const auto directory = Directory();
  v1::Desk national;
  EXPECT_TRUE(MayOffer(national, sites_["sites/else"], *directory, kToday));
  national.add_specialities("oncology");
  EXPECT_FALSE(MayOffer(national, sites_["sites/else"], *directory, kToday));
  sites_["sites/else"].add_specialities("oncology");
  EXPECT_TRUE(MayOffer(national, sites_["sites/else"], *directory, kToday));
}

TEST_F(ReferralAnswerTest, ASiteAskedAboutMayBeOfferedWhereverItStands) {
  v1::AnswerReferralRequest answer;
  Offer(answer, "sites/asked");
  answer.mutable_offers(0)->clear_comment();
  EXPECT_THAT(Faults(answer), IsEmpty());
}

TEST_F(ReferralAnswerTest, ASiteAddedNeedsAWordWhyAndMustBeTheDesks) {
  v1::AnswerReferralRequest answer;
  Offer(answer, "sites/asked");
  Offer(answer, "sites/own");
  EXPECT_THAT(Faults(answer), IsEmpty());
  answer.mutable_offers(1)->clear_comment();
  Offer(answer, "sites/else");
  Offer(answer, "sites/none");
  Offer(answer, "sites/ended");
  EXPECT_THAT(Faults(answer),
              ElementsAre("offers[1].comment REQUIRED", "offers[2].site UNKNOWN_VALUE",
                          "offers[3].site UNKNOWN_VALUE", "offers[4].site DANGLING_REFERENCE"));
}

TEST_F(ReferralAnswerTest, TheStatusOfAnOfferIsTheServers) {
  v1::AnswerReferralRequest answer;
  Offer(answer, "sites/asked");
  answer.mutable_offers(0)->set_status(v1::OFFER_STATUS_CONFIRMED);
  EXPECT_THAT(Faults(answer), ElementsAre("offers[0].status CONTRADICTION"));
}

TEST_F(ReferralAnswerTest, StartsAreFromTodayToTenYearsLater) {
  v1::AnswerReferralRequest answer;
  Offer(answer, "sites/asked");
  for (const char* good : {"2026-03-05", "2036-03-05"}) {
    answer.mutable_offers(0)->set_earliest_start(good);
    EXPECT_THAT(Faults(answer), IsEmpty()) << good;
  }
  for (const char* bad : {"2026-03-04", "2036-03-06"}) {
    answer.mutable_offers(0)->set_earliest_start(bad);
    EXPECT_THAT(Faults(answer), ElementsAre("offers[0].earliest_start OUT_OF_RANGE")) << bad;
  }
}

TEST_F(ReferralAnswerTest, TooLongTextsAndHugeNumbersAreFaults) {
  v1::AnswerReferralRequest answer;
  Offer(answer, "sites/asked");
  v1::Offer& offer = *answer.mutable_offers(0);
  offer.set_patients_claimed(1'000'001);
  offer.set_earliest_start("2026-02-30");
  offer.set_principal_investigator(std::string(257, 'x'));
  offer.set_conditions(std::string(4097, 'x'));
  offer.set_comment(std::string(2049, 'x'));
  answer.set_comment(std::string(4097, 'x'));
  EXPECT_THAT(Faults(answer),
              testing::UnorderedElementsAre("offers[0].patients_claimed OUT_OF_RANGE",
                                            "offers[0].earliest_start INVALID_FORMAT",
                                            "offers[0].principal_investigator TOO_LONG",
                                            "offers[0].conditions TOO_LONG",
                                            "offers[0].comment TOO_LONG", "comment TOO_LONG"));
}

TEST_F(ReferralAnswerTest, DataAccessIsAnsweredWithAWordAndNoSites) {
  request_.set_kind(v1::TRIAL_KIND_DATA_ACCESS);
  referral_.clear_sites();
  v1::AnswerReferralRequest answer;
  EXPECT_THAT(Faults(answer), ElementsAre("outcome REQUIRED"));
  answer.set_outcome(v1::REFERRAL_OUTCOME_GRANTED);
  EXPECT_THAT(Faults(answer), IsEmpty());
  answer.set_outcome(v1::REFERRAL_OUTCOME_TAKEN_UP);
  Offer(answer, "sites/own");
  answer.add_refusals()->set_site("sites/own");
  EXPECT_THAT(Faults(answer), ElementsAre("outcome CONTRADICTION", "offers CONTRADICTION",
                                          "refusals CONTRADICTION"));
}

TEST_F(ReferralAnswerTest, AnIdeaIsTakenUpPassedOnOrDeclined) {
  request_.set_kind(v1::TRIAL_KIND_IDEA);
  referral_.clear_sites();
  v1::AnswerReferralRequest answer;
  for (const auto word : {v1::REFERRAL_OUTCOME_TAKEN_UP, v1::REFERRAL_OUTCOME_PASSED_ON,
                          v1::REFERRAL_OUTCOME_DECLINED}) {
    answer.set_outcome(word);
    EXPECT_THAT(Faults(answer), IsEmpty());
  }
  answer.set_outcome(v1::REFERRAL_OUTCOME_REFUSED);
  EXPECT_THAT(Faults(answer), ElementsAre("outcome CONTRADICTION"));
}

}  // namespace
}  // namespace trialgate::routing
