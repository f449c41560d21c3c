#include "services/routing/referral_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2026, 3, 5);

std::vector<std::string> Told(const FieldFaults& faults) {
  std::vector<std::string> told;
  for (const FieldViolation& fault : faults.told()) {
    told.push_back(fault.field + " " + ReasonName(fault.reason));
  }
  return told;
}

class ReferralLineTest : public testing::Test {
 protected:
  ReferralLineTest() {
    directory::DirectorySnapshotBuilder builder;
    v1::Desk desk;
    desk.set_name("desks/a");
    desk.add_regions("regions/a");
    builder.Put(desk);
    for (const auto& [name, region] : {std::pair{"sites/asked", "regions/b"},
                                       {"sites/own", "regions/a"},
                                       {"sites/else", "regions/b"}}) {
      v1::Site site;
      site.set_name(name);
      site.set_region(region);
      builder.Put(site);
    }
    directory_ = builder.Build(1);
    referral_.set_name("trialRequests/t/referrals/r");
    referral_.set_desk("desks/a");
    referral_.set_state(v1::REFERRAL_STATE_SENT);
    referral_.add_sites("sites/asked");
    request_.set_kind(v1::TRIAL_KIND_OBSERVATIONAL);
    request_.set_state(v1::TRIAL_REQUEST_STATE_ROUTED);
  }

  std::vector<std::string> Faults(const v1::ReferralSite& line) {
    return Told(CheckLine(line, referral_, request_, *directory_, kToday));
  }

  // A line with a draft of an offer.
  v1::ReferralSite Offered(const std::string& site) {
    v1::ReferralSite line = NewLine(referral_, site);
    line.mutable_offer()->set_site(site);
    line.mutable_offer()->set_patients_claimed(5);
    line.set_internal_note("never to be told");
    return line;
  }

  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  v1::Referral referral_;
  v1::TrialRequest request_;
};

TEST_F(ReferralLineTest, ALineIsNamedByItsReferralAndItsSite) {
  EXPECT_EQ(LineName("trialRequests/t/referrals/r", "sites/s"),
            "trialRequests/t/referrals/r/sites/s");
  EXPECT_TRUE(IsLineName("trialRequests/t/referrals/r/sites/s"));
  EXPECT_EQ(ReferralOfLine("trialRequests/t/referrals/r/sites/s"), "trialRequests/t/referrals/r");
  EXPECT_EQ(SiteOfLine("trialRequests/t/referrals/r/sites/s"), "sites/s");
  for (const char* name :
       {"", "sites/s", "/sites/", "trialRequests/t/sites/s", "trialRequests/t/referrals/r/sites/",
        "trialRequests/t/referrals/r", "trialRequests/t/referrals/r/sites/S",
        "trialRequests/t/sites/s/sites/s", "trialRequests/t/referrals/r/sites/s/x"}) {
    EXPECT_FALSE(IsLineName(name)) << name;
  }
}

TEST_F(ReferralLineTest, WithoutAMaskWhatIsGivenIsSet) {
  v1::ReferralSite line = NewLine(referral_, "sites/asked");
  line.set_asked_whom("the nurse");
  v1::ReferralSite given;
  given.set_internal_note("call again");
  EXPECT_THAT(Told(MergeLine(given, {}, &line)), IsEmpty());
  EXPECT_EQ(line.asked_whom(), "the nurse");
  EXPECT_EQ(line.internal_note(), "call again");
}

TEST_F(ReferralLineTest, WhatTheMaskNamesAndTheCallDoesNotGiveIsCleared) {
  v1::ReferralSite line = Offered("sites/asked");
  google::protobuf::FieldMask mask;
  mask.add_paths("offer");
  mask.add_paths("refusal");
  v1::ReferralSite given;
  given.mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_THAT(Told(MergeLine(given, mask, &line)), IsEmpty());
  EXPECT_FALSE(line.has_offer());
  EXPECT_EQ(line.refusal().site(), "sites/asked");
  EXPECT_EQ(line.internal_note(), "never to be told");
}

TEST_F(ReferralLineTest, TheMaskNamesOnlyWhatADeskMaySet) {
  v1::ReferralSite line = NewLine(referral_, "sites/asked");
  google::protobuf::FieldMask mask;
  for (const char* path : {"site", "etag", "offer.site", "*", "asked_whom"}) mask.add_paths(path);
  EXPECT_THAT(Told(MergeLine({}, mask, &line)),
              ElementsAre("update_mask UNKNOWN_FIELD", "update_mask UNKNOWN_FIELD",
                          "update_mask UNKNOWN_FIELD", "update_mask UNKNOWN_FIELD"));
}

TEST_F(ReferralLineTest, ADraftMayBeUnfinished) {
  EXPECT_THAT(Faults(NewLine(referral_, "sites/asked")), IsEmpty());
  EXPECT_THAT(Faults(Offered("sites/asked")), IsEmpty());
}

TEST_F(ReferralLineTest, ALineHasAnOfferOrARefusal) {
  v1::ReferralSite line = Offered("sites/asked");
  line.mutable_refusal()->set_site("sites/asked");
  line.mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.refusal CONTRADICTION"));
  line.mutable_refusal()->set_site("sites/own");
  line.clear_offer();
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.refusal.site CONTRADICTION"));
}

