#include "services/access/view.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fills every field below `message`, messages and lists too, with something.
void Fill(Message* message, int depth = 0) {
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message->GetDescriptor()->field(i);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth > 3) break;
        Fill(field->is_repeated() ? reflection.AddMessage(message, field)
                                  : reflection.MutableMessage(message, field),
             depth + 1);
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? reflection.AddString(message, field, field->full_name())
                             : reflection.SetString(message, field, field->full_name());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        field->is_repeated() ? reflection.AddEnumValue(message, field, 1)
                             : reflection.SetEnumValue(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!field->is_repeated()) reflection.SetInt32(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!field->is_repeated()) reflection.SetInt64(message, field, 1);
        break;
      default:
        break;
    }
  }
}

// Every field of ours that is present, with its class.
void Collect(const Message& message, std::vector<std::pair<std::string, v1::FieldClass>>* found) {
  std::vector<const FieldDescriptor*> present;
  const Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (field->file()->package() != "trialgate.v1") continue;
    found->emplace_back(field->full_name(), field->options().GetExtension(v1::field_class));
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Collect(reflection.GetMessage(message, field), found);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Collect(reflection.GetRepeatedMessage(message, field, i), found);
    }
  }
}

TEST(ViewTest, WhatIsHiddenIsClearedAtEveryDepthAndTheRestStays) {
  for (const v1::Role role : {v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR, v1::ROLE_NATIONAL,
                              v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    for (const bool blinded : {false, true}) {
      for (const bool may_change : {false, true}) {
        const Recipient recipient = {role, blinded, may_change};
        v1::TrialRequest request;
        Fill(&request);
        std::vector<std::pair<std::string, v1::FieldClass>> before, after;
        Collect(request, &before);
        ASSERT_GT(before.size(), 60u);
        ClearHidden(recipient, &request);
        Collect(request, &after);
        for (const auto& [name, field_class] : after) {
          EXPECT_FALSE(IsHidden(field_class, recipient)) << name;
        }
        if (role == v1::ROLE_NATIONAL && may_change) {
          EXPECT_EQ(after.size(), before.size());
        }
      }
    }
  }
}

TEST(ViewTest, ABlindedDeskSeesNothingThatTellsWhoAsks) {
  v1::TrialRequest request;
  Fill(&request);
  ClearHidden({v1::ROLE_COORDINATOR, /*blinded=*/true, /*may_change=*/false}, &request);
  for (const char* field : {"requester", "sponsor", "title", "synopsis", "eligibility_criteria",
                            "documents", "external_ids", "contact", "withdraw_reason"}) {
    const FieldDescriptor* const found = request.GetDescriptor()->FindFieldByName(field);
    ASSERT_NE(found, nullptr) << field;
    const bool present = found->is_repeated()
                             ? request.GetReflection()->FieldSize(request, found) > 0
                             : request.GetReflection()->HasField(request, found);
    EXPECT_FALSE(present) << field;
  }
  EXPECT_FALSE(request.blinded_title().empty());
  EXPECT_EQ(request.kind(), 1);
}

TEST(ViewTest, RequestersSeeNoVersionOfWhatTheyCannotChange) {
  v1::Referral referral;
  referral.set_etag("12");
  referral.set_desk("desks/a");
  ClearHidden({v1::ROLE_REQUESTER, false, /*may_change=*/false}, &referral);
  EXPECT_EQ(referral.etag(), "");
  EXPECT_EQ(referral.desk(), "desks/a");
}

TEST(ViewTest, AFieldWithoutAKnownClassReachesNobody) {
  for (const v1::Role role : {v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR, v1::ROLE_NATIONAL}) {
    EXPECT_TRUE(IsHidden(v1::FIELD_CLASS_UNSPECIFIED, {role, false, true}));
    EXPECT_TRUE(IsHidden(static_cast<v1::FieldClass>(999), {role, false, true}));
  }
}

}  // namespace
}  // namespace trialgate::access
