#include "services/server/server_config.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/server/shifted_clock.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What must be given for TLS.
std::vector<std::string> WithTls(std::vector<std::string> more = {}) {
  more.insert(more.end(),
              {"--tls-certificate=server.crt", "--tls-key=server.key", "--tls-client-ca=ca.crt"});
  return more;
}

// "--tls-key REQUIRED" for each fault.
std::vector<std::string> FaultsOf(const std::vector<std::string>& arguments) {
  std::vector<std::string> faults;
  const auto refused = ReadServerConfig(arguments, {});
  for (const auto& fault : FieldViolationsOf(refused.status())) {
    faults.push_back(fault.field + " " + ReasonName(fault.reason));
  }
  return faults;
}

TEST(ServerConfigTest, WithoutMoreThanItNeedsItListensOnLoopbackAndBelievesNobody) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig config, ReadServerConfig(WithTls(), {}));
  EXPECT_EQ(config.tls.certificate, "server.crt");
  EXPECT_EQ(config.tls.key, "server.key");
  EXPECT_EQ(config.tls.client_ca, "ca.crt");
  EXPECT_EQ(config.tls.crl, "");
  EXPECT_FALSE(config.metrics_public);
  EXPECT_EQ(config.listen, "127.0.0.1:7420");
  EXPECT_EQ(config.metrics_listen, "127.0.0.1:7421");
  EXPECT_EQ(config.store, "rocksdb");
  EXPECT_FALSE(config.insecure_dev);
  EXPECT_FALSE(config.test_clock.has_value());
  EXPECT_FALSE(config.print.has_value());
}

TEST(ServerConfigTest, TheEnvironmentHasAPrefixOfItsOwn) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       ReadServerConfig(WithTls(), {{"TRIALGATE_SERVER_LISTEN", "127.0.0.1:1"},
                                                    {"TRIALGATE_SERVER", "127.0.0.1:2"},
                                                    {"TRIALGATE_DATA_DIR", "elsewhere"}}));
  EXPECT_EQ(config.listen, "127.0.0.1:1");
  EXPECT_EQ(config.data_dir, "trialgate-data");
}

TEST(ServerConfigTest, TheTestClockIsAnInstantAndNeedsInsecureDev) {
  ASSERT_OK_AND_ASSIGN(
      const ServerConfig config,
      ReadServerConfig({"--insecure-dev", "--test-clock=2026-11-23T09:00:00+01:00"}, {}));
  EXPECT_EQ(config.test_clock,
            absl::FromCivil(absl::CivilHour(2026, 11, 23, 8), absl::UTCTimeZone()));
  const auto refused = ReadServerConfig({"--test-clock=tomorrow"}, {});
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(FieldViolationsOf(refused.status()).size(), 2u);
}

TEST(ServerConfigTest, WithoutInsecureDevItWantsTlsAndSaysWhatIsMissing) {
  EXPECT_THAT(FaultsOf({}), ElementsAre("--tls-certificate REQUIRED", "--tls-key REQUIRED",
                                        "--tls-client-ca REQUIRED"));
  EXPECT_THAT(FaultsOf({"--tls-certificate=a", "--tls-key=b"}),
              ElementsAre("--tls-client-ca REQUIRED"));
  EXPECT_THAT(FaultsOf(WithTls({"--insecure-dev", "--tls-crl=ca.crl"})),
              ElementsAre("--tls-certificate CONTRADICTION", "--tls-key CONTRADICTION",
                          "--tls-client-ca CONTRADICTION", "--tls-crl CONTRADICTION"));
  EXPECT_THAT(FaultsOf({"--insecure-dev"}), IsEmpty());
}

TEST(ServerConfigTest, TokensMayStandForClientsCertificatesAndNeedAnAudience) {
  const std::vector<std::string> server = {"--tls-certificate=a", "--tls-key=b"};
  const auto with = [&server](std::vector<std::string> more) {
    more.insert(more.end(), server.begin(), server.end());
    return more;
  };
  ASSERT_OK_AND_ASSIGN(
      const ServerConfig config,
      ReadServerConfig(with({"--token-issuer=https://id.example", "--token-audience=trialgate"}),
                       {}));
  EXPECT_EQ(config.tokens.config.audience, "trialgate");
  EXPECT_THAT(FaultsOf(with({"--token-issuer=https://id.example"})),
              ElementsAre("--token-audience REQUIRED"));
  EXPECT_THAT(FaultsOf(WithTls({"--token-audience=x"})), ElementsAre("--token-issuer REQUIRED"));
  EXPECT_THAT(FaultsOf(WithTls({"--token-jwks=x"})),
              ElementsAre("--token-issuer REQUIRED", "--token-audience REQUIRED"));
  EXPECT_THAT(FaultsOf({"--insecure-dev", "--token-issuer=x", "--token-audience=y"}),
              ElementsAre("--token-issuer CONTRADICTION", "--token-audience CONTRADICTION"));
}

