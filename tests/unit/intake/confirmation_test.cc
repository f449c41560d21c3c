#include "services/intake/confirmation.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An answer with an offer of site 1 and one of site 2, both by the same referral.
v1::CollatedAnswer Answer() {
  v1::CollatedAnswer answer;
  for (const char* site : {"sites/1", "sites/2"}) {
    v1::CollatedSite* line = answer.add_sites();
    line->set_site(site);
    line->set_referral("r");
    line->set_outcome(v1::SITE_OUTCOME_OFFERED);
  }
  v1::CollatedSite* refused = answer.add_sites();
  refused->set_site("sites/3");
  refused->set_referral("r");
  refused->set_outcome(v1::SITE_OUTCOME_REFUSED);
  return answer;
}

v1::OfferSelection& Select(v1::ConfirmTrialRequestRequest& confirm, const std::string& site) {
  v1::OfferSelection* selection = confirm.add_selections();
  selection->set_site(site);
  selection->set_referral("r");
  selection->set_selected(true);
  return *selection;
}

std::vector<std::string> Faults(const v1::ConfirmTrialRequestRequest& confirm) {
  std::vector<std::string> faults;
  const auto checked = CheckSelections(confirm, Answer());
  for (const FieldViolation& fault : checked.told()) {
    faults.push_back(fault.field + " " + ReasonName(fault.reason));
  }
  return faults;
}

TEST(ConfirmationTest, ASiteThatTwoDesksOfferIsSelectedOnce) {
  v1::CollatedAnswer answer = Answer();
  *answer.add_sites() = answer.sites(0);
  answer.mutable_sites(3)->set_referral("other");
  v1::ConfirmTrialRequestRequest confirm;
  Select(confirm, "sites/1");
  Select(confirm, "sites/2");
  Select(confirm, "sites/1").set_referral("other");
  const auto checked = CheckSelections(confirm, answer);
  ASSERT_EQ(checked.told().size(), 1u);
  EXPECT_EQ(checked.told()[0].field, "selections[2].selected");
  EXPECT_EQ(checked.told()[0].reason, v1::ERROR_REASON_CONTRADICTION);
  confirm.mutable_selections(2)->set_selected(false);
  confirm.mutable_selections(2)->set_reason(v1::NOT_SELECTED_REASON_ENOUGH_SITES);
  EXPECT_TRUE(CheckSelections(confirm, answer).empty());
}

TEST(ConfirmationTest, EveryOfferIsSelectedOrNotForAReason) {
  v1::ConfirmTrialRequestRequest confirm;
  Select(confirm, "sites/1");
  v1::OfferSelection& left = Select(confirm, "sites/2");
  left.set_selected(false);
  left.set_reason(v1::NOT_SELECTED_REASON_TIMELINE);
  EXPECT_THAT(Faults(confirm), IsEmpty());
  left.clear_reason();
  EXPECT_THAT(Faults(confirm), ElementsAre("selections[1].reason REQUIRED"));
  left.set_reason(v1::NOT_SELECTED_REASON_OTHER);
  EXPECT_THAT(Faults(confirm), ElementsAre("selections[1].comment REQUIRED"));
}

TEST(ConfirmationTest, AnOfferWithoutAWordIsAFault) {
  v1::ConfirmTrialRequestRequest confirm;
  EXPECT_THAT(Faults(confirm), ElementsAre("selections REQUIRED", "selections REQUIRED"));
}

TEST(ConfirmationTest, WhatWasNotOfferedCannotBeSelected) {
  v1::ConfirmTrialRequestRequest confirm;
  Select(confirm, "sites/1");
  Select(confirm, "sites/2");
  Select(confirm, "sites/3");
  Select(confirm, "sites/1").set_referral("another");
  EXPECT_THAT(Faults(confirm),
              ElementsAre("selections[2] UNKNOWN_VALUE", "selections[3] UNKNOWN_VALUE"));
}

TEST(ConfirmationTest, TwoWordsOnOneOfferAreAFault) {
  v1::ConfirmTrialRequestRequest confirm;
  Select(confirm, "sites/1");
  Select(confirm, "sites/2");
  Select(confirm, "sites/1");
  EXPECT_THAT(Faults(confirm), ElementsAre("selections[2] DUPLICATE"));
}

TEST(ConfirmationTest, AReasonAgainstWhatIsSelectedIsAFault) {
  v1::ConfirmTrialRequestRequest confirm;
  Select(confirm, "sites/1").set_reason(v1::NOT_SELECTED_REASON_BUDGET);
  Select(confirm, "sites/2");
  EXPECT_THAT(Faults(confirm), ElementsAre("selections[0].reason CONTRADICTION"));
}

}  // namespace
}  // namespace trialgate::intake
