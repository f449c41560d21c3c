#include "common/rpc/request_reader.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;

// Stands for one byte, so that a message is built with it and then spoilt.
constexpr char kMark = '#';

// The bytes of `message` in which every kMark is a byte that no UTF-8 text has.
std::string Spoilt(const google::protobuf::Message& message) {
  std::string bytes = message.SerializeAsString();
  for (char& c : bytes) {
    if (c == kMark) c = '\xff';
  }
  return bytes;
}

std::vector<std::string> FieldsWithBadText(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(status)) {
    if (violation.reason == v1::ERROR_REASON_INVALID_UTF8) fields.push_back(violation.field);
  }
  return fields;
}

TEST(RequestReaderTest, AMessageIsRead) {
  v1::ListAuditEventsRequest sent;
  sent.set_page_size(7);
  sent.set_resource("sites/Ærø");
  ASSERT_OK_AND_ASSIGN(const auto read, ReadRequest(v1::ListAuditEventsRequest::default_instance(),
                                                    sent.SerializeAsString()));
  EXPECT_EQ(read->SerializeAsString(), sent.SerializeAsString());
}

TEST(RequestReaderTest, FieldsThatAreNotKnownAreDropped) {
  v1::ListAuditEventsRequest sent;
  sent.set_page_size(7);
  const std::string unknown = "\xfa\x07\x03xyz";  // field 127
  ASSERT_OK_AND_ASSIGN(const auto read, ReadRequest(v1::ListAuditEventsRequest::default_instance(),
                                                    sent.SerializeAsString() + unknown));
  EXPECT_EQ(read->SerializeAsString(), sent.SerializeAsString());
}

TEST(RequestReaderTest, EveryTextThatIsNotUtf8IsNamedWithItsPath) {
  v1::SubmitTrialRequestRequest sent;
  sent.set_request_id("#");
  v1::TrialRequest& trial = *sent.mutable_trial_request();
  trial.set_title("before # after");
  trial.add_specialities("good");
  trial.add_specialities("bad#");
  trial.add_conditions()->set_text("good");
  v1::Code& code = *trial.add_conditions()->add_codes();
  code.set_system("MeSH");
  code.set_code("#");
  const auto read = ReadRequest(v1::SubmitTrialRequestRequest::default_instance(), Spoilt(sent));
  EXPECT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(read, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsWithBadText(read.status()),
              testing::UnorderedElementsAre("request_id", "trial_request.title",
                                            "trial_request.specialities[1]",
                                            "trial_request.conditions[1].codes[0].code"));
}

class BadTextTest : public testing::TestWithParam<std::string> {};

TEST_P(BadTextTest, IsFound) {
  const std::string text = GetParam();
  const std::string bytes = std::string("\x1a") + static_cast<char>(text.size()) + text;
  EXPECT_THAT(FieldsWithBadText(
                  ReadRequest(v1::ListAuditEventsRequest::default_instance(), bytes).status()),
              ElementsAre("resource"));
}

INSTANTIATE_TEST_SUITE_P(All, BadTextTest,
                         testing::Values("\xc3\x28", "\xc3", "\x80", "\xc0\xaf", "\xc1\xbf",
                                         "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
                                         "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "ok\xff",
                                         "\xe2\x82"));

TEST(RequestReaderTest, BytesThatAreNoMessageAreInvalidFormat) {
  for (const std::string bytes : {"\x0a\xff", "\x08", "\xff\xff\xff", "\x1a\x05oh"}) {
    EXPECT_THAT(ReadRequest(v1::ListAuditEventsRequest::default_instance(), bytes),
                HasReason(v1::ERROR_REASON_INVALID_FORMAT));
  }
}

}  // namespace
}  // namespace trialgate::rpc
