// The keys of persons' fields, as a server needs them.
#ifndef TRIALGATE_SERVICES_SERVER_PERSON_KEYS_H_
#define TRIALGATE_SERVICES_SERVER_PERSON_KEYS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "services/server/server_config.h"

namespace trialgate::server {

// Opens the keys of `store`, and destroys what was to be destroyed. `ids` is not owned.
//   FAILED_PRECONDITION (KEYS_UNAVAILABLE): keys of fields that are stored are neither there nor
//   destroyed. The server would show people as erased whom nobody erased: so it does not start,
//   unless told that they are lost. Errors besides are those of OpenFileKeyStore and
//   FinishErasures.
absl::StatusOr<std::unique_ptr<keys::KeyStore>> OpenPersonKeys(const ServerConfig& config,
                                                               const store::Store& store,
                                                               absl::Time now, IdGenerator* ids);

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_PERSON_KEYS_H_
