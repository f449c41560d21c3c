// Every way in which a study record can be at fault, and what the requester is told.
#include <gmock/gmock.h>

#include "common/base/errors.h"
#include "services/intake/study_record.h"
#include "tests/unit/intake/study_record_support.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::Status Refused(const std::string& json) {
  const auto imported = DeriveDraft(json, v1::Pack(), absl::CivilDay(2026, 11, 22));
  EXPECT_FALSE(imported.ok()) << json;
  EXPECT_EQ(imported.status().code(), absl::StatusCode::kInvalidArgument);
  return imported.status();
}

// "field REASON" of each fault.
std::vector<std::string> Faults(const std::string& json) {
  std::vector<std::string> faults;
  for (const FieldViolation& violation : FieldViolationsOf(Refused(json))) {
    faults.push_back(violation.field + " " + ReasonName(violation.reason));
  }
  return faults;
}

std::vector<std::string> FaultsWith(const std::string& more) { return Faults(RecordWith(more)); }

TEST(StudyRecordBadInputTest, MalformedJsonIsToldWithTheByteWhereItBegins) {
  const absl::Status status = Refused(Json("{'protocolSection': {]}"));
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_MALFORMED_JSON);
  EXPECT_EQ(MetadataOf(status)["offset"], "21");
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte 21"));
}

TEST(StudyRecordBadInputTest, WhatWasFoundIsShownWithoutBreakingACharacter) {
  const absl::Status status = Refused("{\"a\": ø}");
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte 6"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\\xc3"));
}

TEST(StudyRecordBadInputTest, ATruncatedDocumentIsSaidToBreakOff) {
  const std::string whole = RecordWith("");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const absl::Status status = Refused(whole.substr(0, size));
    EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_MALFORMED_JSON) << size;
    EXPECT_THAT(std::string(status.message()), HasSubstr("breaks off")) << size;
    EXPECT_EQ(MetadataOf(status)["offset"], std::to_string(size));
  }
}

TEST(StudyRecordBadInputTest, ASecondDocumentBehindTheFirstIsMalformed) {
  EXPECT_EQ(ReasonOf(Refused(RecordWith("") + "{}")), v1::ERROR_REASON_MALFORMED_JSON);
}

TEST(StudyRecordBadInputTest, NothingIsHiddenBehindAZeroByte) {
  const std::string record = RecordWith("");
  const absl::Status status = Refused(record + std::string(1, '\0') + "{}");
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_MALFORMED_JSON);
  EXPECT_EQ(MetadataOf(status)["offset"], std::to_string(record.size()));
}

TEST(StudyRecordBadInputTest, AMemberNamedTwiceIsRefused) {
  EXPECT_THAT(Faults("{\"protocolSection\": {}, \"protocolSection\": {}}"),
              ElementsAre("study_record DUPLICATE"));
}

TEST(StudyRecordBadInputTest, ANumberBeyondAllBoundsIsMalformed) {
  EXPECT_EQ(ReasonOf(Refused("{\"protocolSection\": 1e999}")), v1::ERROR_REASON_MALFORMED_JSON);
}

