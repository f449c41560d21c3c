#include "common/config/listen_address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::config {
namespace {

TEST(ListenAddressTest, LiteralAddressesAndLocalhostAreRead) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    bool loopback;
    const char* formatted;
  };
  for (const Case& c :
       {Case{"127.0.0.1:7420", "127.0.0.1", 7420, true, "127.0.0.1:7420"},
        Case{"127.9.8.7:0", "127.9.8.7", 0, true, "127.9.8.7:0"},
        Case{"localhost:1", "127.0.0.1", 1, true, "127.0.0.1:1"},
        Case{"[::1]:65535", "::1", 65535, true, "[::1]:65535"},
        Case{"0.0.0.0:80", "0.0.0.0", 80, false, "0.0.0.0:80"},
        Case{"[::]:80", "::", 80, false, "[::]:80"},
        Case{"[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, false, "[::ffff:127.0.0.1]:80"}}) {
    ASSERT_OK_AND_ASSIGN(const ListenAddress address, ParseListenAddress(c.text));
    EXPECT_EQ(address.host, c.host);
    EXPECT_EQ(address.port, c.port);
    EXPECT_EQ(address.loopback, c.loopback) << c.text;
    EXPECT_EQ(FormatHostPort(address), c.formatted);
  }
}

TEST(ListenAddressTest, AnythingElseIsRefused) {
  for (const char* text : {"", "7420", ":7420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:http",
                           "::1:80", "[127.0.0.1]:80", "example.org:80", "127.1:80", "[::1]"}) {
    EXPECT_THAT(ParseListenAddress(text), HasReason(v1::ERROR_REASON_CONFIGURATION)) << text;
  }
}

}  // namespace
}  // namespace trialgate::config
