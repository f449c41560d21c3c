#include "common/base/page_token.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;

constexpr char kQuery[] = "ListSites|filter=region:r1";

TEST(PageTokenTest, ATokenGoesOnWhereItWasTaken) {
  const PagePosition position{"sites/x/æøå", 1234567};
  ASSERT_OK_AND_ASSIGN(const PagePosition read,
                       DecodePageToken(EncodePageToken(kQuery, position), kQuery));
  EXPECT_EQ(read.after, position.after);
  EXPECT_EQ(read.as_of, position.as_of);
}

TEST(PageTokenTest, NoTokenIsTheStart) {
  ASSERT_OK_AND_ASSIGN(const PagePosition read, DecodePageToken("", kQuery));
  EXPECT_EQ(read.after, "");
  EXPECT_EQ(read.as_of, 0);
}

TEST(PageTokenTest, ATokenOfAnotherQueryIsRefused) {
  const std::string token = EncodePageToken(kQuery, {"sites/x", 5});
  EXPECT_THAT(DecodePageToken(token, "ListDesks"),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                    HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN)));
  EXPECT_EQ(FieldViolationsOf(DecodePageToken(token, "ListDesks").status())[0].field, "page_token");
}

TEST(PageTokenTest, ADamagedTokenIsRefused) {
  const std::string token = EncodePageToken(kQuery, {"sites/x", 5});
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    const auto read = DecodePageToken(damaged, kQuery);
    // The last character may hold bits that mean nothing.
    if (read.ok()) {
      EXPECT_EQ(i, token.size() - 1);
      EXPECT_EQ(read->after, "sites/x");
    }
  }
  for (const std::string& bad : {std::string("x"), std::string("%%%"), token.substr(0, 10),
                                 token + "AAAA", std::string(1 << 20, 'A')}) {
    EXPECT_THAT(DecodePageToken(bad, kQuery), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  }
}

TEST(PageTokenTest, ATokenOfACommitThatIsNotThereIsRefused) {
  for (const std::int64_t as_of : {std::int64_t{0}, std::int64_t{1}, std::int64_t{7}}) {
    EXPECT_OK(DecodePageToken(EncodePageToken(kQuery, {"sites/x", as_of}), kQuery, 7));
  }
  for (const std::int64_t as_of :
       {std::int64_t{-1}, std::int64_t{8}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    const auto read = DecodePageToken(EncodePageToken(kQuery, {"sites/x", as_of}), kQuery, 7);
    EXPECT_THAT(read, AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                            HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN)))
        << as_of;
  }
}

}  // namespace
}  // namespace trialgate