TEST(ServerConfigTest, HelpAndPrintConfigArePrintedInsteadOfServing) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig help, ReadServerConfig({"--help"}, {}));
  EXPECT_THAT(help.print.value_or(""),
              AllOf(HasSubstr("--data-dir=FOLDER"), HasSubstr("TRIALGATE_SERVER_LISTEN")));
  ASSERT_OK_AND_ASSIGN(const ServerConfig print,
                       ReadServerConfig({"--print-config", "--worker-threads=3"}, {}));
  EXPECT_THAT(print.print.value_or(""), HasSubstr("worker-threads = 3  # --worker-threads\n"));
}

TEST(ServerConfigTest, RatesHaveAFormOfTheirOwn) {
  ASSERT_OK_AND_ASSIGN(
      const ServerConfig config,
      ReadServerConfig({"--insecure-dev", "--rate-match=3/m:5", "--rate-bulk=unlimited",
                        "--max-call-seconds=7", "--rate-organization-factor=9"},
                       {{"TRIALGATE_SERVER_RATE_READ", "1/h:2"}}));
  EXPECT_EQ(rpc::FormatRateLimit(config.rates.match), "3/m:5");
  EXPECT_EQ(rpc::FormatRateLimit(config.rates.read), "1/h:2");
  EXPECT_EQ(rpc::FormatRateLimit(config.rates.list), rpc::FormatRateLimit(rpc::RateLimits().list));
  EXPECT_FALSE(config.rates.bulk.has_value());
  EXPECT_EQ(config.rates.organization_factor, 9);
  EXPECT_EQ(config.max_call_duration, absl::Seconds(7));
  const auto refused = ReadServerConfig({"--rate-write=50"}, {});
  ASSERT_EQ(FieldViolationsOf(refused.status()).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(refused.status())[0].field, "--rate-write");
  EXPECT_THAT(FieldViolationsOf(refused.status())[0].description, HasSubstr("such as 200/s:400"));
}

TEST(ServerConfigTest, WhatIsPrintedIsReadAsTheSame) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig print,
                       ReadServerConfig({"--print-config", "--rate-read=3/m:4"}, {}));
  EXPECT_THAT(print.print.value_or(""), AllOf(HasSubstr("rate-read = \"3/m:4\"  # --rate-read\n"),
                                              HasSubstr("rate-match = \"20/s:60\"")));
}

TEST(ServerConfigTest, EveryFaultIsTold) {
  const auto refused = ReadServerConfig(
      {"--data-dri=x", "--log-level=loud", "--max-calls-in-flight=0", "--store=tape"}, {});
  EXPECT_EQ(FieldViolationsOf(refused.status()).size(), 4u);
}

TEST(ShiftedClockTest, StartsAtItsInstantAndGoesOn) {
  const absl::Time start = absl::FromUnixSeconds(1'000'000);
  const ShiftedClock clock(start);
  const absl::Time first = clock.Now();
  EXPECT_GE(first, start);
  EXPECT_LT(first, start + absl::Hours(1));
  EXPECT_GE(clock.Now(), first);
}

TEST(ServerConfigTest, KeysLieBesideTheDataUnlessAnotherFolderIsNamed) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig beside,
                       ReadServerConfig({"--insecure-dev", "--data-dir=/srv/data/"}, {}));
  EXPECT_EQ(beside.keys_dir, "/srv/data-keys");
  ASSERT_OK_AND_ASSIGN(
      const ServerConfig named,
      ReadServerConfig({"--insecure-dev", "--data-dir=/srv/data", "--keys-dir=/keys"}, {}));
  EXPECT_EQ(named.keys_dir, "/keys");
}

TEST(ServerConfigTest, KeysInTheDataFolderAreRefused) {
  for (const char* keys : {"/srv/data", "/srv/data/keys", "/srv/./data/a/../keys"}) {
    const auto config = ReadServerConfig(
        {"--insecure-dev", "--data-dir=/srv/data", absl::StrCat("--keys-dir=", keys)}, {});
    EXPECT_THAT(config, HasReason(v1::ERROR_REASON_INVALID_FIELDS)) << keys;
  }
  EXPECT_OK(ReadServerConfig(
      {"--insecure-dev", "--data-dir=/srv/data", "--keys-dir=/srv/data-of-keys"}, {}));
}

}  // namespace
}  // namespace trialgate::server
