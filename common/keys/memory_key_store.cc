#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/keys/key_store.h"
#include "common/keys/seal.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::keys {
namespace {

class MemoryKeyStore final : public KeyStore {
 public:
  explicit MemoryKeyStore(IdGenerator* ids) : ids_(ids) {}

  absl::StatusOr<std::string> Create(absl::string_view owner) override {
    std::string bytes = RandomBytes(kKeyBytes);
    MutexLock lock(&mu_);
    std::string id = ids_->NewId();
    keys_.emplace(id, Entry{SecretKey(bytes), std::string(owner)});
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return id;
  }

  absl::StatusOr<std::optional<SecretKey>> Get(absl::string_view id) const override {
    MutexLock lock(&mu_);
    if (destroyed_.count(std::string(id)) != 0) return std::optional<SecretKey>();
    const auto found = keys_.find(std::string(id));
    if (found == keys_.end()) {
      return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE,
                   absl::StrCat("there is no key ", id));
    }
    return std::make_optional(SecretKey(found->second.key.bytes()));
  }

  absl::StatusOr<std::set<std::string>> OwnedBy(absl::string_view owner) const override {
    MutexLock lock(&mu_);
    std::set<std::string> owned;
    for (const auto& [id, entry] : keys_) {
      if (entry.owner == owner) owned.insert(id);
    }
    return owned;
  }

  absl::Status Retire(absl::string_view id, absl::Time since) override {
    MutexLock lock(&mu_);
    if (keys_.count(std::string(id)) > 0) retired_[std::string(id)] = since;
    return absl::OkStatus();
  }

  absl::Status Reinstate(absl::string_view id) override {
    MutexLock lock(&mu_);
    retired_.erase(std::string(id));
    return absl::OkStatus();
  }

  absl::Status DestroyAll(absl::Span<const std::string> ids) override {
    MutexLock lock(&mu_);
    for (const std::string& id : ids) {
      keys_.erase(id);
      retired_.erase(id);
      destroyed_.insert(id);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<KeyIds> List() const override {
    MutexLock lock(&mu_);
    KeyIds ids;
    for (const auto& [id, entry] : keys_) ids.present.insert(id);
    ids.retired = retired_;
    ids.destroyed = destroyed_;
    return ids;
  }

 private:
  struct Entry {
    SecretKey key;
    std::string owner;
  };

  IdGenerator* const ids_;
  mutable Mutex mu_;
  std::map<std::string, Entry> keys_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, absl::Time> retired_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> destroyed_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

SecretKey::SecretKey(absl::string_view bytes) {
  if (bytes.size() != kKeyBytes) std::abort();
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
  return *this;
}

std::unique_ptr<KeyStore> NewMemoryKeyStore(IdGenerator* ids) {
  return std::make_unique<MemoryKeyStore>(ids);
}

}  // namespace trialgate::keys
