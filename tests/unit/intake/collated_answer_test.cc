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
    return CollateAnswer(request_, report_, {b_, a_}, lines_, *directory_, kToday);
  }

  static std::vector<std::string> Sites(const v1::CollatedAnswer& answer) {
    std::vector<std::string> sites;
    for (const auto& line : answer.sites()) sites.push_back(line.site());
    return sites;
  }

  // What a desk noted of a site of `referral`.
  v1::ReferralSite& Line(const v1::Referral& referral, const std::string& site, bool asked = true) {
    v1::ReferralSite& line = lines_[referral.name()].emplace_back();
    line.set_site(site);
    line.set_asked_about(asked);
    line.set_internal_note("the head of department is unwilling");
    return line;
  }

  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  v1::TrialRequest request_;
  v1::FeasibilityReport report_;
  v1::Referral a_, b_;
  WorkLines lines_;
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

TEST_F(CollatedAnswerTest, WhatADeskNotedIsProvisionalWhereItHasNotAnswered) {
  a_.set_state(v1::REFERRAL_STATE_LAPSED);
  Line(a_, "sites/2").mutable_offer()->set_patients_claimed(10);
  Line(a_, "sites/3").mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  v1::ReferralSite& added = Line(a_, "sites/9", /*asked=*/false);
  added.mutable_offer()->set_patients_claimed(4);
  added.set_added_reason("it has such patients");
  const v1::CollatedAnswer answer = Collate();
  ASSERT_THAT(Sites(answer), ElementsAre("sites/2", "sites/1", "sites/3", "sites/9"));
  EXPECT_EQ(answer.sites(0).outcome(), v1::SITE_OUTCOME_OFFERED);
  EXPECT_TRUE(answer.sites(0).provisional());
  EXPECT_EQ(answer.sites(0).offer().patients_claimed(), 10);
  EXPECT_EQ(answer.sites(0).claim_worth(), 0);
  // Nobody noted anything of it.
  EXPECT_EQ(answer.sites(1).outcome(), v1::SITE_OUTCOME_NO_ANSWER);
  EXPECT_FALSE(answer.sites(1).provisional());
  EXPECT_EQ(answer.sites(2).outcome(), v1::SITE_OUTCOME_REFUSED);
  EXPECT_TRUE(answer.sites(2).provisional());
  EXPECT_EQ(answer.sites(3).offer().comment(), "it has such patients");
  EXPECT_TRUE(answer.provisional());
}

TEST_F(CollatedAnswerTest, AProvisionalOfferCannotBeSelectedAndIsNotInTheForecast) {
  a_.set_state(v1::REFERRAL_STATE_LAPSED);
  Line(a_, "sites/2").mutable_offer()->set_patients_claimed(10);
  Offer(b_, "sites/1", 5);
  const v1::CollatedAnswer answer = Collate();
  EXPECT_THAT(OffersOf(answer), ElementsAre(OfferedSite{"sites/1", b_.name()}));
  lines_.clear();
  EXPECT_EQ(answer.forecast().SerializeAsString(), Collate().forecast().SerializeAsString());
}

TEST_F(CollatedAnswerTest, LinesOfAReferralThatHasAnsweredAddNothing) {
  Refuse(a_, "sites/2");
  Line(a_, "sites/2").mutable_offer()->set_patients_claimed(10);
  Line(a_, "sites/9", /*asked=*/false).mutable_offer()->set_patients_claimed(4);
  const v1::CollatedAnswer answer = Collate();
  ASSERT_THAT(Sites(answer), ElementsAre("sites/2", "sites/1", "sites/3"));
  EXPECT_EQ(answer.sites(0).outcome(), v1::SITE_OUTCOME_REFUSED);
  EXPECT_FALSE(answer.sites(0).provisional());
}

TEST_F(CollatedAnswerTest, AnInternalNoteIsNeverPartOfIt) {
  a_.set_state(v1::REFERRAL_STATE_LAPSED);
  Line(a_, "sites/2").mutable_offer()->set_patients_claimed(10);
  Line(a_, "sites/9", /*asked=*/false).mutable_offer()->set_patients_claimed(4);
  EXPECT_THAT(Collate().SerializeAsString(), testing::Not(testing::HasSubstr("unwilling")));
}

TEST_F(CollatedAnswerTest, ADeskThatWaitsSaysForWhomAndSinceWhen) {
  a_.set_state(v1::REFERRAL_STATE_WAITING);
  a_.set_waiting_for(v1::WAITING_FOR_AUTHORITY);
  a_.set_waiting_authority("VMK");
  a_.mutable_waiting_since_time()->set_seconds(5);
  const v1::CollatedAnswer answer = Collate();
  EXPECT_EQ(answer.desks(0).waiting_for(), v1::WAITING_FOR_AUTHORITY);
  EXPECT_EQ(answer.desks(0).waiting_authority(), "VMK");
  EXPECT_EQ(answer.desks(0).waiting_since_time().seconds(), 5);
  EXPECT_FALSE(answer.desks(1).has_waiting_since_time());
}

TEST_F(CollatedAnswerTest, EachQuestionHasItsAnswersInTheOrderOfTheSites) {
  for (const char* id : {"staff", "data"}) request_.add_questions()->set_id(id);
  request_.mutable_questions(1)->set_scope(v1::QUESTION_SCOPE_DESK);
  Offer(a_, "sites/3", 10);
  Offer(a_, "sites/2", 10);
  for (const char* site : {"sites/3", "sites/2"}) {
    v1::QuestionAnswer* said = a_.add_question_answers();
    said->set_question("staff");
    said->set_site(site);
    said->set_text(std::string("at ") + site);
  }
  v1::QuestionAnswer* said = a_.add_question_answers();
  said->set_question("data");
  said->set_yes(true);
  // Noted, and not yet answered.
  v1::QuestionAnswer* noted = Line(b_, "sites/1").add_question_answers();
  noted->set_question("staff");
  noted->set_site("sites/1");
  noted->set_not_known(true);
  const v1::CollatedAnswer answer = Collate();
  ASSERT_THAT(answer.questions(), SizeIs(2));
  const v1::CollatedQuestion& staff = answer.questions(0);
  EXPECT_EQ(staff.question().id(), "staff");
  std::vector<std::string> names;
  for (const auto& line : staff.answers()) names.push_back(line.display_name());
  EXPECT_THAT(names, ElementsAre("Site 2", "Site 1", "Site 3"));
  EXPECT_FALSE(staff.answers(0).provisional());
  EXPECT_TRUE(staff.answers(1).provisional());
  ASSERT_THAT(answer.questions(1).answers(), SizeIs(1));
  EXPECT_EQ(answer.questions(1).answers(0).display_name(), "Desk a");
  EXPECT_TRUE(answer.questions(1).answers(0).answer().yes());
}

}  // namespace
}  // namespace trialgate::intake
