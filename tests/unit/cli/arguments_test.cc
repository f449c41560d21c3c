#include "tools/cli/arguments.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> Told(const FieldFaults& faults) {
  std::vector<std::string> told;
  for (const FieldViolation& fault : faults.told()) {
    told.push_back(fault.field + ": " + fault.description);
  }
  return told;
}

TEST(OfferTest, AWholeOfferIsRead) {
  FieldFaults faults;
  const v1::Offer offer =
      ParseOffer("rigshospitalet-onco,patients=12,start=2027-03-01,firm", "--offer 1", &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  EXPECT_EQ(offer.site(), "sites/rigshospitalet-onco");
  EXPECT_EQ(offer.patients_claimed(), 12);
  EXPECT_EQ(offer.earliest_start(), "2027-03-01");
  EXPECT_EQ(offer.firmness(), v1::OFFER_FIRMNESS_FIRM);
}

TEST(OfferTest, ATextRunsOnOverCommasUntilTheNextWord) {
  FieldFaults faults;
  const v1::Offer offer = ParseOffer(
      "sites/x,conditions=needs a nurse, and MRI, weekly,pi=Dr. Ærø, MD,tentative,patients=0,"
      "start=2027-03-01,comment=a=b, c",
      "--offer 1", &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  EXPECT_EQ(offer.conditions(), "needs a nurse, and MRI, weekly");
  EXPECT_EQ(offer.principal_investigator(), "Dr. Ærø, MD");
  EXPECT_EQ(offer.comment(), "a=b, c");
  EXPECT_EQ(offer.firmness(), v1::OFFER_FIRMNESS_TENTATIVE);
}

TEST(OfferTest, EveryFaultIsToldAtOnce) {
  FieldFaults faults;
  ParseOffer("x,patients=-1,start=2027-02-30,frim", "--offer 2", &faults);
  EXPECT_THAT(Told(faults), SizeIs(4));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("patients must be")));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("2027-02-30")));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("\"frim\" is none of")));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("firm or tentative must be given")));
  EXPECT_THAT(Told(faults), Each(testing::StartsWith("--offer 2: ")));
}

TEST(OfferTest, AMisspelledWordIsNotSwallowedByTheTextBeforeIt) {
  FieldFaults faults;
  ParseOffer("x,patients=1,start=2027-03-01,conditions=none,frim=1,firm", "--offer 1", &faults);
  EXPECT_THAT(Told(faults), SizeIs(1));
}

TEST(OfferTest, AWordGivenTwiceOrASiteLeftOutIsAFault) {
  FieldFaults twice;
  ParseOffer("x,patients=1,patients=2,start=2027-03-01,firm,tentative", "--offer 1", &twice);
  EXPECT_THAT(Told(twice), SizeIs(2));
  FieldFaults siteless;
  ParseOffer("patients=1,start=2027-03-01,firm", "--offer 1", &siteless);
  EXPECT_THAT(Told(siteless), Contains(HasSubstr("begins with the site")));
  FieldFaults empty;
  ParseOffer("", "--offer 1", &empty);
  EXPECT_FALSE(empty.empty());
}

