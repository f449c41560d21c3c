#include "common/rpc/tls_material.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/identity/principal.h"
#include "common/rpc/certificate_identity.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_folder.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);

class TlsMaterialTest : public testing::Test {
 protected:
  absl::Status Read() { return TlsMaterial::Read(tls_.files, now_).status(); }

  // Whether a client with this certificate is accepted after `later`.
  absl::Status Verify(const std::string& chain, absl::Duration later = absl::ZeroDuration()) {
    auto material = TlsMaterial::Read(tls_.files, now_);
    if (!material.ok()) return material.status();
    return (*material)->VerifyClient(chain, now_ + later).status();
  }

  static auto Refused(const std::string& setting, const std::string& why) {
    return AllOf(
        StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(setting), HasSubstr(why))),
        HasReason(v1::ERROR_REASON_CONFIGURATION));
  }
  static auto NotAccepted(const std::string& why) {
    return AllOf(StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(why)),
                 HasReason(v1::ERROR_REASON_INVALID_CERTIFICATE));
  }

  const absl::Time now_ = FakeClock().Now();
  TlsFolder tls_{now_};
  const TestCertificate alice_ = tls_.authority.Issue({.uris = {"urn:trialgate:national::alice"}});
};

TEST_F(TlsMaterialTest, TellsWhenTheCertificateExpires) {
  tls_.WriteServer(tls_.NewServer(10 * kDay));
  ASSERT_OK_AND_ASSIGN(const auto material, TlsMaterial::Read(tls_.files, now_));
  EXPECT_EQ(material->expires(), now_ + 10 * kDay);
  EXPECT_EQ(material->crl_next_update(), absl::InfiniteFuture());
}

TEST_F(TlsMaterialTest, CertificateAndKeyMayBeOneFile) {
  const TestCertificate server = tls_.NewServer();
  WriteFile(tls_.files.key, server.key_pem + server.certificate_pem);
  tls_.files.certificate = tls_.files.key;
  EXPECT_OK(Read());
}

TEST_F(TlsMaterialTest, RefusesAKeyThatIsNotTheCertificates) {
  WriteFile(tls_.files.key, tls_.NewServer().key_pem);
  EXPECT_THAT(Read(), Refused("--tls-key", "not that of the certificate"));
}

TEST_F(TlsMaterialTest, RefusesHalfWrittenFilesAndNamesThem) {
  const TestCertificate server = tls_.NewServer();
  WriteFile(tls_.files.certificate, server.certificate_pem.substr(0, 200));
  EXPECT_THAT(Read(), Refused("--tls-certificate", tls_.files.certificate));
  WriteFile(tls_.files.certificate, server.certificate_pem);
  WriteFile(tls_.files.key, server.key_pem.substr(0, 100));
  EXPECT_THAT(Read(), Refused("--tls-key", tls_.files.key));
  WriteFile(tls_.files.key, "");
  EXPECT_THAT(Read(), Refused("--tls-key", "no private key"));
  WriteFile(tls_.files.key, server.key_pem);
  EXPECT_OK(Read());
  // The first of two is whole.
  const std::string ca = tls_.authority.certificate_pem();
  WriteFile(tls_.files.client_ca, ca + ca.substr(0, ca.size() / 2));
  EXPECT_THAT(Read(), Refused("--tls-client-ca", "certificates in PEM"));
}

TEST_F(TlsMaterialTest, RefusesAFileThatIsNotThere) {
  tls_.files.client_ca = tls_.folder.Sub("nowhere.crt");
  EXPECT_THAT(Read(), Refused("--tls-client-ca", "cannot be read"));
  tls_.files.client_ca = tls_.folder.path();
  EXPECT_THAT(Read(), Refused("--tls-client-ca", "cannot be read"));
}

TEST_F(TlsMaterialTest, RefusesAServersCertificateThatIsExpiredOrNotYetValid) {
  tls_.WriteServer(tls_.NewServer(kDay));
  EXPECT_THAT(TlsMaterial::Read(tls_.files, now_ + 2 * kDay).status(),
              Refused("--tls-certificate", "expired on"));
  EXPECT_THAT(TlsMaterial::Read(tls_.files, now_ - kDay).status(),
              Refused("--tls-certificate", "not valid yet"));
}

