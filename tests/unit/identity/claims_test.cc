#include "common/identity/claims.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/identity/principal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TokenConfig Config() {
  TokenConfig config;
  config.issuer = "https://id.example";
  config.audience = "https://trialgate.example";
  return config;
}

json Good() {
  return {{"iss", "https://id.example"},
          {"aud", "https://trialgate.example"},
          {"exp", 2'000'000'000},
          {"sub", "carol"},
          {"trialgate_role", "national"}};
}

json With(const char* name, json value, json payload = Good()) {
  payload[name] = std::move(value);
  return payload;
}

json Without(const char* name) {
  json payload = Good();
  payload.erase(name);
  return payload;
}

absl::StatusOr<Claims> Read(const json& payload) { return ReadClaims(payload.dump(), Config()); }

std::string PrincipalOf(const json& payload) {
  const absl::StatusOr<Claims> claims = Read(payload);
  return claims.ok() ? FormatPrincipal(claims->principal) : std::string(claims.status().message());
}

auto IsInvalid(absl::string_view why) {
  return AllOf(StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(std::string(why))),
               HasReason(v1::ERROR_REASON_INVALID_TOKEN));
}

TEST(ClaimsTest, EachRoleHasItsScope) {
  EXPECT_EQ(PrincipalOf(Good()), "national::carol");
  EXPECT_EQ(PrincipalOf(With("trialgate_role", "auditor")), "auditor::carol");
  EXPECT_EQ(PrincipalOf(With("trialgate_role", "operator")), "operator::carol");
  const json requester = With("trialgate_role", "requester");
  EXPECT_EQ(PrincipalOf(With("trialgate_organization", "organizations/acme", requester)),
            "requester:organizations/acme:carol");
  const json coordinator = With("trialgate_role", "coordinator");
  for (const json& desks : {json("desks/a,desks/b"), json("desks/a desks/b"),
                            json(" desks/a,  desks/b,"), json({"desks/a", "desks/b"})}) {
    EXPECT_EQ(PrincipalOf(With("trialgate_desks", desks, coordinator)),
              "coordinator:desks/a,desks/b:carol");
  }
}

TEST(ClaimsTest, TheNamesOfTheClaimsAreConfigured) {
  TokenConfig config = Config();
  config.role_claim = "https://acme.example/role";
  config.organization_claim = "org";
  config.desks_claim = "places";
  const json payload = {{"iss", "https://id.example"},
                        {"aud", "https://trialgate.example"},
                        {"exp", 2'000'000'000},
                        {"sub", "rita"},
                        {"https://acme.example/role", "requester"},
                        {"org", "organizations/acme"},
                        {"trialgate_role", "national"}};
  ASSERT_OK_AND_ASSIGN(const Claims claims, ReadClaims(payload.dump(), config));
  EXPECT_EQ(FormatPrincipal(claims.principal), "requester:organizations/acme:rita");
}

TEST(ClaimsTest, ARoleMayStandInAListByItself) {
  EXPECT_EQ(PrincipalOf(With("trialgate_role", {"auditor"})), "auditor::carol");
  EXPECT_THAT(Read(With("trialgate_role", {"auditor", "operator"})), IsInvalid("one known role"));
  EXPECT_THAT(Read(With("trialgate_role", {"auditor", "auditor"})), IsInvalid("one known role"));
}

TEST(ClaimsTest, WithoutARoleTheReasonSaysSo) {
  const auto no_role =
      AllOf(StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("trialgate_role")),
            HasReason(v1::ERROR_REASON_NO_ROLE));
  EXPECT_THAT(Read(Without("trialgate_role")), no_role);
  for (const json& nothing : {json(nullptr), json(""), json::array()}) {
    EXPECT_THAT(Read(With("trialgate_role", nothing)), no_role);
  }
}

TEST(ClaimsTest, ARoleThatNoCallerHasIsRefused) {
  for (const json& role : {json("program"), json("king"), json("National"), json("national "),
                           json("none"), json(1), json(true), json::object(), json({{"national"}}),
                           json({1}), json({"program"}), json(std::string("national\0", 9))}) {
    EXPECT_THAT(Read(With("trialgate_role", role)), IsInvalid("role")) << role;
  }
}

TEST(ClaimsTest, NobodyHasWhatIsAnotherRoles) {
  const json requester = With("trialgate_role", "requester");
  const json coordinator = With("trialgate_role", "coordinator");
  EXPECT_THAT(Read(requester), IsInvalid("organization"));
  EXPECT_THAT(Read(coordinator), IsInvalid("desks"));
  EXPECT_THAT(Read(With("trialgate_organization", "organizations/acme")),
              IsInvalid("organization"));
  EXPECT_THAT(Read(With("trialgate_desks", "desks/a")), IsInvalid("desks"));
  const json acme = With("trialgate_organization", "organizations/acme", requester);
  EXPECT_THAT(Read(With("trialgate_desks", {"desks/a"}, acme)), IsInvalid("desks"));
  const json at_a = With("trialgate_desks", {"desks/a"}, coordinator);
  EXPECT_THAT(Read(With("trialgate_organization", "organizations/acme", at_a)),
              IsInvalid("organization"));
  // What says nothing is no scope.
  EXPECT_EQ(PrincipalOf(With("trialgate_organization", "", With("trialgate_desks", json::array()))),
            "national::carol");
  EXPECT_EQ(PrincipalOf(With("trialgate_organization", nullptr, With("trialgate_desks", nullptr))),
            "national::carol");
}

