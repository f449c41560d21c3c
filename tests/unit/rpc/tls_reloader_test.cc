#include "common/rpc/tls_reloader.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/obs/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_folder.h"

namespace trialgate::rpc {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kDay = absl::Hours(24);

class TlsReloaderTest : public testing::Test {
 protected:
  TlsReloaderTest() {
    obs::SetLogSink([this](absl::string_view line) { log_.emplace_back(line); });
  }
  ~TlsReloaderTest() override { obs::SetLogSink(nullptr); }

  void Start() {
    ASSERT_OK_AND_ASSIGN(
        reloader_, TlsReloader::Start({tls_.files, absl::InfiniteDuration()}, &clock_, &metrics_));
  }
  // What is shown to clients after so many looks.
  std::string Shown(int looks) {
    for (int i = 0; i < looks; ++i) reloader_->Look();
    return reloader_->Current()->certificate_pem();
  }
  std::string Metric(const std::string& name) const {
    const std::string text = metrics_.Expose();
    const std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "absent";
    const std::size_t value = at + name.size() + 2;
    return text.substr(value, text.find('\n', value) - value);
  }
  int Logged(absl::string_view event) const {
    int count = 0;
    for (const std::string& line : log_) count += absl::StrContains(line, event) ? 1 : 0;
    return count;
  }

  FakeClock clock_;
  TlsFolder tls_{clock_.Now()};
  obs::MetricsRegistry metrics_;
  std::vector<std::string> log_;
  std::unique_ptr<TlsReloader> reloader_;
};

TEST_F(TlsReloaderTest, TakesNewFilesOnceTheyDoNotChangeAnyMore) {
  Start();
  const std::string first = Shown(3);
  const TestCertificate second = tls_.NewServer();
  tls_.WriteServer(second);
  EXPECT_EQ(Shown(1), first);
  EXPECT_EQ(Shown(1), second.certificate_pem);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "0");
}

TEST_F(TlsReloaderTest, LooksWithoutAChangeTakeNothing) {
  Start();
  const auto before = reloader_->Current();
  Shown(5);
  EXPECT_EQ(reloader_->Current(), before);
}

TEST_F(TlsReloaderTest, ACertificateWithoutItsKeyIsNotTaken) {
  Start();
  const std::string first = Shown(1);
  const TestCertificate second = tls_.NewServer();
  WriteFile(tls_.files.certificate, second.certificate_pem);
  EXPECT_EQ(Shown(3), first);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "1");
  EXPECT_EQ(Logged("tls_reload_failed"), 1);
  WriteFile(tls_.files.key, second.key_pem);
  EXPECT_EQ(Shown(2), second.certificate_pem);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "1");
}

TEST_F(TlsReloaderTest, AFolderBehindALinkIsTakenAtOnce) {
  namespace fs = std::filesystem;
  const auto make = [this](const std::string& name, const TestCertificate& server) {
    fs::create_directory(tls_.folder.Sub(name));
    WriteFile(tls_.folder.Sub(name + "/tls.crt"), server.certificate_pem);
    WriteFile(tls_.folder.Sub(name + "/tls.key"), server.key_pem);
  };
  const TestCertificate first = tls_.NewServer();
  const TestCertificate second = tls_.NewServer();
  make("1", first);
  make("2", second);
  fs::create_directory_symlink("1", tls_.folder.Sub("current"));
  tls_.files.certificate = tls_.folder.Sub("current/tls.crt");
  tls_.files.key = tls_.folder.Sub("current/tls.key");
  Start();
  EXPECT_EQ(Shown(1), first.certificate_pem);
  fs::create_directory_symlink("2", tls_.folder.Sub("next"));
  fs::rename(tls_.folder.Sub("next"), tls_.folder.Sub("current"));
  EXPECT_EQ(Shown(2), second.certificate_pem);
}

TEST_F(TlsReloaderTest, FilesThatAreGoneOrBadKeepWhatWasTaken) {
  Start();
  const std::string first = Shown(1);
  std::filesystem::remove(tls_.files.client_ca);
  EXPECT_EQ(Shown(2), first);
  EXPECT_FALSE(reloader_->Current()->client_ca_pem().empty());
  WriteFile(tls_.files.client_ca, "nonsense");
  EXPECT_EQ(Shown(2), first);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "2");
  WriteFile(tls_.files.client_ca, tls_.authority.certificate_pem());
  Shown(2);
  tls_.WriteServer(tls_.NewServer());
  EXPECT_NE(Shown(2), first);
}

