// Commands about who one is to the server.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/access_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

using CommandsAuthTest = AppTest;

TEST_F(CommandsAuthTest, OneLearnsWhoTheServerTakesOneFor) {
  v1::Principal caller;
  caller.set_role(v1::ROLE_COORDINATOR);
  caller.set_subject("carl");
  caller.add_desks("desks/north");
  caller.add_desks("desks/south");
  server_.Answer("GetCaller", caller);
  EXPECT_EQ(Run({"auth", "whoami"}), kOk);
  EXPECT_THAT(out_, HasSubstr("coordinator"));
  EXPECT_THAT(out_, HasSubstr("carl"));
  EXPECT_THAT(out_, HasSubstr("desks/north, desks/south"));
  EXPECT_THAT(out_, Not(HasSubstr("organization")));
}

TEST_F(CommandsAuthTest, WhatOneMayNotDoHasTheExitCodeOfThat) {
  v1::CheckAccessResponse access;
  access.set_allowed(true);
  access.set_permission(v1::PERMISSION_AUDIT_READ);
  access.set_scope("all");
  access.add_permitted_roles(v1::ROLE_AUDITOR);
  server_.Answer("CheckAccess", access);
  access.set_allowed(false);
  server_.Answer("CheckAccess", access);
  EXPECT_EQ(Run({"auth", "can-i", "ListAuditEvents"}), kOk);
  EXPECT_EQ(server_.Asked<v1::CheckAccessRequest>("CheckAccess")[0].method(), "ListAuditEvents");
  EXPECT_THAT(out_, testing::StartsWith("yes\n"));
  EXPECT_THAT(out_, HasSubstr("audit read"));
  EXPECT_EQ(Run({"auth", "can-i", "ListAuditEvents"}), kNotPermitted);
  EXPECT_THAT(out_, testing::StartsWith("no\n"));
  EXPECT_THAT(out_, HasSubstr("auditor"));
}

}  // namespace
}  // namespace trialgate::cli
