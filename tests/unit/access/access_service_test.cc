#include "services/access/access_service.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/access_service.pb.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::access {
namespace {

using ::testing::ElementsAre;

class AccessServiceTest : public testing::Test {
 protected:
  static v1::Principal Requester() {
    v1::Principal principal;
    principal.set_role(v1::ROLE_REQUESTER);
    principal.set_subject("rita");
    principal.set_organization("organizations/acme");
    return principal;
  }

  absl::StatusOr<v1::CheckAccessResponse> Check(const v1::Principal& principal,
                                                const std::string& method) {
    v1::CheckAccessRequest request;
    request.set_method(method);
    return service_->Call<v1::CheckAccessResponse>("CheckAccess", principal, request);
  }

  // Has the services' protos linked in.
  static void SetUpTestSuite() {
    ASSERT_NE(v1::SubmitTrialRequestRequest::descriptor(), nullptr);
    ASSERT_NE(v1::ListAuditEventsRequest::descriptor(), nullptr);
  }

  // CDAs are not asked for here.
  std::unique_ptr<rpc::Service> service_ =
      NewAccessService(nullptr, {"trialgate.v1.TrialRequestService", "trialgate.v1.AuditService"});
};

TEST_F(AccessServiceTest, CallersLearnWhoTheyAre) {
  const auto caller =
      service_->Call<v1::Principal>("GetCaller", Requester(), v1::GetCallerRequest());
  ASSERT_OK(caller);
  EXPECT_EQ(caller->DebugString(), Requester().DebugString());
}

TEST_F(AccessServiceTest, CallersLearnWhatTheyMayAndOfWhat) {
  const auto may = Check(Requester(), "SubmitTrialRequest");
  ASSERT_OK(may);
  EXPECT_TRUE(may->allowed());
  EXPECT_EQ(may->permission(), v1::PERMISSION_TRIAL_REQUEST_SUBMIT);
  EXPECT_EQ(may->scope(), "what belongs to organizations/acme");
  const auto may_not = Check(Requester(), "trialgate.v1.AuditService/ListAuditEvents");
  ASSERT_OK(may_not);
  EXPECT_FALSE(may_not->allowed());
  EXPECT_EQ(may_not->scope(), "");
  EXPECT_THAT(may_not->permitted_roles(), ElementsAre(v1::ROLE_AUDITOR));
}

TEST_F(AccessServiceTest, EveryRoleMayAsk) {
  for (int role = v1::ROLE_REQUESTER; role <= v1::ROLE_OPERATOR; ++role) {
    v1::Principal principal;
    principal.set_role(static_cast<v1::Role>(role));
    EXPECT_OK(Check(principal, "CheckAccess")) << role;
  }
}

TEST_F(AccessServiceTest, MethodsThatAreNotServedHereAreUnknown) {
  for (const std::string& method :
       {std::string("NoSuchMethod"), std::string("trialgate.v1.AuditService/GetTrialRequest"),
        std::string("trialgate.v1.ReferralService/GetReferral"), std::string(""), std::string("/"),
        std::string(300, 'x')}) {
    EXPECT_THAT(Check(Requester(), method), HasReason(v1::ERROR_REASON_INVALID_FIELDS)) << method;
  }
}

}  // namespace
}  // namespace trialgate::access