TEST_F(TlsReloaderTest, WhatStaysBadIsToldOnceAMinute) {
  Start();
  WriteFile(tls_.files.key, "nonsense");
  Shown(10);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "1");
  clock_.Advance(absl::Seconds(61));
  Shown(10);
  EXPECT_EQ(Metric("trialgate_tls_reload_failures_total"), "2");
  EXPECT_EQ(Logged("tls_reload_failed"), 2);
}

TEST_F(TlsReloaderTest, ACertificateThatIsNotValidYetIsTakenOnceItIs) {
  Start();
  const std::string first = Shown(1);
  clock_.Advance(-kDay);
  const TestCertificate second = tls_.NewServer();  // from the day after on
  tls_.WriteServer(second);
  EXPECT_EQ(Shown(3), first);
  clock_.Advance(kDay);
  EXPECT_EQ(Shown(1), second.certificate_pem);
}

TEST_F(TlsReloaderTest, NothingSecretIsLogged) {
  Start();
  const TestCertificate second = tls_.NewServer();
  WriteFile(tls_.files.key, second.key_pem.substr(0, 120));
  Shown(3);
  const std::string body = second.key_pem.substr(28, 40);
  EXPECT_THAT(log_, Not(Contains(HasSubstr(body))));
  EXPECT_THAT(log_, Not(Contains(HasSubstr("PRIVATE KEY-"))));
}

TEST_F(TlsReloaderTest, ItsMetricsSayWhenCertificateAndListsEnd) {
  Start();
  EXPECT_EQ(Metric("trialgate_tls_crl_next_update_timestamp_seconds"), "absent");
  tls_.WriteCrl(tls_.authority.Crl(clock_.Now(), clock_.Now() + kDay));
  Start();
  const auto number = [](absl::Time time) { return absl::StrCat(absl::ToUnixSeconds(time)); };
  EXPECT_EQ(Metric("trialgate_tls_certificate_expiry_timestamp_seconds"),
            number(clock_.Now() + 30 * kDay));
  EXPECT_EQ(Metric("trialgate_tls_crl_next_update_timestamp_seconds"), number(clock_.Now() + kDay));
}

TEST_F(TlsReloaderTest, AListOutOfDateIsToldLoudlyOnceAMinute) {
  tls_.WriteCrl(tls_.authority.Crl(clock_.Now(), clock_.Now() + kDay));
  Start();
  Shown(3);
  EXPECT_EQ(Logged("tls_crl_out_of_date"), 0);
  clock_.Advance(kDay);
  Shown(3);
  EXPECT_EQ(Logged("tls_crl_out_of_date"), 1);
  clock_.Advance(absl::Seconds(61));
  Shown(3);
  EXPECT_EQ(Logged("tls_crl_out_of_date"), 2);
  WriteFile(tls_.files.crl, tls_.authority.Crl(clock_.Now(), clock_.Now() + kDay));
  clock_.Advance(absl::Seconds(61));
  Shown(3);
  EXPECT_EQ(Logged("tls_crl_out_of_date"), 3);  // by the look that found the new one
  clock_.Advance(absl::Seconds(61));
  Shown(3);
  EXPECT_EQ(Logged("tls_crl_out_of_date"), 3);
}

TEST_F(TlsReloaderTest, ItsThreadTakesNewFilesByItself) {
  ASSERT_OK_AND_ASSIGN(reloader_,
                       TlsReloader::Start({tls_.files, absl::Milliseconds(1)}, &clock_, &metrics_));
  const auto first = reloader_->Current();
  tls_.WriteServer(tls_.NewServer());
  // Ends as soon as it happens; ctest ends it where it never does.
  while (reloader_->Current() == first) std::this_thread::yield();
  EXPECT_NE(reloader_->Current()->certificate_pem(), first->certificate_pem());
}

}  // namespace
}  // namespace trialgate::rpc