TEST(ClaimsTest, AScopeIsAResourcesName) {
  const json requester = With("trialgate_role", "requester");
  for (const json& organization :
       {json("acme"), json("organizations/"), json("organizations/Acme"), json("organizations/a/b"),
        json("organizations/a,organizations/b"), json("organizations/*"), json("desks/a"),
        json({"organizations/acme"}), json(1), json::object(), json("organizations/a\n"),
        json("organizations/" + std::string(64, 'a')), json(" organizations/a")}) {
    EXPECT_THAT(Read(With("trialgate_organization", organization, requester)),
                IsInvalid("organization"))
        << organization;
  }
  const json coordinator = With("trialgate_role", "coordinator");
  for (const json& desks :
       {json("north"), json("desks/a,organizations/b"), json({"desks/a", 1}), json({{"desks/a"}}),
        json(" ,"), json(1), json({"desks/a,desks/b"}), json({"desks/a", "desks/a"}),
        json("desks/a;desks/b"), json({"desks/a", ""})}) {
    EXPECT_THAT(Read(With("trialgate_desks", desks, coordinator)), IsInvalid("desk")) << desks;
  }
}

TEST(ClaimsTest, TheIssuerIsTheOneConfiguredToTheByte) {
  for (const json& issuer :
       {json("https://id.example/"), json("https://id.exampl"), json("https://id.example.evil"),
        json("https://ID.example"), json("http://id.example"), json(""), json(nullptr),
        json({"https://id.example"}), json(" https://id.example"),
        json(std::string("https://id.example\0", 19))}) {
    EXPECT_THAT(Read(With("iss", issuer)), IsInvalid("issuer")) << issuer;
  }
  EXPECT_THAT(Read(Without("iss")), IsInvalid("issuer"));
}

TEST(ClaimsTest, TheAudienceIsOursOrAmongSeveral) {
  EXPECT_OK(Read(With("aud", {"https://trialgate.example"})));
  EXPECT_OK(Read(With("aud", {"https://other.example", "https://trialgate.example"})));
  for (const json& audience :
       {json("https://other.example"), json("https://trialgate.example/"), json(""), json(nullptr),
        json::array(), json("https://other.example https://trialgate.example"),
        json({{"https://trialgate.example"}}), json({{"https://trialgate.example", true}}),
        json({1, "https://trialgate.example"}), json("https://trialgate"), json(1)}) {
    EXPECT_THAT(Read(With("aud", audience)), IsInvalid("not for this service")) << audience;
  }
  EXPECT_THAT(Read(Without("aud")), IsInvalid("not for this service"));
}

TEST(ClaimsTest, TimesAreNumbersOfSeconds) {
  ASSERT_OK_AND_ASSIGN(const Claims claims, Read(With("nbf", 1.5, With("iat", 0))));
  EXPECT_EQ(claims.times.expires, absl::FromUnixSeconds(2'000'000'000));
  EXPECT_EQ(claims.times.not_before, absl::FromUnixMillis(1500));
  EXPECT_EQ(claims.times.issued, absl::UnixEpoch());
  EXPECT_OK(Read(With("exp", 253402300799)));
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const json& time : {json("2000000000"), json(-1), json(-0.5), json(253402300800),
                             json(1e300), json(std::numeric_limits<std::uint64_t>::max()),
                             json(std::numeric_limits<std::int64_t>::min()), json(nullptr),
                             json(true), json({2000000000}), json::object()}) {
      EXPECT_THAT(Read(With(name, time)), IsInvalid(absl::StrCat("(", name, ")"))) << time;
    }
  }
  EXPECT_THAT(Read(Without("exp")), IsInvalid("never expires"));
}

TEST(ClaimsTest, NumbersBeyondJsonAreRefused) {
  const std::string text = Good().dump();
  for (const char* number :
       {"1e400", "NaN", "Infinity", "-Infinity", "0x7fffffff", "+1", "01", "1."}) {
    std::string changed = text;
    changed.replace(changed.find("2000000000"), 10, number);
    EXPECT_THAT(ReadClaims(changed, Config()), IsInvalid("strict JSON")) << number;
  }
  // An integer with more digits than any type has.
  std::string changed = text;
  changed.replace(changed.find("2000000000"), 10, std::string(200, '9'));
  EXPECT_THAT(ReadClaims(changed, Config()), IsInvalid("(exp)"));
}

