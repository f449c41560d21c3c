// What people may ask of those who hold their data: to see it, and to have it erased.
#ifndef TRIALGATE_SERVICES_PEOPLE_PEOPLE_APP_H_
#define TRIALGATE_SERVICES_PEOPLE_PEOPLE_APP_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "services/directory/directory_projection.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/people_service.pb.h"

namespace trialgate::people {

// The methods of trialgate.v1.PeopleService with the errors documented there, but for
// authentication and the role, which the caller has checked. Thread-safe.
class PeopleApp {
 public:
  // Nothing is owned; all outlive this. `directory` follows `store`.
  PeopleApp(store::Store* store, const directory::DirectoryCache* directory, keys::KeyStore* keys,
            const Clock* clock, IdGenerator* ids)
      : store_(store), directory_(directory), keys_(keys), clock_(clock), ids_(ids) {}

  absl::StatusOr<v1::ExportPersonResponse> Export(const v1::ExportPersonRequest& request) const;

  // Where the key could not be destroyed, a retry with the same request id tries again.
  absl::StatusOr<v1::ErasePersonResponse> Erase(const v1::Principal& principal,
                                                const v1::ErasePersonRequest& request);

 private:
  absl::Status AddContact(v1::ExportPersonResponse* response) const;

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
};

}  // namespace trialgate::people

#endif  // TRIALGATE_SERVICES_PEOPLE_PEOPLE_APP_H_
