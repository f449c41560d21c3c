#include "services/server/person_keys.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "services/directory/person_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {

absl::StatusOr<std::unique_ptr<keys::KeyStore>> OpenPersonKeys(const ServerConfig& config,
                                                               const store::Store& store,
                                                               absl::Time now, IdGenerator* ids) {
  if (config.store == "memory") return keys::NewMemoryKeyStore(ids);
  ABSL_ASSIGN_OR_RETURN(auto keys, keys::OpenFileKeyStore(config.keys_dir, ids));
  ABSL_ASSIGN_OR_RETURN(const directory::ErasureState state,
                        directory::FinishErasures(store, keys.get(), now));
  if (state.finished > 0) {
    obs::LogLine(obs::Level::kWarning, "erasures_finished").With("keys", state.finished);
  }
  if (state.lost.empty()) return keys;
  if (!config.give_up_lost_keys) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_KEYS_UNAVAILABLE,
                 absl::StrCat(state.lost.size(), " keys of persons' fields are not in ",
                              config.keys_dir, ", the first of them ", *state.lost.begin(),
                              ": name the folder that has them (--keys-dir), or put back its copy; "
                              "only if they are lost for good: --give-up-lost-keys"))
        .WithMetadata("folder", config.keys_dir);
  }
  for (const std::string& key : state.lost) ABSL_RETURN_IF_ERROR(keys->Destroy(key));
  obs::LogLine(obs::Level::kWarning, "lost_keys_given_up").With("keys", state.lost.size());
  return keys;
}

}  // namespace trialgate::server
