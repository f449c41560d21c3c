#include "common/rpc/certificate_authenticator.h"

#include <memory>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/obs/log.h"
#include "common/rpc/composed_authenticator.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_folder.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::IsOk;
using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);

class CertificateAuthenticatorTest : public testing::Test {
 protected:
  CertificateAuthenticatorTest() {
    obs::SetLogLevel(obs::Level::kError);
    tls_.WriteCrl(tls_.authority.Crl(clock_.Now(), clock_.Now() + 10 * kDay));
    reloader_ = *TlsReloader::Start({tls_.files, absl::InfiniteDuration()}, &clock_, &metrics_);
    authenticator_ = NewCertificateAuthenticator(reloader_.get(), &clock_);
  }
  ~CertificateAuthenticatorTest() override { obs::SetLogLevel(obs::Level::kInfo); }

  void NewCrl(absl::Duration valid_for) {
    WriteFile(tls_.files.crl, tls_.authority.Crl(clock_.Now(), clock_.Now() + valid_for));
    reloader_->Look();
    reloader_->Look();
  }
  TestCertificate Issue(const std::string& principal) const {
    return tls_.authority.Issue({.uris = {"urn:trialgate:" + principal}});
  }
  absl::StatusOr<v1::Principal> Call(const TestCertificate& certificate) const {
    PeerCredentials credentials;
    credentials.certificate_pem = certificate.certificate_pem;
    return authenticator_->Authenticate(credentials);
  }
  static auto Refused(v1::ErrorReason reason) {
    return AllOf(StatusIs(absl::StatusCode::kUnauthenticated), HasReason(reason));
  }

  FakeClock clock_;
  TlsFolder tls_{clock_.Now()};
  obs::MetricsRegistry metrics_;
  std::unique_ptr<TlsReloader> reloader_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(CertificateAuthenticatorTest, TheCertificateSaysWhoCalls) {
  const TestCertificate alice = Issue("requester:organizations/acme:alice");
  const TestCertificate carol = Issue("national::carol");
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const v1::Principal first, Call(alice));
    EXPECT_EQ(first.organization(), "organizations/acme");
    EXPECT_EQ(first.subject(), "alice");
    ASSERT_OK_AND_ASSIGN(const v1::Principal second, Call(carol));
    EXPECT_EQ(second.role(), v1::ROLE_NATIONAL);
  }
}

TEST_F(CertificateAuthenticatorTest, NobodyWithoutACertificate) {
  EXPECT_THAT(Call({}), Refused(v1::ERROR_REASON_NO_PRINCIPAL));
}

TEST_F(CertificateAuthenticatorTest, ACertificateWithoutAPrincipalHasNoRole) {
  EXPECT_THAT(Call(tls_.authority.Issue({})), Refused(v1::ERROR_REASON_NO_ROLE));
}

TEST_F(CertificateAuthenticatorTest, OneRevokedAfterItsConnectionIsRefusedOnTheNextCall) {
  const TestCertificate alice = Issue("national::alice");
  const TestCertificate bob = Issue("national::bob");
  EXPECT_THAT(Call(alice), IsOk());
  tls_.authority.Revoke(alice);
  NewCrl(10 * kDay);
  EXPECT_THAT(Call(alice), Refused(v1::ERROR_REASON_INVALID_CERTIFICATE));
  EXPECT_THAT(Call(bob), IsOk());
}

TEST_F(CertificateAuthenticatorTest, OneThatExpiresIsRefusedFromThatInstantOn) {
  const TestCertificate alice =
      tls_.authority.Issue({.uris = {"urn:trialgate:national::a"}, .valid_for = 2 * kDay});
  EXPECT_THAT(Call(alice), IsOk());
  clock_.Advance(2 * kDay - absl::Seconds(1));
  EXPECT_THAT(Call(alice), IsOk());
  clock_.Advance(absl::Seconds(2));
  EXPECT_THAT(Call(alice), Refused(v1::ERROR_REASON_INVALID_CERTIFICATE));
}

TEST_F(CertificateAuthenticatorTest, NobodyIsBelievedByAListOutOfDateUntilThereIsANewOne) {
  const TestCertificate alice = Issue("national::alice");
  EXPECT_THAT(Call(alice), IsOk());
  clock_.Advance(11 * kDay);
  EXPECT_THAT(Call(alice), AllOf(Refused(v1::ERROR_REASON_INVALID_CERTIFICATE),
                                 StatusIs(testing::_, HasSubstr("CRL has expired"))));
  NewCrl(10 * kDay);
  EXPECT_THAT(Call(alice), IsOk());
}

TEST_F(CertificateAuthenticatorTest, AClientOfAnAuthorityThatIsTakenOutIsRefused) {
  const TestCertificate alice = Issue("national::alice");
  EXPECT_THAT(Call(alice), IsOk());
  const TestAuthority other("other", clock_.Now());
  WriteFile(tls_.files.client_ca, other.certificate_pem());
  WriteFile(tls_.files.crl, other.Crl(clock_.Now(), clock_.Now() + kDay));
  reloader_->Look();
  reloader_->Look();
  EXPECT_THAT(Call(alice), Refused(v1::ERROR_REASON_INVALID_CERTIFICATE));
}

