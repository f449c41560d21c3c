#include "tools/cli/form.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/cli/forms.h"
#include "tools/cli/yaml.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

v1::Referral AReferral() {
  v1::Referral referral;
  referral.set_name("trialRequests/r1/referrals/f1");
  referral.set_title("A study på Ærø");
  for (const char* site : {"sites/a", "sites/b", "sites/c"}) referral.add_sites(site);
  v1::Offer* offer = referral.add_offers();
  offer->set_site("sites/b");
  offer->set_patients_claimed(12);
  offer->set_conditions("One line\nand another");
  offer->set_status(v1::OFFER_STATUS_HELD);
  return referral;
}

TEST(FormTest, AnAnswersFormHasEachSiteAskedAboutAndWhatWasAnsweredBefore) {
  EXPECT_THAT(RenderForm(AnswerDraft(AReferral()), AnswerForm(AReferral())),
              testing::StartsWith(
                  "# Answer of r1/f1\n"
                  "# A study på Ærø\n"
                  "# \n"
                  "# Each site asked about stands under offers and under refusals: fill in one of "
                  "the two.\n"
                  "# Where nothing but the site is said, it is left out.\n"
                  "# Save and close to send it. Left empty, nothing is sent; left as it is, you "
                  "are asked.\n"
                  "# Lines that begin with # are not read.\n"
                  "\n"
                  "# sites put forward; a list; each has: site, patients_claimed, earliest_start,\n"
                  "# principal_investigator, conditions, firmness, comment\n"
                  "offers:\n"
                  "  - site: sites/b\n"
                  "    patients_claimed: 12\n"
                  "    # YYYY-MM-DD\n"
                  "    earliest_start:\n"
                  "    # may be empty\n"
                  "    principal_investigator:\n"
                  "    conditions: |-\n"
                  "      One line\n"
                  "      and another\n"
                  "    # FIRM holds a slot in each month; one of: FIRM, TENTATIVE\n"
                  "    firmness:\n"
                  "    # needed where the site was not asked about\n"
                  "    comment:\n"
                  "  - site: sites/a\n"
                  "    patients_claimed:\n"
                  "    earliest_start:\n"));
}

TEST(FormTest, AFormReadsAsItsMessage) {
  const v1::AnswerReferralRequest draft = AnswerDraft(AReferral());
  v1::AnswerReferralRequest read;
  FieldFaults faults;
  ReadYaml(RenderForm(draft, AnswerForm(AReferral())), &read, &faults);
  EXPECT_TRUE(faults.empty()) << faults.ToStatus();
  EXPECT_EQ(read.SerializeAsString(), draft.SerializeAsString());
}

TEST(FormTest, WhatIsLeftUnfilledIsLeftOutAndFaultsFindTheirPlaceAllTheSame) {
  v1::AnswerReferralRequest answer = AnswerDraft(AReferral());
  answer.mutable_refusals(1)->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  const std::vector<std::string> places = DropUnfilled(&answer);
  EXPECT_THAT(places, ElementsAre("offers[0]", "refusals[1]"));
  ASSERT_EQ(answer.refusals_size(), 1);
  EXPECT_EQ(answer.refusals(0).site(), "sites/c");
  EXPECT_EQ(PlaceBefore(answer, places, "refusals[0].comment"), "refusals[1].comment");
  EXPECT_EQ(PlaceBefore(answer, places, "comment"), "comment");
}

TEST(FormTest, FaultsStandAboveTheirFieldsAndEarlierOnesAreGone) {
  const FormSpec spec{.title = "A request", .prefix = "trial_request"};
  const std::string form = "title:\ncontact:\n  email: x\n";
  const std::string once =
      WithFaults(form, spec,
                 {{"trial_request.contact.email", "is no address", v1::ERROR_REASON_INVALID_FORMAT},
                  {"trial_request.title", "must be\ngiven", v1::ERROR_REASON_REQUIRED},
                  {"elsewhere", "must be given", v1::ERROR_REASON_REQUIRED}});
  EXPECT_EQ(once,
            "# !! elsewhere: must be given\n"
            "# !! title: must be given\n"
            "title:\n"
            "contact:\n"
            "  # !! contact.email: is no address\n"
            "  email: x\n");
  EXPECT_EQ(WithFaults(once, spec, {}), form);
}

TEST(FormTest, CommentsAloneAreAnEmptyForm) {
  EXPECT_TRUE(IsEmptyForm("# a\n\n   # b\n"));
  EXPECT_TRUE(IsEmptyForm(""));
  EXPECT_FALSE(IsEmptyForm("# a\ntitle:\n"));
}

TEST(FormTest, ARequestsFormAsksForNothingThatTheServerSets) {
  const std::string form = RenderForm(v1::TrialRequest(), RequestForm());
  for (const char* hidden : {"\nname:", "\nstate:", "\netag:", "\nreferrals:", "_time:"}) {
    EXPECT_THAT(form, testing::Not(HasSubstr(hidden)));
  }
  EXPECT_THAT(form, HasSubstr("\n# one of: MEDICINAL_PRODUCT"));
  EXPECT_THAT(form, HasSubstr("\nspecialities: []\n"));
  EXPECT_THAT(form, HasSubstr("\ncontact:\n  display_name:\n"));
}

}  // namespace
}  // namespace trialgate::cli
