// GoogleTest matchers for absl::Status and absl::StatusOr, with names and shape of newer Abseil
// (absl/status/status_matchers.h), which replaces this file.
//
//   EXPECT_THAT(Save(thing), IsOk());
//   EXPECT_THAT(Load(name), IsOkAndHolds(Eq(thing)));
//   EXPECT_THAT(Load("nobody"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody")));
#ifndef TRIALGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TRIALGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"

namespace absl_testing {
namespace internal {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

class IsOkMatcher {
 public:
  using is_gtest_matcher = void;

  template <typename T>
  bool MatchAndExplain(const T& value, testing::MatchResultListener* listener) const {
    const absl::Status& status = GetStatus(value);
    if (!status.ok()) *listener << "which is " << status;
    return status.ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is not OK"; }
};

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  using is_gtest_matcher = void;

  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  template <typename T>
  bool MatchAndExplain(const absl::StatusOr<T>& result,
                       testing::MatchResultListener* listener) const {
    if (!result.ok()) {
      *listener << "which is " << result.status();
      return false;
    }
    return testing::SafeMatcherCast<const T&>(inner_).MatchAndExplain(*result, listener);
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK and holds the value described"; }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "is not OK or does not hold the value described";
  }

 private:
  const Inner inner_;
};

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;

  StatusIsMatcher(testing::Matcher<absl::StatusCode> code, testing::Matcher<std::string> message)
      : code_(std::move(code)), message_(std::move(message)) {}

  template <typename T>
  bool MatchAndExplain(const T& value, testing::MatchResultListener* listener) const {
    const absl::Status& status = GetStatus(value);
    *listener << "which is " << status;
    return code_.Matches(status.code()) && message_.Matches(std::string(status.message()));
  }
  void DescribeTo(std::ostream* os) const {
    *os << "has a code that ";
    code_.DescribeTo(os);
    *os << " and a message that ";
    message_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "not (";
    DescribeTo(os);
    *os << ")";
  }

 private:
  const testing::Matcher<absl::StatusCode> code_;
  const testing::Matcher<std::string> message_;
};

}  // namespace internal

// The status, or that of the StatusOr, is OK.
inline internal::IsOkMatcher IsOk() { return {}; }

// The StatusOr is OK and its value matches.
template <typename Inner>
internal::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return internal::IsOkAndHoldsMatcher<std::decay_t<Inner>>(std::forward<Inner>(inner));
}

// The code matches, and the message.
template <typename Code>
internal::StatusIsMatcher StatusIs(Code code) {
  return {testing::MatcherCast<absl::StatusCode>(code), testing::_};
}
template <typename Code, typename Message>
internal::StatusIsMatcher StatusIs(Code code, Message message) {
  return {testing::MatcherCast<absl::StatusCode>(code), testing::MatcherCast<std::string>(message)};
}

}  // namespace absl_testing

namespace trialgate {

// The status, or that of the StatusOr, carries this reason of ours.
MATCHER_P(HasReason, reason, "has the reason " + ReasonName(reason)) {
  const absl::Status& status = absl_testing::internal::GetStatus(arg);
  *result_listener << "which is " << status;
  return ReasonOf(status) == reason;
}

}  // namespace trialgate

// Fails the test, and leaves it, unless the absl::Status is OK.
#define ASSERT_OK(expr) ASSERT_THAT(expr, ::absl_testing::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::absl_testing::IsOk())

// Assigns the value of a StatusOr, or fails the test and leaves it.
#define ASSERT_OK_AND_ASSIGN(lhs, ...)                                                           \
  TRIALGATE_ASSERT_OK_AND_ASSIGN_(TRIALGATE_STATUS_CONCAT_(trialgate_status_or_, __LINE__), lhs, \
                                  __VA_ARGS__)
#define TRIALGATE_ASSERT_OK_AND_ASSIGN_(result, lhs, ...) \
  auto result = (__VA_ARGS__);                            \
  ASSERT_THAT(result, ::absl_testing::IsOk());            \
  lhs = std::move(result).value()

#endif  // TRIALGATE_TESTS_SUPPORT_STATUS_MATCHERS_H_
