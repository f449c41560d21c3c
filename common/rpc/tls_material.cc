#include "common/rpc/tls_material.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/pem.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

constexpr int kMaxChainLength = 10;

constexpr char kCertificate[] = "--tls-certificate";
constexpr char kKey[] = "--tls-key";
constexpr char kClientCa[] = "--tls-client-ca";
constexpr char kCrl[] = "--tls-crl";

// What is wrong with the file that `setting` names.
absl::Status Refuse(absl::string_view setting, absl::string_view file, absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat(setting, " ", file, ": ", what))
      .WithMetadata("file", file)
      .WithMetadata("setting", setting);
}

absl::StatusOr<std::string> ReadFile(absl::string_view setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Refuse(setting, path, "the file cannot be read");
  std::string bytes;
  char block[4096];
  while (file.read(block, sizeof(block)), file.gcount() > 0) {
    bytes.append(block, static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > TlsMaterial::kMaxFileBytes) return Refuse(setting, path, "it is too large");
  }
  OPENSSL_cleanse(block, sizeof(block));
  if (file.bad()) return Refuse(setting, path, "the file cannot be read");
  return bytes;
}

absl::Status NotAccepted(absl::string_view why) {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_CERTIFICATE,
               absl::StrCat("the client's certificate is not accepted: ", why));
}

// An authority above those that issue to clients needs no list; where it has one, that counts.
int ListsAreForIssuersOfClients(int ok, X509_STORE_CTX* context) {
  if (ok == 0 && X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL &&
      X509_STORE_CTX_get_error_depth(context) > 0) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  return ok;
}

bool IsForClients(X509* certificate) {
  // All bits are set where the extension is absent.
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) != 0;
}

// Whether the TLS library takes them: it refuses keys that are too short, and outdated digests.
bool IsUsable(const std::vector<X509Ptr>& chain, EVP_PKEY* key) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls(SSL_CTX_new(TLS_server_method()),
                                                         SSL_CTX_free);
  bool usable = SSL_CTX_use_certificate(tls.get(), chain.front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(tls.get(), key) == 1;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    usable = usable && SSL_CTX_add1_chain_cert(tls.get(), chain[i].get()) == 1;
  }
  ERR_clear_error();
  return usable;
}

struct StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

}  // namespace

absl::StatusOr<std::shared_ptr<const TlsMaterial>> TlsMaterial::Read(const TlsFiles& files,
                                                                     absl::Time now) {
  const std::shared_ptr<TlsMaterial> material(new TlsMaterial());
  ABSL_RETURN_IF_ERROR(material->ReadServer(files, now));
  if (!files.client_ca.empty()) ABSL_RETURN_IF_ERROR(material->ReadClientCa(files));
  if (!files.crl.empty()) ABSL_RETURN_IF_ERROR(material->ReadLists(files));
  return material;
}

absl::Status TlsMaterial::ReadServer(const TlsFiles& files, absl::Time now) {
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(kCertificate, files.certificate));
  const auto chain = CertificatesOfPem(text, kMaxChainLength);
  if (!chain.has_value()) {
    return Refuse(kCertificate, files.certificate,
                  absl::StrCat("it does not hold 1 to ", kMaxChainLength, " certificates in PEM"));
  }
  for (const X509Ptr& certificate : *chain) {
    if (now < ToTime(X509_get0_notBefore(certificate.get()))) {
      return Refuse(kCertificate, files.certificate, "a certificate in it is not valid yet");
    }
    expires_ = std::min(expires_, ToTime(X509_get0_notAfter(certificate.get())));
  }
  if (now >= expires_) {
    return Refuse(kCertificate, files.certificate,
                  absl::StrCat("a certificate in it expired on ",
                               absl::FormatTime(expires_, absl::UTCTimeZone())));
  }
  ABSL_ASSIGN_OR_RETURN(std::string key_text, ReadFile(kKey, files.key));
  const KeyPtr key = KeyOfPem(key_text);
  OPENSSL_cleanse(key_text.data(), key_text.size());
  if (key == nullptr) {
    return Refuse(kKey, files.key, "it holds no private key in PEM without a password");
  }
  if (X509_check_private_key(chain->front().get(), key.get()) != 1) {
    return Refuse(kKey, files.key,
                  absl::StrCat("the key is not that of the certificate in ", files.certificate));
  }
  if (!IsUsable(*chain, key.get())) {
    return Refuse(kCertificate, files.certificate,
                  "its key is too short, or its digest outdated, for TLS");
  }
  certificate_pem_ = ToPem(*chain);
  key_pem_ = ToPem(key.get());
  return absl::OkStatus();
}