TEST(ClaimsTest, ClaimsAreStrictJson) {
  std::string text = Good().dump();
  text.back() = ',';
  EXPECT_THAT(ReadClaims(text + R"("sub":"mallory"})", Config()), IsInvalid("strict JSON"));
  EXPECT_THAT(ReadClaims(text + R"("\u0073ub":"mallory"})", Config()), IsInvalid("strict JSON"));
  EXPECT_THAT(ReadClaims(text + "\"x\":\"\xC0\x80\"}", Config()), IsInvalid("strict JSON"));
  EXPECT_THAT(ReadClaims(text + R"("x":"\ud800"})", Config()), IsInvalid("strict JSON"));
  EXPECT_THAT(ReadClaims("[" + Good().dump() + "]", Config()), IsInvalid("strict JSON"));
  EXPECT_THAT(ReadClaims("", Config()), IsInvalid("strict JSON"));
}

TEST(ClaimsTest, TheSubjectIsRequired) {
  EXPECT_THAT(Read(Without("sub")), IsInvalid("(sub)"));
  for (const json& sub :
       {json(""), json(nullptr), json(1), json({"carol"}), json(std::string(256, 'c')),
        json(std::string("car\0ol", 6)), json("carol\n"), json("\x7F")}) {
    EXPECT_THAT(Read(With("sub", sub)), IsInvalid("(sub)")) << sub;
  }
}

TEST(SubjectTest, StaysAsItIsWherePermitted) {
  for (const char* sub :
       {"carol", "0f8f-44", "carol@desk.example", "a_b.c-D", "sha256", "sha256_"}) {
    EXPECT_EQ(SubjectOf(sub), sub);
  }
  EXPECT_EQ(SubjectOf(std::string(128, 'c')), std::string(128, 'c'));
}

TEST(SubjectTest, ElseItsHashStandsForIt) {
  for (const std::string& sub :
       {std::string("auth0|123"), std::string("J\xC3\xB8rgen"), std::string("with space"),
        std::string(129, 'c'), std::string(255, 'c'), std::string("a:b")}) {
    EXPECT_EQ(SubjectOf(sub), "sha256-" + Sha256Hex(sub));
    EXPECT_TRUE(IsSubject(SubjectOf(sub)));
  }
}

TEST(SubjectTest, NobodyCanTakeTheHashOfAnother) {
  const std::string victim = SubjectOf("auth0|123");
  EXPECT_NE(SubjectOf(victim), victim);
  EXPECT_EQ(SubjectOf(victim), "sha256-" + Sha256Hex(victim));
}

TEST(TimesTest, AreTakenWithTheSkew) {
  const absl::Time at = absl::FromUnixSeconds(1'000'000);
  const absl::Duration skew = absl::Seconds(60), tick = absl::Milliseconds(1);
  EXPECT_OK(CheckTimes({.expires = at}, skew, at + skew - tick));
  EXPECT_THAT(CheckTimes({.expires = at}, skew, at + skew), IsInvalid("has expired"));
  EXPECT_OK(CheckTimes({.not_before = at}, skew, at - skew));
  EXPECT_THAT(CheckTimes({.not_before = at}, skew, at - skew - tick), IsInvalid("not valid yet"));
  EXPECT_OK(CheckTimes({.issued = at}, skew, at - skew));
  EXPECT_THAT(CheckTimes({.issued = at}, skew, at - skew - tick), IsInvalid("in the future"));
}

TEST(ClaimsTest, ErrorsRepeatNothingOfTheClaims) {
  for (const json& payload :
       {With("iss", "mallory"), With("aud", "mallory"), With("exp", "mallory"),
        With("trialgate_role", "mallory"), With("trialgate_organization", "mallory"),
        With("trialgate_desks", "mallory"), With("sub", "mallory\n")}) {
    EXPECT_THAT(Read(payload),
                StatusIs(absl::StatusCode::kUnauthenticated, Not(HasSubstr("mallory"))));
  }
}

TEST(TokenConfigTest, WhatWouldAcceptTooMuchIsRefused) {
  EXPECT_OK(CheckTokenConfig(Config()));
  const auto refused = [](auto change) {
    TokenConfig config = Config();
    change(&config);
    const absl::Status status = CheckTokenConfig(config);
    EXPECT_THAT(status, HasReason(v1::ERROR_REASON_CONFIGURATION));
    return MetadataOf(status)["setting"];
  };
  EXPECT_EQ(refused([](TokenConfig* config) { config->issuer = ""; }), "issuer");
  EXPECT_EQ(refused([](TokenConfig* config) { config->audience = ""; }), "audience");
  EXPECT_EQ(refused([](TokenConfig* config) { config->clock_skew = absl::Seconds(-1); }),
            "clock_skew");
  EXPECT_EQ(refused([](TokenConfig* config) { config->clock_skew = absl::Minutes(11); }),
            "clock_skew");
  EXPECT_EQ(refused([](TokenConfig* config) { config->cache_size = 0; }), "cache_size");
  EXPECT_EQ(refused([](TokenConfig* config) { config->role_claim = ""; }), "claims");
  EXPECT_EQ(refused([](TokenConfig* config) { config->desks_claim = config->role_claim; }),
            "claims");
}

}  // namespace
}  // namespace trialgate::identity
