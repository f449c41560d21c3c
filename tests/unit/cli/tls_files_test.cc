#include "tools/cli/tls_files.h"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/openssl_ptr.h"
#include "common/rpc/pem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_authority.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class TlsFilesTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content, mode_t mode = 0600) {
    std::ofstream(folder_.Sub(name)) << content;
    chmod(folder_.Sub(name).c_str(), mode);
    return folder_.Sub(name);
  }

  // The message of the fault of usage that loading ends with.
  std::string FaultOf(const TlsFiles& files) {
    const auto loaded = LoadTlsFiles(files, now_);
    EXPECT_EQ(ExitCodeOf(loaded.status()), kUsage);
    return std::string(loaded.status().message());
  }

  TempDir folder_;
  const absl::Time now_ = FakeClock().Now();
  const TestAuthority authority_{"authority", now_};
  const TestCertificate own_ = authority_.Issue({.valid_for = absl::Hours(1)});
  const TestCertificate other_ = authority_.Issue({});
  const std::string certificate_ = Write("own.pem", own_.certificate_pem, 0644);
  const std::string key_ = Write("own.key", own_.key_pem);
};

// `key` with a password.
std::string Encrypted(const std::string& key) {
  const rpc::KeyPtr read = rpc::KeyOfPem(key);
  const rpc::BioPtr bio(BIO_new(BIO_s_mem()));
  char password[] = "password";
  PEM_write_bio_PKCS8PrivateKey(bio.get(), read.get(), EVP_aes_256_cbc(), password,
                                sizeof(password) - 1, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

TEST_F(TlsFilesTest, WhatIsInGoodFilesIsUsed) {
  ASSERT_OK_AND_ASSIGN(const TlsMaterial material, LoadTlsFiles({.ca = certificate_,
                                                                 .certificate = certificate_,
                                                                 .key = key_,
                                                                 .server_name = "x.example"},
                                                                now_));
  EXPECT_EQ(material.ca_pem, own_.certificate_pem);
  EXPECT_EQ(material.certificate_pem, own_.certificate_pem);
  EXPECT_EQ(material.key_pem, own_.key_pem);
  EXPECT_EQ(material.server_name, "x.example");
}

TEST_F(TlsFilesTest, NothingNeedsToBeGiven) {
  ASSERT_OK_AND_ASSIGN(const TlsMaterial material, LoadTlsFiles({}, now_));
  EXPECT_EQ(material.ca_pem, "");
  EXPECT_EQ(material.certificate_pem, "");
}

TEST_F(TlsFilesTest, AMissingFileIsNamed) {
  const std::string absent = folder_.Sub("absent.pem");
  EXPECT_EQ(FaultOf({.ca = absent}), absent + ": No such file or directory");
  EXPECT_THAT(FaultOf({.certificate = certificate_, .key = absent}), HasSubstr(absent));
  EXPECT_THAT(FaultOf({.ca = folder_.path()}), HasSubstr("is a folder"));
}

TEST_F(TlsFilesTest, AFileThatIsNoPemIsNamed) {
  const std::string odd = Write("odd.pem", "-----BEGIN CERTIFICATE-----\nx\n");
  EXPECT_EQ(FaultOf({.ca = odd}), odd + ": holds no certificate as PEM");
  EXPECT_EQ(FaultOf({.certificate = odd, .key = key_}), odd + ": holds no certificate as PEM");
  EXPECT_EQ(FaultOf({.certificate = certificate_, .key = odd}),
            odd + ": holds no private key as PEM");
}

TEST_F(TlsFilesTest, AKeyOfAnotherCertificateIsRefused) {
  const std::string other = Write("other.key", other_.key_pem);
  EXPECT_EQ(FaultOf({.certificate = certificate_, .key = other}),
            other + ": is not the key of the certificate in " + certificate_);
}

TEST_F(TlsFilesTest, AnEncryptedKeyIsSaidToBeOne) {
  const std::string encrypted = Write("encrypted.key", Encrypted(own_.key_pem));
  EXPECT_THAT(FaultOf({.certificate = certificate_, .key = encrypted}), HasSubstr("is encrypted"));
}

TEST_F(TlsFilesTest, AKeyThatAnybodyMayReadIsRefused) {
  const std::string open = Write("open.key", own_.key_pem, 0644);
  const std::string fault = FaultOf({.certificate = certificate_, .key = open});
  EXPECT_THAT(fault, HasSubstr("may be read by others"));
  EXPECT_THAT(fault, HasSubstr(open));
}

TEST_F(TlsFilesTest, ACertificateOutsideOfItsTimeIsRefusedWithTheTime) {
  const TlsFiles files = {.certificate = certificate_, .key = key_};
  const auto late = LoadTlsFiles(files, now_ + absl::Hours(2));
  EXPECT_EQ(late.status().message(),
            certificate_ + ": the certificate expired at 2026-03-05 10:00 UTC");
  const auto early = LoadTlsFiles(files, now_ - absl::Hours(2));
  EXPECT_EQ(early.status().message(),
            certificate_ + ": the certificate is valid only from 2026-03-05 09:00 UTC");
}

TEST_F(TlsFilesTest, NoFaultRepeatsWhatIsInAFile) {
  const std::string odd = Write("odd.key", "s3cr3t-in-a-file");
  EXPECT_THAT(FaultOf({.certificate = certificate_, .key = odd}), Not(HasSubstr("s3cr3t")));
}

}  // namespace
}  // namespace trialgate::cli
