#include <fstream>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identity/http_fetcher.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/canned_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string Response(absl::string_view status, absl::string_view headers, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(), "\r\n", headers,
                      "Connection: close\r\n\r\n", body);
}

class CurlFetcherTest : public testing::Test {
 protected:
  absl::StatusOr<Document> Get(const std::string& url) {
    return NewCurlFetcher(options_)->Get(url, std::stop_token());
  }
  std::optional<absl::Duration> MaxAge(absl::string_view header) {
    server_.Answer(Response("200 OK", absl::StrCat(header, "\r\n"), "{}"));
    return Get(server_.url())->max_age;
  }

  CurlFetcherOptions options_;
  CannedServer server_;
};

TEST_F(CurlFetcherTest, FetchesADocument) {
  server_.Answer(Response("200 OK", "", "{\"keys\":[]}"));
  ASSERT_OK_AND_ASSIGN(const Document document, Get(server_.url() + "/keys?x=1"));
  EXPECT_EQ(document.body, "{\"keys\":[]}");
  EXPECT_EQ(document.max_age, std::nullopt);
  ASSERT_THAT(server_.requests(), SizeIs(1));
  EXPECT_THAT(server_.requests()[0], HasSubstr("GET /keys?x=1 HTTP/1.1"));
  const std::string head = absl::AsciiStrToLower(server_.requests()[0]);
  EXPECT_THAT(head, Not(HasSubstr("cookie")));
  EXPECT_THAT(head, Not(HasSubstr("authorization")));
}

TEST_F(CurlFetcherTest, ReadsForHowLongTheDocumentIsFresh) {
  EXPECT_EQ(MaxAge("Cache-Control: max-age=600"), absl::Minutes(10));
  EXPECT_EQ(MaxAge("cache-control:public , Max-Age=600,must-revalidate"), absl::Minutes(10));
  EXPECT_EQ(MaxAge("Cache-Control: no-store"), absl::ZeroDuration());
  EXPECT_EQ(MaxAge("Cache-Control: public"), std::nullopt);
  EXPECT_EQ(MaxAge("Cache-Control: max-age=soon"), std::nullopt);
  EXPECT_EQ(MaxAge("Cache-Control: max-age=99999999999999999999"), std::nullopt);
  EXPECT_EQ(MaxAge("X-Cache-Control: max-age=600"), std::nullopt);
}

TEST_F(CurlFetcherTest, FollowsNoRedirect) {
  CannedServer elsewhere;
  elsewhere.Answer(Response("200 OK", "", "{}"));
  for (const char* status : {"301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent"}) {
    server_.Answer(Response(status, absl::StrCat("Location: ", elsewhere.url(), "\r\n"), "{}"));
    EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("HTTP 30")));
  }
  EXPECT_THAT(elsewhere.requests(), IsEmpty());
}

TEST_F(CurlFetcherTest, AnAnswerThatIsNot200IsNone) {
  for (const char* status : {"204 No Content", "404 Not Found", "500 Oops", "503 Busy"}) {
    server_.Answer(Response(status, "", "{}"));
    EXPECT_THAT(Get(server_.url()),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr(absl::StrCat("HTTP ", status).substr(0, 8))));
  }
}

TEST_F(CurlFetcherTest, TakesOnlySoManyBytes) {
  options_.max_bytes = 1000;
  server_.Answer(Response("200 OK", "", std::string(1000, ' ')));
  EXPECT_OK(Get(server_.url()));
  server_.Answer(Response("200 OK", "", std::string(1001, ' ')));
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("too long")));
  // Without a length the end is where the server hangs up.
  server_.Answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, ' '));
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("too long")));
}

