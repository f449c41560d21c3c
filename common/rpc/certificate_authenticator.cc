#include "common/rpc/certificate_authenticator.h"

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/certificate_identity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

// Principals of verified certificates by digest, all of them verified by the same material.
// Thread-safe.
class Memory {
 public:
  std::optional<v1::Principal> Find(const TlsMaterial* material, const std::string& digest,
                                    absl::Time now) {
    MutexLock lock(&mu_);
    if (material_.get() != material) return std::nullopt;
    const auto found = by_digest_.find(digest);
    if (found == by_digest_.end()) return std::nullopt;
    const Entry& entry = *found->second;
    if (now < entry.from || now >= entry.until) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found->second);
    return entry.principal;
  }

  void Keep(std::shared_ptr<const TlsMaterial> material, const std::string& digest, absl::Time from,
            absl::Time until, const v1::Principal& principal) {
    MutexLock lock(&mu_);
    if (material_ != material) {
      by_digest_.clear();
      entries_.clear();
      material_ = std::move(material);
    }
    const auto found = by_digest_.find(digest);
    if (found != by_digest_.end()) {
      entries_.erase(found->second);
      by_digest_.erase(found);
    }
    entries_.push_front({digest, from, until, principal});
    by_digest_[digest] = entries_.begin();
    if (entries_.size() <= kMaxRememberedCertificates) return;
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }

 private:
  struct Entry {
    std::string digest;
    absl::Time from;
    absl::Time until;
    v1::Principal principal;
  };

  Mutex mu_;
  std::shared_ptr<const TlsMaterial> material_ ABSL_GUARDED_BY(mu_);
  std::list<Entry> entries_ ABSL_GUARDED_BY(mu_);  // the one used last at the head
  std::unordered_map<std::string, std::list<Entry>::iterator> by_digest_ ABSL_GUARDED_BY(mu_);
};

class CertificateAuthenticator final : public Authenticator {
 public:
  CertificateAuthenticator(const TlsReloader* tls, const Clock* clock) : tls_(tls), clock_(clock) {}

  absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials& credentials) const override {
    if (credentials.certificate_pem.empty()) {
      return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_PRINCIPAL,
                   "the connection has no client certificate: connect with one");
    }
    const std::shared_ptr<const TlsMaterial> material = tls_->Current();
    const absl::Time now = clock_->Now();
    const std::string digest = Sha256(credentials.certificate_pem);
    if (auto known = memory_.Find(material.get(), digest, now); known.has_value()) {
      return *std::move(known);
    }
    ABSL_ASSIGN_OR_RETURN(
        const VerifiedCertificate verified,
        material->VerifyClient(
            absl::StrCat(credentials.certificate_pem, credentials.certificate_issuers_pem), now));
    ABSL_ASSIGN_OR_RETURN(v1::Principal principal, PrincipalOf(verified.certificate.get()));
    memory_.Keep(material, digest, now, verified.valid_until, principal);
    return principal;
  }

 private:
  const TlsReloader* const tls_;
  const Clock* const clock_;
  mutable Memory memory_;
};

}  // namespace

std::unique_ptr<Authenticator> NewCertificateAuthenticator(const TlsReloader* tls,
                                                           const Clock* clock) {
  return std::make_unique<CertificateAuthenticator>(tls, clock);
}

}  // namespace trialgate::rpc