absl::Status TlsMaterial::ReadClientCa(const TlsFiles& files) {
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(kClientCa, files.client_ca));
  auto authorities = CertificatesOfPem(text, kMaxCertificates);
  if (!authorities.has_value()) {
    return Refuse(kClientCa, files.client_ca,
                  absl::StrCat("it does not hold 1 to ", kMaxCertificates, " certificates in PEM"));
  }
  clients_.reset(X509_STORE_new());
  for (const X509Ptr& authority : *authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return Refuse(kClientCa, files.client_ca, "a certificate in it is not an authority's");
    }
    X509_STORE_add_cert(clients_.get(), authority.get());
  }
  client_ca_pem_ = ToPem(*authorities);
  client_ca_ = *std::move(authorities);
  return absl::OkStatus();
}

absl::Status TlsMaterial::ReadLists(const TlsFiles& files) {
  if (clients_ == nullptr) {
    return Refuse(kCrl, files.crl, absl::StrCat("lists are of use only with ", kClientCa));
  }
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(kCrl, files.crl));
  const auto lists = CrlsOfPem(text, kMaxCertificates);
  if (!lists.has_value()) {
    return Refuse(
        kCrl, files.crl,
        absl::StrCat("it does not hold 1 to ", kMaxCertificates, " revocation lists in PEM"));
  }
  for (const CrlPtr& list : *lists) {
    const bool signed_by_one =
        std::any_of(client_ca_.begin(), client_ca_.end(), [&list](const X509Ptr& authority) {
          return X509_NAME_cmp(X509_get_subject_name(authority.get()),
                               X509_CRL_get_issuer(list.get())) == 0 &&
                 X509_CRL_verify(list.get(), X509_get0_pubkey(authority.get())) == 1;
        });
    if (!signed_by_one) {
      return Refuse(
          kCrl, files.crl,
          absl::StrCat("a list in it is not signed by an authority of ", files.client_ca));
    }
    // One that does not say until when it holds is not relied on for longer than a call.
    crl_next_update_ = std::min(crl_next_update_, ToTime(X509_CRL_get0_nextUpdate(list.get())));
    X509_STORE_add_crl(clients_.get(), list.get());
  }
  has_lists_ = true;
  return absl::OkStatus();
}

absl::StatusOr<VerifiedCertificate> TlsMaterial::VerifyClient(absl::string_view chain_pem,
                                                              absl::Time now) const {
  if (clients_ == nullptr) return NotAccepted("this server takes none");
  auto chain = CertificatesOfPem(chain_pem, kMaxChainLength);
  if (!chain.has_value()) return NotAccepted("it is malformed");
  const std::unique_ptr<STACK_OF(X509), StackFree> others(sk_X509_new_null());
  for (std::size_t i = 1; i < chain->size(); ++i) sk_X509_push(others.get(), (*chain)[i].get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), clients_.get(), chain->front().get(), others.get()) != 1) {
    return absl::InternalError("OpenSSL gives no context to verify a certificate");
  }
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(rules, absl::ToTimeT(now));
  X509_VERIFY_PARAM_set_depth(rules, kMaxChainLength);
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT);
  if (has_lists_) {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_CTX_set_verify_cb(context.get(), ListsAreForIssuersOfClients);
  }
  if (X509_verify_cert(context.get()) != 1) {
    return NotAccepted(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  if (!IsForClients(chain->front().get())) {
    return NotAccepted("it is not meant for clients (extended key usage clientAuth)");
  }
  VerifiedCertificate verified{std::move(chain->front()), crl_next_update_};
  const STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(path); ++i) {
    verified.valid_until =
        std::min(verified.valid_until, ToTime(X509_get0_notAfter(sk_X509_value(path, i))));
  }
  return verified;
}

}  // namespace trialgate::rpc