TEST_F(TlsMaterialTest, RefusesAClientsCertificateAsAnAuthority) {
  WriteFile(tls_.files.client_ca, alice_.certificate_pem);
  EXPECT_THAT(Read(), Refused("--tls-client-ca", "not an authority's"));
}

TEST_F(TlsMaterialTest, RefusesAListOfAnotherAuthorityEvenOneOfTheSameName) {
  const TestAuthority other("other", now_);
  tls_.WriteCrl(other.Crl(now_, now_ + kDay));
  EXPECT_THAT(Read(), Refused("--tls-crl", "not signed by an authority"));
  const TestAuthority alike("authority", now_);
  tls_.WriteCrl(alike.Crl(now_, now_ + kDay));
  EXPECT_THAT(Read(), Refused("--tls-crl", "not signed by an authority"));
}

TEST_F(TlsMaterialTest, AcceptsAClientUntilItsCertificateExpires) {
  EXPECT_OK(Verify(alice_.certificate_pem));
  EXPECT_OK(Verify(alice_.certificate_pem, 29 * kDay));
  EXPECT_THAT(Verify(alice_.certificate_pem, 31 * kDay), NotAccepted("expired"));
  EXPECT_THAT(Verify(alice_.certificate_pem, -kDay), NotAccepted("not yet valid"));
}

TEST_F(TlsMaterialTest, DoesNotAcceptAClientOfAnotherAuthority) {
  const TestAuthority other("authority", now_);
  const TestCertificate mallory = other.Issue({.uris = {"urn:trialgate:national::alice"}});
  EXPECT_THAT(Verify(mallory.certificate_pem), NotAccepted(""));
  EXPECT_THAT(Verify(mallory.certificate_pem + other.certificate_pem()), NotAccepted(""));
  EXPECT_THAT(Verify("nonsense"), NotAccepted("malformed"));
  EXPECT_THAT(Verify(""), NotAccepted("malformed"));
}

TEST_F(TlsMaterialTest, DoesNotAcceptACertificateThatIsNotForClients) {
  for (const std::string usage : {"serverAuth", ""}) {
    const TestCertificate server =
        tls_.authority.Issue({.uris = {"urn:trialgate:national::alice"}, .usage = usage});
    EXPECT_THAT(Verify(server.certificate_pem), NotAccepted(""));
  }
  const TestCertificate both = tls_.authority.Issue({.usage = "serverAuth,clientAuth"});
  EXPECT_OK(Verify(both.certificate_pem));
}

TEST_F(TlsMaterialTest, DoesNotAcceptARevokedClient) {
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_OK(Verify(alice_.certificate_pem));
  tls_.authority.Revoke(alice_);
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_THAT(Verify(alice_.certificate_pem), NotAccepted("revoked"));
  const TestCertificate other = tls_.authority.Issue({});
  EXPECT_OK(Verify(other.certificate_pem));
}

TEST_F(TlsMaterialTest, AcceptsNobodyByAListThatIsOutOfDateOrMissing) {
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_THAT(Verify(alice_.certificate_pem, 2 * kDay), NotAccepted("CRL has expired"));
  const TestAuthority second("second", now_);
  WriteFile(tls_.files.client_ca, tls_.authority.certificate_pem() + second.certificate_pem());
  EXPECT_OK(Verify(alice_.certificate_pem));
  EXPECT_THAT(Verify(second.Issue({}).certificate_pem), NotAccepted("CRL"));
}

TEST_F(TlsMaterialTest, AChainIsVerifiedUpToItsAuthority) {
  const TestAuthority middle("middle", now_, &tls_.authority);
  const TestCertificate bob = middle.Issue({});
  EXPECT_THAT(Verify(bob.certificate_pem), NotAccepted(""));
  EXPECT_OK(Verify(bob.certificate_pem + middle.certificate_pem()));
  // A client need not send what the server has.
  WriteFile(tls_.files.client_ca, tls_.authority.certificate_pem() + middle.certificate_pem());
  EXPECT_OK(Verify(bob.certificate_pem));
}

