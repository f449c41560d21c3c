#include "services/intake/collated_answer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feasibility/forecast.h"

namespace trialgate::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::CivilDay kToday(2026, 3, 5);

class CollatedAnswerTest : public testing::Test {
 protected:
  CollatedAnswerTest() {
    v1::Pack pack;
    pack.set_secretariat("desks/a");
    auto* prior = pack.mutable_policy()->add_priors();
    prior->set_alpha(0.86);
    prior->set_beta(0.607);
    builder_.PutSettings(pack);
    for (const char* id : {"a", "b"}) {
      v1::Desk desk;
      desk.set_name(std::string("desks/") + id);
      desk.set_display_name(std::string("Desk ") + id);
      builder_.Put(desk);
    }
    for (const char* id : {"1", "2", "3", "9"}) Site(id);
    request_.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
    request_.set_phase(v1::PHASE_PHASE2);
    request_.set_first_patient_in_earliest("2026-06-01");
    request_.set_recruitment_months(12);
    request_.set_patients_wanted(10);
    for (const char* id : {"2", "1", "3"}) {
      report_.add_eligible()->set_site(std::string("sites/") + id);
    }
    a_ = Referral("a", {"sites/2", "sites/3"});
    b_ = Referral("b", {"sites/1"});
  }

  v1::Site Site(const std::string& id, v1::SourceKind source = v1::SOURCE_KIND_DECLARED) {
    v1::Site site;
    site.set_name("sites/" + id);
    site.set_display_name("Site " + id);
    auto* history = site.add_history();
    history->set_claimed(45);
    history->set_actual(20);
    history->set_site_months(12);
    history->mutable_source()->set_kind(source);
    builder_.Put(site);
    return site;
  }

  static v1::Referral Referral(const std::string& desk, const std::vector<std::string>& sites) {
    v1::Referral referral;
    referral.set_name("trialRequests/t/referrals/of-" + desk);
    referral.set_desk("desks/" + desk);
    referral.set_state(v1::REFERRAL_STATE_SENT);
    referral.mutable_sites()->Assign(sites.begin(), sites.end());
    return referral;
  }

  static void Offer(v1::Referral& referral, const std::string& site, int claimed) {
    referral.set_state(v1::REFERRAL_STATE_ANSWERED);
    v1::Offer* offer = referral.add_offers();
    offer->set_site(site);
    offer->set_patients_claimed(claimed);
    offer->set_earliest_start("2026-08-01");
  }

  static void Refuse(v1::Referral& referral, const std::string& site) {
    referral.set_state(v1::REFERRAL_STATE_ANSWERED);
    v1::Refusal* refusal = referral.add_refusals();
    refusal->set_site(site);
    refusal->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  }

  v1::CollatedAnswer Collate() {
    directory_ = builder_.Build(1);
    builder_ = directory::DirectorySnapshotBuilder(*directory_);
    return CollateAnswer(request_, report_, {b_, a_}, *directory_, kToday);
  }

  static std::vector<std::string> Sites(const v1::CollatedAnswer& answer) {
    std::vector<std::string> sites;
    for (const auto& line : answer.sites()) sites.push_back(line.site());
    return sites;
  }

  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  v1::TrialRequest request_;
  v1::FeasibilityReport report_;
  v1::Referral a_, b_;
};

