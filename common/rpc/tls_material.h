// Certificates, key and revocation lists of the server, read from files and checked together.
//
//   ABSL_ASSIGN_OR_RETURN(const auto material, TlsMaterial::Read(files, clock.Now()));
#ifndef TRIALGATE_COMMON_RPC_TLS_MATERIAL_H_
#define TRIALGATE_COMMON_RPC_TLS_MATERIAL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/rpc/openssl_ptr.h"

namespace trialgate::rpc {

// Paths of PEM files; certificate and key may be the same file.
struct TlsFiles {
  // The server's certificate, then the intermediate ones that lead to its root.
  std::string certificate;
  // Its private key, without a password.
  std::string key;
  // The authorities that clients' certificates may come from, with their intermediate ones. Empty:
  // clients are asked for none.
  std::string client_ca;
  // Revocation lists of these, one for each authority that issues certificates to clients. Empty:
  // nothing is revoked. Only with client_ca.
  std::string crl;
};

// Who a certificate that was verified belongs to, and for how long that may be relied on.
struct VerifiedCertificate {
  // The certificate itself.
  X509Ptr certificate;
  // When the first of the chain expires, or the first list has to be replaced.
  absl::Time valid_until;
};

// Immutable, hence thread-safe.
class TlsMaterial {
 public:
  // Bytes of a file, and things in it, at most.
  static constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
  static constexpr std::size_t kMaxCertificates = 1000;

  // Reads all the files. FAILED_PRECONDITION (CONFIGURATION; metadata "file", "setting"): one
  // cannot be read or is not what it should be, the key is not the certificate's, the certificate
  // is not valid at `now`, or a list is not signed by the authority that it names. Lists that are
  // out of date are taken: no client's certificate is believed by them.
  static absl::StatusOr<std::shared_ptr<const TlsMaterial>> Read(const TlsFiles& files,
                                                                 absl::Time now);
  TlsMaterial(const TlsMaterial&) = delete;
  TlsMaterial& operator=(const TlsMaterial&) = delete;

  // In PEM: what was checked, written anew, so that nobody reads the files otherwise.
  const std::string& certificate_pem() const { return certificate_pem_; }
  // Ends with a zero byte, as gRPC wants it.
  const Secret& key_pem() const { return key_pem_; }
  // Empty: clients are asked for no certificate.
  const std::string& client_ca_pem() const { return client_ca_pem_; }

  // When the server's certificate expires, or the first of those that lead to its root.
  absl::Time expires() const { return expires_; }
  // When the first revocation list has to be replaced; InfiniteFuture without lists.
  absl::Time crl_next_update() const { return crl_next_update_; }

  // Whether the certificate at the head of `chain_pem`, which may be followed by intermediate ones,
  // is a client's at `now`: it leads to an authority, nothing on the way is expired, or revoked,
  // and it is meant for clients (extended key usage clientAuth). Where there are lists, one of the
  // authority that issued it must be in force. UNAUTHENTICATED (INVALID_CERTIFICATE) says why not.
  absl::StatusOr<VerifiedCertificate> VerifyClient(absl::string_view chain_pem,
                                                   absl::Time now) const;

 private:
  TlsMaterial() = default;

  absl::Status ReadServer(const TlsFiles& files, absl::Time now);
  absl::Status ReadClientCa(const TlsFiles& files);
  absl::Status ReadLists(const TlsFiles& files);

  std::string certificate_pem_;
  Secret key_pem_;
  std::string client_ca_pem_;
  absl::Time expires_ = absl::InfiniteFuture();
  absl::Time crl_next_update_ = absl::InfiniteFuture();
  std::vector<X509Ptr> client_ca_;
  StorePtr clients_;  // null: no client's certificate is taken
  bool has_lists_ = false;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_TLS_MATERIAL_H_
