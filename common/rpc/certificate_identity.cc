#include "common/rpc/certificate_identity.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/identity/principal.h"
#include "common/rpc/openssl_ptr.h"
#include "common/rpc/pem.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

absl::Status NoRole(absl::string_view why) {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_ROLE,
               absl::StrCat("the client's certificate ", why, "; it needs one URI such as ",
                            kPrincipalUrn, "national::carol among its subject alternative names"));
}

absl::string_view TextOf(const ASN1_IA5STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

}  // namespace

absl::StatusOr<v1::Principal> PrincipalOf(const X509* certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<absl::string_view> principals;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    absl::string_view text = TextOf(name->d.uniformResourceIdentifier);
    if (absl::ConsumePrefix(&text, kPrincipalUrn)) principals.push_back(text);
  }
  if (principals.empty()) return NoRole("names no principal");
  if (principals.size() > 1) return NoRole("names several principals");
  absl::StatusOr<v1::Principal> principal = identity::ParsePrincipal(principals.front());
  // Why it is malformed is for whoever issued it.
  if (!principal.ok()) return NoRole("names a malformed principal");
  return principal;
}

bool NamesPrincipal(absl::string_view pem) {
  const auto certificates = CertificatesOfPem(pem, 1);
  return certificates.has_value() && PrincipalOf(certificates->front().get()).ok();
}

}  // namespace trialgate::rpc
