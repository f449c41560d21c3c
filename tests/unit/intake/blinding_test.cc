#include "services/intake/blinding.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::intake {
namespace {

v1::TrialRequest Request(v1::Confidentiality confidentiality) {
  v1::TrialRequest request;
  request.set_name("trialRequests/t");
  request.set_requester("organizations/acme");
  request.set_sponsor("organizations/sponsor");
  request.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  request.set_title("title");
  request.set_blinded_title("blinded title");
  request.set_synopsis("synopsis");
  request.set_blinded_synopsis("blinded synopsis");
  request.set_eligibility_criteria("criteria");
  request.add_external_ids()->set_code("NCT01234567");
  request.add_documents()->set_display_name("protocol.pdf");
  request.mutable_contact()->set_email("rita@acme.example");
  request.add_sites_already_contacted("sites/a");
  request.add_sites_already_contacted("sites/b");
  request.add_referrals("trialRequests/t/referrals/own");
  request.add_referrals("trialRequests/t/referrals/other");
  for (const char* referral : {"own", "other"}) {
    v1::OfferSelection* const selection = request.add_selections();
    selection->set_referral(absl::StrCat("trialRequests/t/referrals/", referral));
    selection->set_selected(true);
    selection->set_comment("acme prefers the capital");
  }
  request.mutable_update_time()->set_seconds(1);
  request.set_etag("7");
  request.set_withdraw_reason("acme stopped");
  request.set_confidentiality(confidentiality);
  return request;
}

DeskViewer Viewer(bool blinded) {
  return {{"trialRequests/t/referrals/own"}, {"sites/b"}, blinded};
}

TEST(BlindingTest, ADeskSeesAllOfAnOpenRequestButOtherDesksReferralsAndVersions) {
  for (const auto open : {v1::CONFIDENTIALITY_UNSPECIFIED, v1::CONFIDENTIALITY_OPEN}) {
    const v1::TrialRequest request = Request(open);
    v1::TrialRequest expected = request;
    expected.clear_update_time();
    expected.clear_etag();
    expected.mutable_referrals()->RemoveLast();
    expected.mutable_selections()->RemoveLast();
    EXPECT_EQ(AsSeenByDesk(request, Viewer(/*blinded=*/false)).DebugString(),
              expected.DebugString());
    EXPECT_EQ(TitleForDesks(request), "title");
  }
}

TEST(BlindingTest, OfABlindedRequestOnlyBlindedTextsAndStructuredFieldsAreSeen) {
  for (const auto blinded : {v1::CONFIDENTIALITY_BLINDED, v1::CONFIDENTIALITY_CDA_REQUIRED}) {
    const v1::TrialRequest request = Request(blinded);
    v1::TrialRequest expected;
    expected.set_name("trialRequests/t");
    expected.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
    expected.set_blinded_title("blinded title");
    expected.set_blinded_synopsis("blinded synopsis");
    expected.add_sites_already_contacted("sites/b");
    expected.add_referrals("trialRequests/t/referrals/own");
    v1::OfferSelection* const selection = expected.add_selections();
    selection->set_referral("trialRequests/t/referrals/own");
    selection->set_selected(true);
    expected.set_confidentiality(blinded);
    EXPECT_EQ(AsSeenByDesk(request, Viewer(/*blinded=*/true)).DebugString(),
              expected.DebugString());
    EXPECT_EQ(TitleForDesks(request), "blinded title");
  }
}

TEST(BlindingTest, TheSponsorIsTheRequesterUnlessAnotherIsNamed) {
  v1::TrialRequest request = Request(v1::CONFIDENTIALITY_BLINDED);
  EXPECT_EQ(SponsorOf(request), "organizations/sponsor");
  request.clear_sponsor();
  EXPECT_EQ(SponsorOf(request), "organizations/acme");
}

}  // namespace
}  // namespace trialgate::intake