TEST_F(CertificateAuthenticatorTest, IssuersThatTheClientSentAreUsed) {
  const TestAuthority middle("middle", clock_.Now(), &tls_.authority);
  WriteFile(tls_.files.client_ca, tls_.authority.certificate_pem() + middle.certificate_pem());
  WriteFile(tls_.files.crl, tls_.authority.Crl(clock_.Now(), clock_.Now() + kDay) +
                                middle.Crl(clock_.Now(), clock_.Now() + kDay));
  reloader_->Look();
  reloader_->Look();
  PeerCredentials credentials;
  credentials.certificate_pem =
      middle.Issue({.uris = {"urn:trialgate:national::bob"}}).certificate_pem;
  credentials.certificate_issuers_pem = middle.certificate_pem();
  EXPECT_THAT(authenticator_->Authenticate(credentials), IsOk());
}

TEST_F(CertificateAuthenticatorTest, ManyCertificatesDoNotMixUpWhoCalls) {
  const TestCertificate first = Issue("national::first");
  EXPECT_THAT(Call(first), IsOk());
  for (int i = 0; i < 50; ++i) {
    const std::string subject = absl::StrCat("s", i);
    ASSERT_OK_AND_ASSIGN(const v1::Principal principal, Call(Issue("auditor::" + subject)));
    EXPECT_EQ(principal.subject(), subject);
  }
  ASSERT_OK_AND_ASSIGN(const v1::Principal again, Call(first));
  EXPECT_EQ(again.subject(), "first");
}

// A principal whose subject is the token, and who a certificate says it is.
class ComposedAuthenticatorTest : public CertificateAuthenticatorTest {
 protected:
  ComposedAuthenticatorTest() { Compose(ByToken); }

  static absl::StatusOr<v1::Principal> ByToken(absl::string_view token) {
    if (token == "bad") {
      return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_TOKEN, "bad");
    }
    v1::Principal principal;
    principal.set_role(v1::ROLE_AUDITOR);
    principal.set_subject(std::string(token));
    return principal;
  }
  void Compose(VerifyToken verify_token) {
    composed_ = NewComposedAuthenticator(std::move(verify_token),
                                         NewCertificateAuthenticator(reloader_.get(), &clock_));
  }
  std::string Who(const PeerCredentials& credentials) const {
    const auto principal = composed_->Authenticate(credentials);
    return principal.ok() ? principal->subject() : ReasonName(ReasonOf(principal.status()));
  }

  std::unique_ptr<Authenticator> composed_;
  const PeerCredentials carol_{.certificate_pem = Issue("national::carol").certificate_pem};
};

TEST_F(ComposedAuthenticatorTest, ATokenDecidesAlone) {
  PeerCredentials credentials = carol_;
  EXPECT_EQ(Who(credentials), "carol");
  credentials.authorization = {"Bearer tina"};
  EXPECT_EQ(Who(credentials), "tina");
  credentials.authorization = {"bearer tina"};
  EXPECT_EQ(Who(credentials), "tina");
}

TEST_F(ComposedAuthenticatorTest, WhatIsWrongWithATokenIsNeverMendedByTheCertificate) {
  for (const std::vector<std::string>& given :
       std::vector<std::vector<std::string>>{{"Bearer bad"},
                                             {""},
                                             {"Bearer"},
                                             {"Basic dXNlcjpwYXNz"},
                                             {"tina"},
                                             {"Bearertina"},
                                             {"Bearer tina", "Bearer tina"}}) {
    PeerCredentials credentials = carol_;
    credentials.authorization = given;
    EXPECT_EQ(Who(credentials), "INVALID_TOKEN") << given.front();
  }
}

TEST_F(ComposedAuthenticatorTest, AServerWithoutTokensRefusesThem) {
  Compose(nullptr);
  PeerCredentials credentials = carol_;
  EXPECT_EQ(Who(credentials), "carol");
  credentials.authorization = {"Bearer tina"};
  EXPECT_EQ(Who(credentials), "INVALID_TOKEN");
}

TEST_F(ComposedAuthenticatorTest, NamesThatAClientGivesItselfAreIgnored) {
  PeerCredentials credentials;
  credentials.named_principals = {"national::mallory"};
  EXPECT_EQ(Who(credentials), "NO_PRINCIPAL");
  credentials.certificate_pem = carol_.certificate_pem;
  EXPECT_EQ(Who(credentials), "carol");
}

TEST_F(ComposedAuthenticatorTest, WithTokensOnlyACertificateIsNotAsked) {
  composed_ = NewComposedAuthenticator(ByToken, nullptr);
  EXPECT_EQ(Who(carol_), "NO_PRINCIPAL");
  PeerCredentials credentials;
  credentials.authorization = {"Bearer tina"};
  EXPECT_EQ(Who(credentials), "tina");
}

}  // namespace
}  // namespace trialgate::rpc