TEST_F(TlsMaterialTest, ARevokedIntermediateAuthorityTakesItsClientsWithIt) {
  TestAuthority middle("middle", now_, &tls_.authority);
  const TestCertificate bob = middle.Issue({});
  WriteFile(tls_.files.client_ca, tls_.authority.certificate_pem() + middle.certificate_pem());
  // The one that issued to the client needs a list; the one above may do without.
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_THAT(Verify(bob.certificate_pem), NotAccepted("CRL"));
  tls_.WriteCrl(middle.Crl(now_, now_ + kDay));
  EXPECT_OK(Verify(bob.certificate_pem));
  tls_.authority.Revoke(middle);
  tls_.WriteCrl(middle.Crl(now_, now_ + kDay) + tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_THAT(Verify(bob.certificate_pem), NotAccepted("revoked"));
}

TEST_F(TlsMaterialTest, SaysForHowLongAVerificationHolds) {
  ASSERT_OK_AND_ASSIGN(const auto plain, TlsMaterial::Read(tls_.files, now_));
  ASSERT_OK_AND_ASSIGN(const auto verified, plain->VerifyClient(alice_.certificate_pem, now_));
  EXPECT_EQ(verified.valid_until, now_ + 30 * kDay);
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  ASSERT_OK_AND_ASSIGN(const auto listed, TlsMaterial::Read(tls_.files, now_));
  ASSERT_OK_AND_ASSIGN(const auto sooner, listed->VerifyClient(alice_.certificate_pem, now_));
  EXPECT_EQ(sooner.valid_until, now_ + kDay);
}

TEST_F(TlsMaterialTest, WithoutAuthoritiesNoClientsCertificateIsAccepted) {
  tls_.files.client_ca.clear();
  EXPECT_THAT(Verify(alice_.certificate_pem), NotAccepted("takes none"));
  tls_.WriteCrl(tls_.authority.Crl(now_, now_ + kDay));
  EXPECT_THAT(Read(), Refused("--tls-crl", "--tls-client-ca"));
}

class CertificateIdentityTest : public TlsMaterialTest {
 protected:
  absl::StatusOr<std::string> PrincipalWith(const std::vector<std::string>& uris) {
    TestAuthority::Wish wish{.uris = uris, .host_names = {"host.example"}};
    wish.common_name = "national::mallory";
    ABSL_ASSIGN_OR_RETURN(const auto material, TlsMaterial::Read(tls_.files, now_));
    ABSL_ASSIGN_OR_RETURN(const auto verified,
                          material->VerifyClient(tls_.authority.Issue(wish).certificate_pem, now_));
    ABSL_ASSIGN_OR_RETURN(const auto principal, PrincipalOf(verified.certificate.get()));
    return identity::FormatPrincipal(principal);
  }
};

TEST_F(CertificateIdentityTest, TheUrnNamesThePrincipal) {
  for (const std::string text :
       {"requester:organizations/acme:alice", "coordinator:desks/north,desks/south:bob@x.example",
        "national::carol", "auditor::dan", "operator::olga"}) {
    EXPECT_THAT(PrincipalWith({absl::StrCat("urn:trialgate:", text)}),
                absl_testing::IsOkAndHolds(text));
  }
  EXPECT_THAT(PrincipalWith({"https://example.com/alice", "urn:trialgate:national::carol"}),
              absl_testing::IsOkAndHolds("national::carol"));
}

TEST_F(CertificateIdentityTest, NoOtherNameGivesARole) {
  const std::vector<std::vector<std::string>> names = {
      {},
      {"https://example.com/urn:trialgate:national::carol"},
      {"urn:trialgate:"},
      {"urn:trialgate:program::trialgate"},
      {"urn:trialgate:national:desks/north:carol"},
      {"urn:trialgate:national::carol:more"},
      {"URN:TRIALGATE:national::carol"},
      {" urn:trialgate:national::carol"},
      {std::string("urn:trialgate:national::carol\0.example", 38)},
      {"urn:trialgate:national::carol", "urn:trialgate:national::carol"},
      {"urn:trialgate:requester:organizations/acme:a", "urn:trialgate:nonsense"},
  };
  for (const auto& uris : names) {
    EXPECT_THAT(PrincipalWith(uris), AllOf(StatusIs(absl::StatusCode::kUnauthenticated),
                                           HasReason(v1::ERROR_REASON_NO_ROLE)))
        << (uris.empty() ? "none" : uris.front());
  }
}

}  // namespace
}  // namespace trialgate::rpc
