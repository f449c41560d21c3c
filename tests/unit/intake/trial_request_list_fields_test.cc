#include "services/intake/trial_request_list_fields.h"

#include <string>
#include <vector>

#include "common/filter/list_query.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::intake {
namespace {

bool Finds(v1::Role role, const std::string& text, const v1::TrialRequest& request) {
  filter::CallFaults faults;
  const filter::ListQuery<v1::TrialRequest> query(TrialRequestFields(role), {text}, &faults);
  EXPECT_TRUE(faults.ToStatus().ok()) << faults.ToStatus();
  return faults.ToStatus().ok() && query.Matches(request);
}

v1::TrialRequest Request(v1::Confidentiality confidentiality) {
  v1::TrialRequest request;
  request.set_title("Trial of zenolimab");
  request.set_blinded_title("Trial of a new antibody");
  request.set_confidentiality(confidentiality);
  return request;
}

TEST(TrialRequestFieldsTest, DesksCompareTheTitleThatTheySeeWithoutACdaThoughTheyHaveOne) {
  const v1::TrialRequest blinded = Request(v1::CONFIDENTIALITY_BLINDED);
  EXPECT_FALSE(Finds(v1::ROLE_COORDINATOR, "title:zenolimab", blinded));
  EXPECT_TRUE(Finds(v1::ROLE_COORDINATOR, "title:antibody", blinded));
  EXPECT_TRUE(Finds(v1::ROLE_REQUESTER, "title:zenolimab", blinded));
  EXPECT_TRUE(Finds(v1::ROLE_NATIONAL, "title:zenolimab", blinded));
  EXPECT_TRUE(Finds(v1::ROLE_COORDINATOR, "title:zenolimab", Request(v1::CONFIDENTIALITY_OPEN)));
}

TEST(TrialRequestFieldsTest, NoFieldOfADesksIsHiddenFromItInSomeRequestButTheTitle) {
  for (const v1::Role role :
       {v1::ROLE_COORDINATOR, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR, v1::ROLE_UNSPECIFIED}) {
    for (const filter::Field& field : TrialRequestFields(role).fields()) {
      if (field.path == "title") continue;
      const auto* const declared = v1::TrialRequest::descriptor()->FindFieldByName(field.path);
      ASSERT_NE(declared, nullptr) << field.path;
      EXPECT_EQ(declared->options().GetExtension(v1::field_class), v1::FIELD_CLASS_REQUEST)
          << field.path;
    }
  }
}

}  // namespace
}  // namespace trialgate::intake