TEST(RefusalTest, ReasonAndCommentAreRead) {
  FieldFaults faults;
  const v1::Refusal refusal =
      ParseRefusal("x=competing-study:the same patients: all of them", "--refuse 1", &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  EXPECT_EQ(refusal.site(), "sites/x");
  EXPECT_EQ(refusal.reason(), v1::REFUSAL_REASON_COMPETING_STUDY);
  EXPECT_EQ(refusal.comment(), "the same patients: all of them");
}

TEST(RefusalTest, OtherNeedsWordsAndReasonsMustBeKnown) {
  FieldFaults faults;
  ParseRefusal("x=OTHER", "--refuse 1", &faults);
  ParseRefusal("x=BUSY", "--refuse 2", &faults);
  ParseRefusal("x", "--refuse 3", &faults);
  EXPECT_THAT(Told(faults), SizeIs(3));
  EXPECT_THAT(Told(faults)[1], HasSubstr("NO_STAFF")) << "the choices are listed";
}

TEST(DeclineTest, AReasonAloneIsEnough) {
  FieldFaults faults;
  const v1::Refusal decline = ParseDecline("NO_STAFF", "--reason", &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  EXPECT_EQ(decline.reason(), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_EQ(decline.site(), "");
}

v1::CollatedAnswer AnswerOffering(const std::vector<std::string>& sites) {
  v1::CollatedAnswer answer;
  for (const std::string& site : sites) {
    v1::CollatedSite* line = answer.add_sites();
    line->set_site(site);
    line->set_referral("trialRequests/r/referrals/" + site.substr(6));
    line->set_outcome(v1::SITE_OUTCOME_OFFERED);
  }
  v1::CollatedSite* refused = answer.add_sites();
  refused->set_site("sites/refused");
  refused->set_outcome(v1::SITE_OUTCOME_REFUSED);
  return answer;
}

TEST(SelectionTest, EveryOfferGetsItsSelection) {
  v1::ConfirmTrialRequestRequest request;
  FieldFaults faults;
  ParseSelections({.select = {"a"}, .reject = {"sites/b=TIMELINE:too late"}},
                  AnswerOffering({"sites/a", "sites/b"}), &request, &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  ASSERT_EQ(request.selections_size(), 2);
  EXPECT_TRUE(request.selections(0).selected());
  EXPECT_EQ(request.selections(0).referral(), "trialRequests/r/referrals/a");
  EXPECT_FALSE(request.selections(1).selected());
  EXPECT_EQ(request.selections(1).reason(), v1::NOT_SELECTED_REASON_TIMELINE);
  EXPECT_EQ(request.selections(1).comment(), "too late");
}

TEST(SelectionTest, TheRestIsSelectedOrRejectedTogether) {
  const v1::CollatedAnswer answer = AnswerOffering({"sites/a", "sites/b", "sites/c"});
  FieldFaults faults;
  v1::ConfirmTrialRequestRequest all;
  ParseSelections({.reject = {"b=BUDGET"}, .select_all = true}, answer, &all, &faults);
  EXPECT_TRUE(all.selections(0).selected() && !all.selections(1).selected() &&
              all.selections(2).selected());
  v1::ConfirmTrialRequestRequest one;
  ParseSelections({.select = {"c"}, .reject_rest = "ENOUGH_SITES"}, answer, &one, &faults);
  EXPECT_TRUE(!one.selections(0).selected() && !one.selections(1).selected() &&
              one.selections(2).selected());
  EXPECT_THAT(Told(faults), IsEmpty());
}

TEST(SelectionTest, OffersForgottenAndSitesNotOfferedAreFaults) {
  v1::ConfirmTrialRequestRequest request;
  FieldFaults faults;
  ParseSelections({.select = {"a", "a", "refused"}}, AnswerOffering({"sites/a", "sites/b"}),
                  &request, &faults);
  EXPECT_THAT(Told(faults), SizeIs(3));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("sites/a is named twice")));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("sites/b: is offered")));
  EXPECT_THAT(Told(faults), Contains(HasSubstr("sites/refused is not offered")));
}

TEST(MonthUseTest, AMonthIsLaidOverTheOthersInOrder) {
  v1::SiteCapacity capacity;
  FieldFaults faults;
  for (const char* text : {"2027-03=2", "2027-01=1", "2027-02=4", "2027-03=0"}) {
    ParseMonthUse(text, "--month", &capacity, &faults);
  }
  EXPECT_THAT(Told(faults), IsEmpty());
  ASSERT_EQ(capacity.months_size(), 3);
  EXPECT_EQ(capacity.months(0).month(), "2027-01");
  EXPECT_EQ(capacity.months(1).occupied_declared(), 4);
  EXPECT_EQ(capacity.months(2).month(), "2027-03");
  EXPECT_EQ(capacity.months(2).occupied_declared(), 0);
}

TEST(MonthUseTest, MonthsThatDoNotExistAndNegativeUseAreFaults) {
  v1::SiteCapacity capacity;
  FieldFaults faults;
  for (const char* text : {"2027-13=2", "2027-03", "2027-03=-1", "2027-03-01=1", "=", ""}) {
    ParseMonthUse(text, "--month", &capacity, &faults);
  }
  EXPECT_THAT(Told(faults), SizeIs(6));
  EXPECT_EQ(capacity.months_size(), 0);
}

TEST(PrincipalTest, IdsAreCompletedToNames) {
  FieldFaults faults;
  EXPECT_EQ(ParsePrincipal("requester:acme:alice", &faults), "requester:organizations/acme:alice");
  EXPECT_EQ(ParsePrincipal("coordinator:north,desks/south:bob", &faults),
            "coordinator:desks/north,desks/south:bob");
  EXPECT_EQ(ParsePrincipal("national::carol", &faults), "national::carol");
  EXPECT_THAT(Told(faults), IsEmpty());
}

TEST(PrincipalTest, WhatIsNoPrincipalIsAFault) {
  for (const char* text : {"alice", "requester:acme", "requester::alice", "king::x",
                           "national:acme:carol", "national::"}) {
    FieldFaults faults;
    ParsePrincipal(text, &faults);
    EXPECT_THAT(Told(faults), SizeIs(1)) << text;
  }
}

}  // namespace
}  // namespace trialgate::cli
