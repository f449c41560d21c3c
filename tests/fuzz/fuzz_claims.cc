// The payload of a token, once its signature is believed: whatever it is, only a valid principal
// comes out of it.
#include <cstddef>
#include <cstdint>

#include "common/base/errors.h"
#include "common/identity/claims.h"
#include "common/identity/principal.h"
#include "tests/fuzz/promise.h"
#include "trialgate/v1/errors.pb.h"

using trialgate::ReasonOf;
using trialgate::identity::CheckTimes;
using trialgate::identity::Claims;
using trialgate::identity::FormatPrincipal;
using trialgate::identity::ParsePrincipal;
using trialgate::identity::PrincipalFault;
using trialgate::identity::ReadClaims;
using trialgate::identity::SubjectOf;
using trialgate::identity::TokenConfig;
namespace v1 = trialgate::v1;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const kConfig = [] {
    auto* const config = new TokenConfig();
    config->issuer = "https://id.example";
    config->audience = "https://trialgate.example";
    return config;
  }();
  const absl::string_view payload(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Claims> claims = ReadClaims(payload, *kConfig);
  if (!claims.ok()) {
    const v1::ErrorReason reason = ReasonOf(claims.status());
    TRIALGATE_PROMISE(reason == v1::ERROR_REASON_INVALID_TOKEN ||
                      reason == v1::ERROR_REASON_NO_ROLE);
    return 0;
  }
  TRIALGATE_PROMISE(PrincipalFault(claims->principal).empty());
  TRIALGATE_PROMISE(claims->principal.role() != v1::ROLE_PROGRAM);
  // The one text form says all there is.
  const absl::StatusOr<v1::Principal> read = ParsePrincipal(FormatPrincipal(claims->principal));
  TRIALGATE_PROMISE(read.ok());
  TRIALGATE_PROMISE(read->SerializeAsString() == claims->principal.SerializeAsString());
  // It expires some time.
  TRIALGATE_PROMISE(!CheckTimes(claims->times, absl::Minutes(1), absl::InfiniteFuture()).ok());
  TRIALGATE_PROMISE(claims->times.expires >= absl::UnixEpoch());
  TRIALGATE_PROMISE(SubjectOf(claims->principal.subject()) != "");
  return 0;
}
