#include "common/rpc/access.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::IsOk;
using absl_testing::StatusIs;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Every proto of the API, as the folder has them: one that is added is tested without a word here.
std::vector<const FileDescriptor*> ApiFiles() {
  std::vector<const FileDescriptor*> files;
  for (const auto& entry : std::filesystem::directory_iterator("proto/trialgate/v1")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = "trialgate/v1/" + entry.path().filename().string();
    const FileDescriptor* const file = DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name << " is not linked into this test";
    if (file != nullptr) files.push_back(file);
  }
  return files;
}

void AddUnclassed(const Descriptor& message, std::vector<std::string>* unclassed) {
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    if (field.options().GetExtension(v1::field_class) == v1::FIELD_CLASS_UNSPECIFIED) {
      unclassed->push_back(field.full_name());
    }
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    AddUnclassed(*message.nested_type(i), unclassed);
  }
}

TEST(AccessTest, EveryMethodDeclaresWhoMayCallItOnWhatAndHowMuch) {
  int methods = 0;
  for (const FileDescriptor* file : ApiFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k, ++methods) {
        const auto& method = *file->service(i)->method(k);
        const v1::MethodAccess access = AccessOf(method);
        EXPECT_THAT(RolesWith(access.permission()), Not(IsEmpty())) << method.full_name();
        EXPECT_NE(access.scope(), v1::SCOPE_UNSPECIFIED) << method.full_name();
        EXPECT_NE(access.call_class(), v1::CALL_CLASS_UNSPECIFIED) << method.full_name();
      }
    }
  }
  EXPECT_GE(methods, 31);
}

TEST(AccessTest, EveryFieldDeclaresItsClass) {
  std::vector<std::string> unclassed;
  for (const FileDescriptor* file : ApiFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      // The options themselves are no content.
      if (file->message_type(i)->full_name() == "trialgate.v1.MethodAccess") continue;
      AddUnclassed(*file->message_type(i), &unclassed);
    }
  }
  EXPECT_THAT(unclassed, IsEmpty());
}

// Whether a message holds what is asked, answered or noted, or somebody's person, however deep.
bool HoldsContent(const Descriptor& message, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&message).second) return false;
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    switch (field.options().GetExtension(v1::field_class)) {
      case v1::FIELD_CLASS_REQUEST:
      case v1::FIELD_CLASS_BLINDED:
      case v1::FIELD_CLASS_OWN_DESK:
      case v1::FIELD_CLASS_ANSWER:
      case v1::FIELD_CLASS_PERSON:
      case v1::FIELD_CLASS_INTERNAL:
        return true;
      default:
        break;
    }
    if (field.message_type() != nullptr && HoldsContent(*field.message_type(), seen)) return true;
  }
  return false;
}

TEST(AccessTest, EveryMethodWhoseResponseHoldsContentIsConfidential) {
  // They read nothing of anybody: their responses are derived from their requests.
  const std::set<std::string> derived = {"ImportStudyRecord", "AssessTrialRequest",
                                         "CompareTrialRequests", "PlanPortfolio"};
  int confidential = 0;
  for (const FileDescriptor* file : ApiFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        const auto& method = *file->service(i)->method(k);
        std::set<const Descriptor*> seen;
        if (!HoldsContent(*method.output_type(), &seen) || derived.count(method.name()) > 0) {
          continue;
        }
        ++confidential;
        EXPECT_TRUE(AccessOf(method).confidential()) << method.full_name();
      }
    }
  }
  EXPECT_GE(confidential, 14);
}

TEST(AccessTest, ARoleThatMayNotIsToldWhichMay) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_COORDINATOR);
  EXPECT_THAT(Authorize(principal, v1::PERMISSION_REFERRAL_WORK), IsOk());
  const absl::Status refused = Authorize(principal, v1::PERMISSION_TRIAL_REQUEST_DECIDE);
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kPermissionDenied),
                             HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED)));
  EXPECT_EQ(MetadataOf(refused)["permitted"], "requester, national");
  EXPECT_EQ(MetadataOf(refused)["role"], "coordinator");
}

TEST(AccessTest, WhatIsNotDeclaredIsDeniedToEverybody) {
  for (int role = v1::Role_MIN; role <= v1::Role_MAX; ++role) {
    v1::Principal principal;
    principal.set_role(static_cast<v1::Role>(role));
    EXPECT_FALSE(Authorize(principal, v1::PERMISSION_UNSPECIFIED).ok()) << role;
    EXPECT_FALSE(Authorize(principal, static_cast<v1::Permission>(9999)).ok()) << role;
  }
}

TEST(AccessTest, ThePermissionsOfTheTrailAreTheAuditorsAlone) {
  EXPECT_THAT(RolesWith(v1::PERMISSION_AUDIT_READ), ElementsAre(v1::ROLE_AUDITOR));
  EXPECT_THAT(RolesWith(v1::PERMISSION_SELF_READ), SizeIs(5));
}

TEST(AccessTest, EveryPermissionIsGrantedToSomebodyAndNoneToTheProgram) {
  const google::protobuf::EnumDescriptor& permissions = *v1::Permission_descriptor();
  for (int i = 1; i < permissions.value_count(); ++i) {
    const auto& value = *permissions.value(i);
    const auto& roles = RolesWith(static_cast<v1::Permission>(value.number()));
    EXPECT_THAT(roles, Not(IsEmpty())) << value.name();
    EXPECT_THAT(roles, Not(testing::Contains(v1::ROLE_PROGRAM))) << value.name();
  }
}

}  // namespace
}  // namespace trialgate::rpc
