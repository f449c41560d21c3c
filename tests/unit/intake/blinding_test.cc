#include "services/intake/blinding.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::intake {
namespace {

using ::testing::ElementsAre;

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
  request.add_selections()->set_comment("acme prefers the capital");
  request.set_withdraw_reason("acme stopped");
  request.set_confidentiality(confidentiality);
  return request;
}

TEST(BlindingTest, AnOpenRequestIsSeenAsItIs) {
  for (const auto open : {v1::CONFIDENTIALITY_UNSPECIFIED, v1::CONFIDENTIALITY_OPEN}) {
    const v1::TrialRequest request = Request(open);
    EXPECT_EQ(AsSeenByDesk(request, {}).SerializeAsString(), request.SerializeAsString());
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
    expected.set_confidentiality(blinded);
    EXPECT_EQ(AsSeenByDesk(request, {"sites/b"}).DebugString(), expected.DebugString());
    EXPECT_EQ(TitleForDesks(request), "blinded title");
  }
}

}  // namespace
}  // namespace trialgate::intake
