// Keys that cannot be destroyed.
#ifndef TRIALGATE_TESTS_UNIT_PEOPLE_STUBBORN_KEYS_H_
#define TRIALGATE_TESTS_UNIT_PEOPLE_STUBBORN_KEYS_H_

#include <optional>
#include <set>
#include <string>

#include "common/base/errors.h"
#include "common/keys/key_store.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::people {

// A store of keys that refuses to destroy any, until told otherwise.
class StubbornKeys final : public keys::KeyStore {
 public:
  explicit StubbornKeys(keys::KeyStore* keys) : keys_(keys) {}
  absl::StatusOr<std::string> Create(absl::string_view owner) override {
    return keys_->Create(owner);
  }
  absl::StatusOr<std::set<std::string>> OwnedBy(absl::string_view owner) const override {
    return keys_->OwnedBy(owner);
  }
  absl::Status Retire(absl::string_view id, absl::Time since) override {
    return keys_->Retire(id, since);
  }
  absl::Status Reinstate(absl::string_view id) override { return keys_->Reinstate(id); }
  absl::StatusOr<std::optional<keys::SecretKey>> Get(absl::string_view id) const override {
    return keys_->Get(id);
  }
  absl::Status DestroyAll(absl::Span<const std::string> ids) override {
    if (!refuses) return keys_->DestroyAll(ids);
    return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE, "stuck");
  }
  absl::StatusOr<keys::KeyIds> List() const override { return keys_->List(); }

  bool refuses = false;

 private:
  keys::KeyStore* const keys_;
};

}  // namespace trialgate::people

#endif  // TRIALGATE_TESTS_UNIT_PEOPLE_STUBBORN_KEYS_H_
