#include "common/store/idempotency.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/store/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using ::absl_testing::StatusIs;

class IdempotencyTest : public ::testing::Test {
 protected:
  static v1::Principal Someone(const std::string& subject) {
    v1::Principal principal;
    principal.set_role(v1::ROLE_NATIONAL);
    principal.set_subject(subject);
    return principal;
  }

  // Calls a method whose request and response are regions, and which counts how often it ran.
  absl::StatusOr<Answer<v1::Region>> Call(const std::string& subject, const std::string& method,
                                          const std::string& request_id, const std::string& body) {
    v1::Region request;
    request.set_name(body);
    ABSL_ASSIGN_OR_RETURN(
        const IdempotentCall call,
        MakeIdempotentCall(Someone(subject), method, request_id, request, clock_.Now()));
    return RunIdempotent<v1::Region>(store_.get(), call, absl::StrCat("commit", ++commits_), {},
                                     [&](UnitOfWork& work) -> absl::StatusOr<v1::Region> {
                                       ++runs_;
                                       work.SetEvent("event");
                                       v1::Region response = request;
                                       response.set_display_name(absl::StrCat("run ", runs_));
                                       return response;
                                     });
  }

  FakeClock clock_;
  std::unique_ptr<Store> store_ = NewMemoryStore();
  int commits_ = 0;
  int runs_ = 0;
};

TEST_F(IdempotencyTest, ARetryGetsTheFirstAnswerAndItsCommitAndChangesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto first, Call("ann", "Set", "r1", "body"));
  ASSERT_OK_AND_ASSIGN(const auto other, Call("ann", "Set", "r2", "body"));
  ASSERT_OK_AND_ASSIGN(const auto again, Call("ann", "Set", "r1", "body"));
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.response.display_name(), "run 1");
  EXPECT_EQ(again.commit, first.commit);
  EXPECT_NE(other.commit, first.commit);
  EXPECT_EQ(store_->Head(), other.commit);
  EXPECT_EQ(runs_, 2);
}

TEST_F(IdempotencyTest, TheSameIdWithAnotherBodyIsRefused) {
  ASSERT_OK(Call("ann", "Set", "r1", "body"));
  const auto reused = Call("ann", "Set", "r1", "another body");
  EXPECT_THAT(reused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reused, HasReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_EQ(runs_, 1);
}

TEST_F(IdempotencyTest, ARetryThatReadTheRecordAgainIsTheSameRequest) {
  const auto hash = [&](const google::protobuf::Message& request) {
    const auto call = MakeIdempotentCall(Someone("ann"), "Set", "r1", request, clock_.Now());
    EXPECT_OK(call);
    return call.ok() ? call->request_sha256 : "";
  };
  v1::UpdateSiteRequest request;
  request.mutable_site()->set_city("Ribe");
  request.mutable_site()->set_etag("7");
  v1::UpdateSiteRequest again = request;
  again.mutable_site()->set_etag("8");
  EXPECT_EQ(hash(request), hash(again)) << "the etag within a record";
  EXPECT_EQ(again.site().etag(), "8") << "the call itself keeps it";
  again.mutable_site()->set_city("Odense");
  EXPECT_NE(hash(request), hash(again));
  v1::EndSiteRequest end;
  end.set_name("sites/a");
  v1::EndSiteRequest end_again = end;
  end_again.set_etag("8");
  EXPECT_EQ(hash(end), hash(end_again)) << "the etag of a call";
}

TEST_F(IdempotencyTest, AnotherPrincipalOrMethodMayUseTheSameId) {
  ASSERT_OK(Call("ann", "Set", "r1", "body"));
  ASSERT_OK(Call("bob", "Set", "r1", "another body"));
  ASSERT_OK(Call("ann", "Delete", "r1", "another body"));
  EXPECT_EQ(runs_, 3);
}

TEST_F(IdempotencyTest, TheWholePrincipalCountsItsDesksInAnyOrder) {
  const v1::Region request;
  const auto key = [&](const v1::Principal& principal) {
    const auto call = MakeIdempotentCall(principal, "Set", "r1", request, clock_.Now());
    EXPECT_OK(call);
    return call.ok() ? call->key : "";
  };
  v1::Principal of_two = Someone("ann");
  of_two.add_desks("desks/a");
  of_two.add_desks("desks/b");
  v1::Principal reversed = Someone("ann");
  reversed.add_desks("desks/b");
  reversed.add_desks("desks/a");
  EXPECT_EQ(key(of_two), key(reversed));
  v1::Principal of_one = Someone("ann");
  of_one.add_desks("desks/a");
  v1::Principal other_role = Someone("ann");
  other_role.set_role(v1::ROLE_COORDINATOR);
  v1::Principal of_organization = Someone("ann");
  of_organization.set_organization("organizations/acme");
  const std::set<std::string> keys = {key(Someone("ann")), key(Someone("bob")),
                                      key(of_one),         key(of_two),
                                      key(other_role),     key(of_organization)};
  EXPECT_EQ(keys.size(), 6);
}

TEST_F(IdempotencyTest, AnAnswerIsForgottenAfterSevenDays) {
  ASSERT_OK(Call("ann", "Set", "r1", "body"));
  clock_.Advance(kAnswerLife);
  ASSERT_OK_AND_ASSIGN(const auto within, Call("ann", "Set", "r1", "body"));
  EXPECT_TRUE(within.repeated);
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK_AND_ASSIGN(const auto later, Call("ann", "Set", "r1", "another body"));
  EXPECT_FALSE(later.repeated);
  EXPECT_EQ(runs_, 2);
}

TEST_F(IdempotencyTest, AFailureIsNotKept) {
  v1::Region request;
  ASSERT_OK_AND_ASSIGN(const IdempotentCall call,
                       MakeIdempotentCall(Someone("ann"), "Set", "r1", request, clock_.Now()));
  const auto failed = RunIdempotent<v1::Region>(
      store_.get(), call, "c1", {},
      [](UnitOfWork&) -> absl::StatusOr<v1::Region> { return absl::NotFoundError("no"); });
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(IdempotencyTest, ARequestIdIsPrintableAsciiAndNotTooLong) {
  for (const std::string& bad :
       {std::string(), std::string("a\nb"), std::string("\xc3\xa6"), std::string(129, 'x')}) {
    EXPECT_EQ(CheckRequestId(bad).count(), 1);
    EXPECT_THAT(Call("ann", "Set", bad, "body"), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  }
  EXPECT_TRUE(CheckRequestId(std::string(128, 'x')).empty());
  EXPECT_OK(Call("ann", "Set", std::string(128, 'x'), "body"));
}

}  // namespace
}  // namespace trialgate::store
