#include "common/rpc/rate_limiter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/identity/principal.h"
#include "common/rpc/peer_address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiterTest() {
    options_.clock = &clock_;
    options_.metrics = &metrics_;
    options_.limits.read = Rate{2, absl::Seconds(1), 4};
    options_.limits.match = Rate{1, absl::Seconds(10), 2};
    options_.limits.organization_factor = 2;
    options_.limits.failed_logins = Rate{1, absl::Seconds(1), 3};
  }

  static absl::Status Admit(RateLimiter& limiter, const std::string& principal,
                            v1::CallClass call_class = v1::CALL_CLASS_READ) {
    CallContext call;
    call.principal = identity::ParsePrincipal(principal).value();
    v1::MethodAccess access;
    access.set_call_class(call_class);
    return limiter.Admit(call, access);
  }
  // How many calls of the principal are admitted now, of as many as it likes.
  static int Admitted(RateLimiter& limiter, const std::string& principal) {
    int admitted = 0;
    while (admitted < 1000 && Admit(limiter, principal).ok()) ++admitted;
    return admitted;
  }

  FakeClock clock_;
  obs::MetricsRegistry metrics_;
  RateLimiterOptions options_;
};

TEST_F(RateLimiterTest, WhoCallsTooMuchIsToldExactlyWhenItMayAgain) {
  RateLimiter limiter(options_);
  EXPECT_EQ(Admitted(limiter, "national::nora"), 4);
  const absl::Status refused = Admit(limiter, "national::nora");
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                             HasReason(v1::ERROR_REASON_RATE_LIMITED)));
  EXPECT_EQ(RetryAfterOf(refused), absl::Milliseconds(500));
  EXPECT_EQ(MetadataOf(refused)["class"], "read");
  clock_.Advance(RetryAfterOf(refused));
  EXPECT_OK(Admit(limiter, "national::nora"));
}

TEST_F(RateLimiterTest, ClassesOfMethodsAreApart) {
  RateLimiter limiter(options_);
  EXPECT_EQ(Admitted(limiter, "national::nora"), 4);
  EXPECT_OK(Admit(limiter, "national::nora", v1::CALL_CLASS_MATCH));
  EXPECT_OK(Admit(limiter, "national::nora", v1::CALL_CLASS_MATCH));
  const absl::Status refused = Admit(limiter, "national::nora", v1::CALL_CLASS_MATCH);
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(10));
  EXPECT_EQ(MetadataOf(refused)["class"], "match");
  EXPECT_OK(Admit(limiter, "national::nora", v1::CALL_CLASS_BULK));
}

TEST_F(RateLimiterTest, CallersAreApartByRoleOrganizationAndSubject) {
  RateLimiter limiter(options_);
  for (const std::string principal :
       {"national::nora", "auditor::nora", "national::norb", "coordinator:desks/north:nora",
        "requester:organizations/acme:nora", "requester:organizations/beta:nora"}) {
    EXPECT_EQ(Admitted(limiter, principal), 4) << principal;
  }
}

TEST_F(RateLimiterTest, TheSubjectsOfAnOrganizationShareABucketAndOthersDoNotFeelIt) {
  RateLimiter limiter(options_);
  EXPECT_EQ(Admitted(limiter, "requester:organizations/acme:a"), 4);
  EXPECT_EQ(Admitted(limiter, "requester:organizations/acme:b"), 4);
  const absl::Status refused = Admit(limiter, "requester:organizations/acme:c");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("organization")));
  EXPECT_EQ(RetryAfterOf(refused), absl::Milliseconds(250));
  EXPECT_EQ(Admitted(limiter, "requester:organizations/beta:a"), 4);
  // What its organization refused did not cost the subject its own.
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Admitted(limiter, "requester:organizations/acme:c"), 4);
}

TEST_F(RateLimiterTest, WhatASubjectIsRefusedCostsItsOrganizationNothing) {
  RateLimiter limiter(options_);
  EXPECT_EQ(Admitted(limiter, "requester:organizations/acme:a"), 4);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Admit(limiter, "requester:organizations/acme:a").ok());
  EXPECT_EQ(Admitted(limiter, "requester:organizations/acme:b"), 4);
}