TEST(StudyRecordBadInputTest, BytesThatAreNoUtf8AreToldByTheirPlace) {
  const absl::Status status = Refused("{\"protocolSection\": \"\xC3(\"}");
  EXPECT_THAT(Faults("{\"protocolSection\": \"\xC3(\"}"), ElementsAre("study_record INVALID_UTF8"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte 21"));
  EXPECT_THAT(Faults("\"\xED\xA0\x80\""), ElementsAre("study_record INVALID_UTF8"));
  EXPECT_THAT(Faults("\"\xC0\xAF\""), ElementsAre("study_record INVALID_UTF8"));
  EXPECT_THAT(Faults("\"\xF4\x90\x80\x80\""), ElementsAre("study_record INVALID_UTF8"));
  EXPECT_THAT(Faults("\"\xE2\x82"), ElementsAre("study_record INVALID_UTF8"));
}

TEST(StudyRecordBadInputTest, MoreThanFourMebibytesAreRefusedUnread) {
  EXPECT_THAT(Faults(std::string((std::size_t{4} << 20) + 1, ' ')),
              ElementsAre("study_record TOO_LONG"));
}

TEST(StudyRecordBadInputTest, NestingIsBounded) {
  const auto nested = [](int levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_THAT(Faults(nested(65)), ElementsAre("study_record OUT_OF_RANGE"));
  EXPECT_THAT(Faults(nested(64)), ElementsAre("study_record.protocolSection REQUIRED"));
  EXPECT_THAT(Faults(nested(1000000)), ElementsAre("study_record OUT_OF_RANGE"));
}

TEST(StudyRecordBadInputTest, WhatIsNoObjectIsNoStudyRecord) {
  for (const char* json : {"[]", "null", "3", "\"text\"", "true"}) {
    EXPECT_THAT(Faults(json), ElementsAre("study_record INVALID_FORMAT")) << json;
  }
}

TEST(StudyRecordBadInputTest, WithoutProtocolSectionItIsNoStudyRecord) {
  EXPECT_THAT(Faults("{}"), ElementsAre("study_record.protocolSection REQUIRED"));
  EXPECT_THAT(Faults("{\"protocolSection\": 7}"),
              ElementsAre("study_record.protocolSection INVALID_FORMAT"));
}

TEST(StudyRecordBadInputTest, AStudyWithoutAConditionIsRefused) {
  const std::string field = "study_record.protocolSection.conditionsModule.conditions";
  EXPECT_THAT(Faults(Json("{'protocolSection': {}}")), ElementsAre(field + " REQUIRED"));
  EXPECT_THAT(Faults(Json("{'protocolSection': {'conditionsModule': {'conditions': [' ']}}}")),
              ElementsAre(field + " REQUIRED"));
}

TEST(StudyRecordBadInputTest, AnUnknownPhaseIsNamed) {
  const std::string record = RecordWith("'designModule': {'phases': ['PHASE2', 'PHASE9']}");
  EXPECT_THAT(Faults(record),
              ElementsAre("study_record.protocolSection.designModule.phases[1] UNKNOWN_VALUE"));
  EXPECT_THAT(std::string(Refused(record).message()), HasSubstr("PHASE9"));
}

TEST(StudyRecordBadInputTest, PhasesThatAreNoNeighboursContradictEachOther) {
  const std::string fault = "study_record.protocolSection.designModule.phases CONTRADICTION";
  EXPECT_THAT(FaultsWith("'designModule': {'phases': ['PHASE1', 'PHASE3']}"), ElementsAre(fault));
  EXPECT_THAT(FaultsWith("'designModule': {'phases': ['PHASE2', 'PHASE2']}"), ElementsAre(fault));
  EXPECT_THAT(FaultsWith("'designModule': {'phases': ['PHASE1', 'PHASE2', 'PHASE3']}"),
              ElementsAre(fault));
}

TEST(StudyRecordBadInputTest, AnEnrolmentBelowZeroOrHugeOrBrokenIsRefused) {
  const std::string field = "study_record.protocolSection.designModule.enrollmentInfo.count";
  const auto with = [](const std::string& count) {
    return FaultsWith("'designModule': {'enrollmentInfo': {'count': " + count + "}}");
  };
  EXPECT_THAT(with("-1"), ElementsAre(field + " OUT_OF_RANGE"));
  EXPECT_THAT(with("10000001"), ElementsAre(field + " OUT_OF_RANGE"));
  EXPECT_THAT(with("99999999999999999999999"), ElementsAre(field + " OUT_OF_RANGE"));
  EXPECT_THAT(with("-1e300"), ElementsAre(field + " OUT_OF_RANGE"));
  EXPECT_THAT(with("12.5"), ElementsAre(field + " INVALID_FORMAT"));
  EXPECT_THAT(with("'12'"), ElementsAre(field + " INVALID_FORMAT"));
}

TEST(StudyRecordBadInputTest, DatesThatDoNotExistOrAreReversedAreRefused) {
  const std::string module = "study_record.protocolSection.statusModule.";
  const auto with = [](const std::string& start, const std::string& completion) {
    return FaultsWith("'statusModule': {'startDateStruct': {'date': '" + start +
                      "'}, 'primaryCompletionDateStruct': {'date': '" + completion + "'}}");
  };
  EXPECT_THAT(with("2027-02-30", "2027-13"),
              ElementsAre(module + "startDateStruct.date INVALID_FORMAT",
                          module + "primaryCompletionDateStruct.date INVALID_FORMAT"));
  EXPECT_THAT(with("2027", "January 2027"),
              ElementsAre(module + "startDateStruct.date INVALID_FORMAT",
                          module + "primaryCompletionDateStruct.date INVALID_FORMAT"));
  EXPECT_THAT(with("2027-03-02", "2027-03-01"),
              ElementsAre(module + "primaryCompletionDateStruct.date DATES_REVERSED"));
}

TEST(StudyRecordBadInputTest, AgesThatAreNoneOrReversedAreRefused) {
  const std::string module = "study_record.protocolSection.eligibilityModule.";
  for (const char* age : {"old", "18", "18 Moons", "-1 Years", "1e3 Years", "400 Years"}) {
    EXPECT_THAT(FaultsWith("'eligibilityModule': {'minimumAge': '" + std::string(age) + "'}"),
                ElementsAre(module + "minimumAge INVALID_FORMAT"))
        << age;
  }
  EXPECT_THAT(
      FaultsWith("'eligibilityModule': {'minimumAge': '2 Years', 'maximumAge': '6 Months'}"),
      ElementsAre(module + "maximumAge CONTRADICTION"));
}

TEST(StudyRecordBadInputTest, TwoMegabytesInATitleAreRefused) {
  EXPECT_THAT(FaultsWith("'identificationModule': {'briefTitle': '" +
                         std::string(std::size_t{2} << 20, 'x') + "'}"),
              ElementsAre("study_record.protocolSection.identificationModule.briefTitle TOO_LONG"));
}

TEST(StudyRecordBadInputTest, ALongConditionIsRefused) {
  EXPECT_THAT(Faults(Json("{'protocolSection': {'conditionsModule': {'conditions': ['" +
                          std::string(513, 'x') + "']}}}")),
              ElementsAre("study_record.protocolSection.conditionsModule.conditions[0] TOO_LONG"));
}

TEST(StudyRecordBadInputTest, EveryFaultIsToldAtOnce) {
  EXPECT_THAT(
      FaultsWith("'identificationModule': {'nctId': 'NCT1', 'briefTitle': 5, 'secondaryIdInfos': "
                 "['x']}, 'designModule': {'studyType': 'SURVEY', 'phases': 'PHASE1', "
                 "'enrollmentInfo': {'count': -5}}, 'eligibilityModule': {'sex': 'OTHER', "
                 "'healthyVolunteers': 'no', 'stdAges': ['TEEN']}, 'descriptionModule': []"),
      testing::UnorderedElementsAre(
          "study_record.protocolSection.identificationModule.nctId INVALID_FORMAT",
          "study_record.protocolSection.identificationModule.briefTitle INVALID_FORMAT",
          "study_record.protocolSection.identificationModule.secondaryIdInfos[0] INVALID_FORMAT",
          "study_record.protocolSection.designModule.studyType UNKNOWN_VALUE",
          "study_record.protocolSection.designModule.phases INVALID_FORMAT",
          "study_record.protocolSection.designModule.enrollmentInfo.count OUT_OF_RANGE",
          "study_record.protocolSection.eligibilityModule.sex UNKNOWN_VALUE",
          "study_record.protocolSection.eligibilityModule.healthyVolunteers INVALID_FORMAT",
          "study_record.protocolSection.eligibilityModule.stdAges[0] UNKNOWN_VALUE",
          "study_record.protocolSection.descriptionModule INVALID_FORMAT"));
}

TEST(StudyRecordBadInputTest, AnUnknownInterventionTypeIsNamed) {
  EXPECT_THAT(FaultsWith("'designModule': {'studyType': 'INTERVENTIONAL'}, "
                         "'armsInterventionsModule': {'interventions': [{'type': 'MAGIC'}]}"),
              ElementsAre("study_record.protocolSection.armsInterventionsModule.interventions[0]."
                          "type UNKNOWN_VALUE"));
}

}  // namespace
}  // namespace trialgate::intake