TEST_F(CollatedAnswerTest, EverySiteAskedAboutSaysWhatCameOfIt) {
  Offer(a_, "sites/2", 10);
  Refuse(a_, "sites/3");
  b_.set_state(v1::REFERRAL_STATE_DECLINED);
  b_.mutable_decline()->set_reason(v1::REFUSAL_REASON_NO_CAPACITY);
  const v1::CollatedAnswer answer = Collate();
  ASSERT_THAT(Sites(answer), ElementsAre("sites/2", "sites/1", "sites/3"));
  EXPECT_EQ(answer.sites(0).outcome(), v1::SITE_OUTCOME_OFFERED);
  EXPECT_EQ(answer.sites(0).offer().patients_claimed(), 10);
  EXPECT_EQ(answer.sites(0).display_name(), "Site 2");
  EXPECT_EQ(answer.sites(0).referral(), a_.name());
  EXPECT_EQ(answer.sites(1).outcome(), v1::SITE_OUTCOME_DECLINED);
  EXPECT_EQ(answer.sites(1).refusal().reason(), v1::REFUSAL_REASON_NO_CAPACITY);
  EXPECT_EQ(answer.sites(2).outcome(), v1::SITE_OUTCOME_REFUSED);
  EXPECT_EQ(answer.sites(2).refusal().reason(), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_FALSE(answer.provisional());
}

TEST_F(CollatedAnswerTest, ItSaysWhoHasNotAnswered) {
  Offer(b_, "sites/1", 10);
  for (const auto state : {v1::REFERRAL_STATE_SENT, v1::REFERRAL_STATE_ACKNOWLEDGED,
                           v1::REFERRAL_STATE_WAITING, v1::REFERRAL_STATE_LAPSED}) {
    a_.set_state(state);
    const v1::CollatedAnswer answer = Collate();
    ASSERT_THAT(answer.sites(), SizeIs(3));
    EXPECT_EQ(answer.sites(0).outcome(), v1::SITE_OUTCOME_NO_ANSWER);
    EXPECT_TRUE(answer.provisional());
    ASSERT_THAT(answer.desks(), SizeIs(2));
    EXPECT_EQ(answer.desks(0).desk(), "desks/a");
    EXPECT_EQ(answer.desks(0).display_name(), "Desk a");
    EXPECT_EQ(answer.desks(0).state(), state);
  }
}

TEST_F(CollatedAnswerTest, SitesThatDesksAddedComeLast) {
  Offer(a_, "sites/9", 4);
  Offer(a_, "sites/2", 4);
  Refuse(a_, "sites/3");
  Offer(b_, "sites/1", 4);
  EXPECT_THAT(Sites(Collate()), ElementsAre("sites/2", "sites/1", "sites/3", "sites/9"));
}

TEST_F(CollatedAnswerTest, ASiteThatTwoDesksOfferComesOnceForEach) {
  Offer(a_, "sites/2", 4);
  Offer(b_, "sites/1", 4);
  Offer(b_, "sites/2", 6);
  Refuse(a_, "sites/3");
  const v1::CollatedAnswer answer = Collate();
  EXPECT_THAT(Sites(answer), ElementsAre("sites/2", "sites/1", "sites/3", "sites/2"));
  EXPECT_THAT(OffersOf(answer),
              ElementsAre(OfferedSite{"sites/2", a_.name()}, OfferedSite{"sites/1", b_.name()},
                          OfferedSite{"sites/2", b_.name()}));
  EXPECT_EQ(
      answer.forecast().p50(),
      feasibility::ForecastOverSites(request_, {"sites/1", "sites/2"}, *directory_, kToday).p50());
}

TEST_F(CollatedAnswerTest, AClaimIsWorthWhatTheSitesRecordMakesOfIt) {
  Offer(a_, "sites/2", 18);
  Refuse(a_, "sites/3");
  // 18 × (20 + 5 r) / (45 + 5), r = 20 / 45 as every site has the same record.
  EXPECT_NEAR(Collate().sites(0).claim_worth(), 18 * (20 + 5 * 20.0 / 45) / 50, 1e-9);
}

TEST_F(CollatedAnswerTest, TheForecastIsOverTheSitesOffered) {
  Offer(a_, "sites/2", 10);
  Refuse(a_, "sites/3");
  Offer(b_, "sites/1", 10);
  const v1::CollatedAnswer answer = Collate();
  // 2 sites × 20.86 / 12.607 a month × 365 / 30.4375 months.
  EXPECT_NEAR(answer.forecast().mean(), 2 * 20.86 / 12.607 * 365 / 30.4375, 1e-6);
  EXPECT_GT(answer.forecast().probability(), 0.9);
}

TEST_F(CollatedAnswerTest, WithoutAnOfferTheForecastIsNothing) {
  Refuse(a_, "sites/2");
  Refuse(a_, "sites/3");
  Refuse(b_, "sites/1");
  const v1::CollatedAnswer answer = Collate();
  EXPECT_EQ(answer.forecast().mean(), 0);
  EXPECT_EQ(answer.forecast().probability(), 0);
  EXPECT_THAT(OffersOf(answer), IsEmpty());
}

TEST_F(CollatedAnswerTest, ItSaysWhenAnOfferedSitesValuesAreInvented) {
  Offer(a_, "sites/2", 10);
  Refuse(a_, "sites/3");
  Site("3", v1::SOURCE_KIND_SAMPLE);
  EXPECT_FALSE(Collate().rests_on_sample());
  Site("2", v1::SOURCE_KIND_SAMPLE);
  EXPECT_TRUE(Collate().rests_on_sample());
}

TEST_F(CollatedAnswerTest, AnOfferedSiteThatIsGoneIsWorthNothing) {
  Offer(a_, "sites/gone", 10);
  Refuse(a_, "sites/2");
  Refuse(a_, "sites/3");
  const v1::CollatedAnswer answer = Collate();
  EXPECT_EQ(answer.sites(3).display_name(), "sites/gone");
  EXPECT_EQ(answer.sites(3).claim_worth(), 0);
  EXPECT_EQ(answer.forecast().mean(), 0);
}

TEST_F(CollatedAnswerTest, DesksAskedForAWordShowIt) {
  a_ = Referral("a", {});
  a_.set_state(v1::REFERRAL_STATE_ANSWERED);
  a_.set_outcome(v1::REFERRAL_OUTCOME_GRANTED);
  a_.set_comment("within six weeks");
  request_.set_kind(v1::TRIAL_KIND_DATA_ACCESS);
  const v1::CollatedAnswer answer = Collate();
  EXPECT_EQ(answer.desks(0).outcome(), v1::REFERRAL_OUTCOME_GRANTED);
  EXPECT_EQ(answer.desks(0).comment(), "within six weeks");
}

}  // namespace
}  // namespace trialgate::intake
