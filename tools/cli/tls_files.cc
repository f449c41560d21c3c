#include "tools/cli/tls_files.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/pem.h"
#include "tools/cli/errors.h"
#include "tools/cli/private_file.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxPemBytes = 4 << 20;  // the authorities of a whole machine: 0.2 MiB
constexpr std::size_t kMaxCertificates = 4000;

absl::StatusOr<std::string> ReadPem(const std::string& path, Guard guard) {
  absl::StatusOr<std::string> pem = ReadGuarded(path, kMaxPemBytes, guard);
  if (!pem.ok()) return UsageError(absl::StrCat(path, ": ", pem.status().message()));
  return pem;
}

absl::StatusOr<std::vector<rpc::X509Ptr>> ParseCertificates(const std::string& path,
                                                            const std::string& pem) {
  std::optional<std::vector<rpc::X509Ptr>> certificates =
      rpc::CertificatesOfPem(pem, kMaxCertificates);
  if (!certificates.has_value()) {
    return UsageError(absl::StrCat(path, ": holds no certificate as PEM"));
  }
  return *std::move(certificates);
}

absl::StatusOr<rpc::KeyPtr> ParseKey(const std::string& path, const std::string& pem) {
  rpc::KeyPtr key = rpc::KeyOfPem(pem);
  if (key != nullptr) return key;
  return UsageError(absl::StrCat(path, absl::StrContains(pem, "ENCRYPTED")
                                           ? ": is encrypted: this program asks for no password"
                                           : ": holds no private key as PEM"));
}

absl::Status CheckValidity(const std::string& path, const X509* certificate, absl::Time now) {
  const absl::Time first = rpc::ToTime(X509_get0_notBefore(certificate));
  const absl::Time last = rpc::ToTime(X509_get0_notAfter(certificate));
  if (first <= now && now <= last) return absl::OkStatus();
  return UsageError(absl::StrCat(
      path, now < first ? ": the certificate is valid only from " : ": the certificate expired at ",
      absl::FormatTime("%Y-%m-%d %H:%M", now < first ? first : last, absl::UTCTimeZone()), " UTC"));
}

absl::Status LoadPair(const TlsFiles& files, absl::Time now, TlsMaterial* material) {
  ABSL_ASSIGN_OR_RETURN(material->certificate_pem, ReadPem(files.certificate, Guard::kNone));
  ABSL_ASSIGN_OR_RETURN(material->key_pem, ReadPem(files.key, Guard::kOthersMayNotRead));
  ABSL_ASSIGN_OR_RETURN(const std::vector<rpc::X509Ptr> chain,
                        ParseCertificates(files.certificate, material->certificate_pem));
  ABSL_ASSIGN_OR_RETURN(const rpc::KeyPtr key, ParseKey(files.key, material->key_pem));
  const bool fits = X509_check_private_key(chain[0].get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return UsageError(
        absl::StrCat(files.key, ": is not the key of the certificate in ", files.certificate));
  }
  return CheckValidity(files.certificate, chain[0].get(), now);
}

}  // namespace

absl::StatusOr<TlsMaterial> LoadTlsFiles(const TlsFiles& files, absl::Time now) {
  TlsMaterial material;
  material.server_name = files.server_name;
  if (!files.ca.empty()) {
    ABSL_ASSIGN_OR_RETURN(material.ca_pem, ReadPem(files.ca, Guard::kNone));
    ABSL_RETURN_IF_ERROR(ParseCertificates(files.ca, material.ca_pem).status());
  }
  if (!files.certificate.empty()) ABSL_RETURN_IF_ERROR(LoadPair(files, now, &material));
  return material;
}

}  // namespace trialgate::cli
