// What is done with people's data wherever messages come in and leave, whichever method they are
// of.
#ifndef TRIALGATE_SERVICES_SERVER_PEOPLE_GUARD_H_
#define TRIALGATE_SERVICES_SERVER_PEOPLE_GUARD_H_

#include "absl/status/status.h"
#include "common/keys/key_store.h"
#include "common/rpc/call_gate.h"
#include "common/store/store.h"
#include "google/protobuf/message.h"
#include "services/directory/directory_projection.h"

namespace trialgate::server {

// Thread-safe.
class PeopleGuard final : public rpc::MessageGuard {
 public:
  // Nothing is owned; all outlive this.
  PeopleGuard(const directory::DirectoryCache* directory, const store::Store* store,
              const keys::KeyStore* keys)
      : directory_(directory), store_(store), keys_(keys) {}

  // INVALID_ARGUMENT (INVALID_FIELDS): texts that hold numbers of persons by the rules of the pack
  // in force (PERSONAL_NUMBER; without a pack none does), and persons' fields with control
  // characters (INVALID_FORMAT). Told alone, since other faults may quote what was sent.
  absl::Status Check(const google::protobuf::Message& request) const override;

  // Puts persons' fields in place of references to them. Errors of the store and of OpenPerson.
  absl::Status Complete(google::protobuf::Message* response) const override;

 private:
  const directory::DirectoryCache* const directory_;
  const store::Store* const store_;
  const keys::KeyStore* const keys_;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_PEOPLE_GUARD_H_