TEST_F(ReferralLineTest, AnAddedSiteIsTheDesksToOfferAndNeedsAReason) {
  v1::ReferralSite line = Offered("sites/own");
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.added_reason REQUIRED"));
  line.set_added_reason("it has such patients");
  EXPECT_THAT(Faults(line), IsEmpty());
  line.clear_offer();
  line.mutable_refusal()->set_site("sites/own");
  line.mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.refusal CONTRADICTION"));
  v1::ReferralSite foreign = Offered("sites/else");
  foreign.set_added_reason("why not");
  EXPECT_THAT(Faults(foreign), ElementsAre("referral_site.name UNKNOWN_VALUE"));
}

TEST_F(ReferralLineTest, NobodyRepliesBeforeTheyAreAskedOrTomorrow) {
  v1::ReferralSite line = NewLine(referral_, "sites/asked");
  line.set_asked_date("2026-03-05");
  line.set_replied_date("2026-03-04");
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.replied_date DATES_REVERSED"));
  line.set_replied_date("2026-03-06");
  EXPECT_THAT(Faults(line), ElementsAre("referral_site.replied_date OUT_OF_RANGE"));
}

TEST_F(ReferralLineTest, WhereNoSiteIsAskedForThereIsNoLine) {
  request_.set_kind(v1::TRIAL_KIND_DATA_ACCESS);
  EXPECT_THAT(Faults(NewLine(referral_, "sites/asked")),
              ElementsAre("referral_site.name CONTRADICTION"));
}

TEST_F(ReferralLineTest, LinesAreSavedWhileTheReferralIsOpenOrLapsed) {
  for (const v1::ReferralState state : {v1::REFERRAL_STATE_SENT, v1::REFERRAL_STATE_ACKNOWLEDGED,
                                        v1::REFERRAL_STATE_WAITING, v1::REFERRAL_STATE_LAPSED}) {
    referral_.set_state(state);
    EXPECT_OK(CheckMaySave(referral_, request_)) << state;
  }
  for (const v1::ReferralState state :
       {v1::REFERRAL_STATE_ANSWERED, v1::REFERRAL_STATE_DECLINED, v1::REFERRAL_STATE_WITHDRAWN}) {
    referral_.set_state(state);
    EXPECT_EQ(CheckMaySave(referral_, request_).code(), absl::StatusCode::kFailedPrecondition);
  }
  referral_.set_state(v1::REFERRAL_STATE_LAPSED);
  request_.set_state(v1::TRIAL_REQUEST_STATE_CONFIRMED);
  EXPECT_EQ(CheckMaySave(referral_, request_).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReferralLineTest, LinesBecomeTheAnswerWithoutTheNotes) {
  v1::ReferralSite added = Offered("sites/own");
  added.set_added_reason("it has such patients");
  added.add_question_answers()->set_question("q");
  v1::ReferralSite empty = NewLine(referral_, "sites/else");
  empty.add_question_answers()->set_question("dropped");
  const auto answer = AnswerFromLines({}, referral_, {Offered("sites/asked"), added, empty});
  ASSERT_EQ(answer.offers_size(), 2);
  EXPECT_EQ(answer.offers(0).comment(), "");
  EXPECT_EQ(answer.offers(1).comment(), "it has such patients");
  ASSERT_EQ(answer.question_answers_size(), 1);
  EXPECT_EQ(answer.question_answers(0).question(), "q");
  EXPECT_THAT(answer.SerializeAsString(), testing::Not(HasSubstr("never to be told")));
}

TEST_F(ReferralLineTest, WhoUsesTheLinesGivesNothingThatTheyHold) {
  v1::AnswerReferralRequest call;
  call.add_offers();
  call.add_refusals();
  call.add_question_answers()->set_site("sites/asked");
  EXPECT_THAT(Told(CheckUsesLines(call, request_.kind())), IsEmpty());
  call.set_use_lines(true);
  EXPECT_THAT(Told(CheckUsesLines(call, request_.kind())),
              ElementsAre("offers CONTRADICTION", "refusals CONTRADICTION",
                          "question_answers[0].site CONTRADICTION"));
  EXPECT_THAT(Told(CheckUsesLines({}, v1::TRIAL_KIND_IDEA)), IsEmpty());
}

TEST_F(ReferralLineTest, FaultsOfLinesNameTheSite) {
  v1::AnswerReferralRequest answer;
  answer.add_offers()->set_site("sites/asked");
  FieldFaults faults;
  faults.Add("offers[0].earliest_start", v1::ERROR_REASON_REQUIRED, "must be given");
  faults.Add("offers", v1::ERROR_REASON_REQUIRED, "sites/x was asked about");
  faults.Add("comment", v1::ERROR_REASON_TOO_LONG, "is long");
  const FieldFaults told = AsFaultsOfLines(faults, answer);
  EXPECT_THAT(Told(told),
              ElementsAre("use_lines REQUIRED", "use_lines REQUIRED", "comment TOO_LONG"));
  EXPECT_EQ(told.told()[0].description,
            "takes the line of sites/asked, of which earliest_start must be given");
}

}  // namespace
}  // namespace trialgate::routing