TEST_F(CurlFetcherTest, AnAnswerThatBreaksOffIsNone) {
  server_.Answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":[]}");
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable));
  server_.Answer("");
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable));
  server_.Answer("no HTTP at all");
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CurlFetcherTest, WaitsOnlySoLong) {
  options_.timeout = absl::Milliseconds(200);
  server_.Hang();
  EXPECT_THAT(Get(server_.url()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Timeout")));
}

TEST_F(CurlFetcherTest, GivesUpWhenAskedTo) {
  options_.timeout = absl::Seconds(60);
  server_.Hang();
  std::stop_source stop;
  absl::Status status;
  const absl::Time start = absl::Now();
  std::thread fetch(
      [&] { status = NewCurlFetcher(options_)->Get(server_.url(), stop.get_token()).status(); });
  stop.request_stop();
  fetch.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST_F(CurlFetcherTest, NobodyThereIsAnError) {
  int port = 0;
  {
    const CannedServer gone;
    port = gone.port();
  }
  EXPECT_THAT(Get(absl::StrCat("http://127.0.0.1:", port)),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CurlFetcherTest, AServersCertificateMustDescendFromOneThatIsTrusted) {
  CannedServer server(CannedTls::kCertified), other(CannedTls::kCertified);
  server.Answer(Response("200 OK", "", "{}"));
  EXPECT_THAT(Get(server.url()), StatusIs(absl::StatusCode::kUnavailable)) << "not the machine's";
  const TempDir folder;
  options_.ca_file = folder.Sub("ca.pem");
  std::ofstream(options_.ca_file) << other.certificate();
  EXPECT_THAT(Get(server.url()), StatusIs(absl::StatusCode::kUnavailable)) << "another's";
  std::ofstream(options_.ca_file) << server.certificate();
  EXPECT_OK(Get(server.url()));
  EXPECT_THAT(server.requests(), SizeIs(1)) << "nothing is sent before";
}

TEST_F(CurlFetcherTest, AServersCertificateMustBeForItsName) {
  CannedServer server(CannedTls::kCertified);
  server.Answer(Response("200 OK", "", "{}"));
  const TempDir folder;
  options_.ca_file = folder.Sub("ca.pem");
  std::ofstream(options_.ca_file) << server.certificate();
  EXPECT_THAT(Get(absl::StrCat("https://127.0.0.1:", server.port())),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(CurlFetcherTest, AnAddressThatMayNotBeFetchedIsNotAsked) {
  EXPECT_THAT(Get("file:///etc/hostname"), HasReason(v1::ERROR_REASON_CONFIGURATION));
  EXPECT_THAT(Get(absl::StrCat("http://user@127.0.0.1:", server_.port())),
              HasReason(v1::ERROR_REASON_CONFIGURATION));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST(FetchUrlTest, HttpsIsFetchedFromAnywhereAndHttpFromThisMachine) {
  for (const char* url :
       {"https://id.example", "https://id.example:8443/a/b?c=d", "HTTPS://id.example/",
        "https://10.0.0.1/keys", "https://[2001:db8::1]/keys", "http://localhost/",
        "http://localhost:1234/keys", "http://127.0.0.1:1234/keys", "http://127.1.2.3/",
        "http://[::1]:1234/keys"}) {
    EXPECT_OK(CheckFetchUrl(url));
  }
}

TEST(FetchUrlTest, EverythingElseIsRefused) {
  for (const std::string& url : {std::string(),
                                 std::string("id.example/keys"),
                                 std::string("//id.example"),
                                 std::string("http://id.example/"),
                                 std::string("http://10.0.0.1/"),
                                 std::string("http://localhost.evil.example/"),
                                 std::string("http://127.0.0.1.evil.example/"),
                                 std::string("http://[::2]/"),
                                 std::string("http://[::ffff:10.0.0.1]/"),
                                 std::string("http://0.0.0.0/"),
                                 std::string("http://localhost@evil.example/"),
                                 std::string("http://evil.example#@localhost/"),
                                 std::string("https://user:pass@id.example/"),
                                 std::string("https://user@id.example/"),
                                 std::string("file:///etc/passwd"),
                                 std::string("ftp://id.example/"),
                                 std::string("gopher://localhost/"),
                                 std::string("https://"),
                                 std::string("https://id.example/\0x", 21),
                                 std::string("https://id example/"),
                                 std::string("javascript:1")}) {
    EXPECT_THAT(CheckFetchUrl(url), HasReason(v1::ERROR_REASON_CONFIGURATION)) << url;
  }
  EXPECT_THAT(CheckFetchUrl("https://user:hunter2@id.example/").message(),
              Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace trialgate::identity