TEST_F(RateLimiterTest, ManySubjectsOfOneOrganizationHaveItsShareTogether) {
  RateLimiter limiter(options_);
  int admitted = 0;
  for (int i = 0; i < 500; ++i) {
    admitted += Admitted(limiter, absl::StrCat("requester:organizations/acme:s", i));
  }
  EXPECT_EQ(admitted, 8);
}

TEST_F(RateLimiterTest, AnAddressWhoseLoginsFailIsNotLookedAtForAWhile) {
  RateLimiter limiter(options_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_OK(limiter.AdmitPeer("192.0.2.1"));
    limiter.NoteFailedLogin("192.0.2.1");
  }
  const absl::Status refused = limiter.AdmitPeer("192.0.2.1");
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_RATE_LIMITED));
  EXPECT_EQ(MetadataOf(refused)["class"], "login");
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  EXPECT_OK(limiter.AdmitPeer("192.0.2.2"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(limiter.AdmitPeer("192.0.2.1"));
}

TEST_F(RateLimiterTest, LoginsThatSucceedAreNotCounted) {
  RateLimiter limiter(options_);
  for (int i = 0; i < 1000; ++i) EXPECT_OK(limiter.AdmitPeer("192.0.2.1"));
}

TEST_F(RateLimiterTest, RefusalsAreCountedByClass) {
  RateLimiter limiter(options_);
  EXPECT_THAT(metrics_.Expose(), HasSubstr("trialgate_rate_limited_total{class=\"bulk\"} 0\n"));
  Admitted(limiter, "national::nora");
  EXPECT_FALSE(Admit(limiter, "national::nora").ok());
  for (int i = 0; i < 3; ++i) limiter.NoteFailedLogin("192.0.2.1");
  EXPECT_FALSE(limiter.AdmitPeer("192.0.2.1").ok());
  EXPECT_THAT(metrics_.Expose(),
              AllOf(HasSubstr("trialgate_rate_limited_total{class=\"read\"} 2\n"),
                    HasSubstr("trialgate_rate_limited_total{class=\"login\"} 1\n")));
}

TEST_F(RateLimiterTest, TheDefaultsLeaveRoomForTypingAndForAPortal) {
  options_.limits = RateLimits();
  RateLimiter limiter(options_);
  // Half a minute of what-if at eight a second, with the screens around it.
  for (int i = 0; i < 240; ++i) {
    EXPECT_OK(Admit(limiter, "requester:organizations/acme:a", v1::CALL_CLASS_MATCH));
    for (int k = 0; k < 10; ++k) EXPECT_OK(Admit(limiter, "requester:organizations/acme:a"));
    EXPECT_OK(Admit(limiter, "requester:organizations/acme:a", v1::CALL_CLASS_LIST));
    clock_.Advance(absl::Milliseconds(125));
  }
}

TEST(PeerNetworkTest, IsTheAddressOfIpv4AndTheNetworkOfIpv6) {
  EXPECT_EQ(PeerNetwork("ipv4:192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(PeerNetwork("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:4711"), "2001:db8:1:2::/64");
  EXPECT_EQ(PeerNetwork("ipv6:[2001:db8:1:2:9::1]:1"), "2001:db8:1:2::/64");
  EXPECT_EQ(PeerNetwork("ipv6:%5Bfe80::1%25eth0%5D:1"), "fe80::/64");
  EXPECT_EQ(PeerNetwork("ipv6:%5B::1%5D:1"), "::/64");
  EXPECT_EQ(PeerNetwork("unix:/run/socket"), "unix:/run/socket");
  EXPECT_EQ(PeerNetwork("ipv6:nonsense"), "ipv6:nonsense");
  EXPECT_EQ(PeerNetwork(""), "");
  EXPECT_EQ(PeerNetwork(std::string(1000, 'x')).size(), 64u);
}

}  // namespace
}  // namespace trialgate::rpc
