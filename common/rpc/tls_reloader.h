// Keeps the server's TLS material as new as its files.
//
//   ABSL_ASSIGN_OR_RETURN(auto tls, TlsReloader::Start({.files = files}, &clock, &metrics));
//   ... tls->Current()->certificate_pem() ...
//
// Files may be replaced in any way and order: renamed over, overwritten one after the other, or
// behind a link to their folder. What is taken is always all of them together, unchanged since the
// look before, and fit for each other; until then, what was taken last stays.
#ifndef TRIALGATE_COMMON_RPC_TLS_RELOADER_H_
#define TRIALGATE_COMMON_RPC_TLS_RELOADER_H_

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/obs/metrics.h"
#include "common/rpc/tls_material.h"

namespace trialgate::rpc {

// Thread-safe.
class TlsReloader {
 public:
  struct Options {
    TlsFiles files;
    // Between looks at the files, at which only their times and sizes are read. Infinite: nobody
    // looks but who calls Look.
    absl::Duration interval = absl::Milliseconds(500);
  };

  // Reads the files; errors as TlsMaterial::Read. `clock` and `metrics` are not owned and outlive
  // this, and also whatever reads the metrics.
  static absl::StatusOr<std::unique_ptr<TlsReloader>> Start(const Options& options,
                                                            const Clock* clock,
                                                            obs::MetricsRegistry* metrics);
  ~TlsReloader();
  TlsReloader(const TlsReloader&) = delete;
  TlsReloader& operator=(const TlsReloader&) = delete;

  // What was taken last; never null. Another pointer after each time.
  std::shared_ptr<const TlsMaterial> Current() const;

  // Looks at the files, and reads them where they have changed, and have not since the look before.
  // Where they are at fault, that is counted and logged, and tried again after a minute.
  void Look();

 private:
  // Of each file that is configured: what changes whenever it is written or replaced.
  using Prints = std::vector<std::string>;

  TlsReloader(const Options& options, const Clock* clock, obs::MetricsRegistry* metrics);

  Prints Fingerprints() const;
  void Take(std::shared_ptr<const TlsMaterial> material) ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);
  void WarnOfOldLists() ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);
  void Run();

  const Options options_;
  const Clock* const clock_;
  const obs::Counter failures_;
  const obs::Gauge expires_;
  std::optional<obs::Gauge> crl_next_update_;

  Mutex looking_;
  Prints taken_ ABSL_GUARDED_BY(looking_);
  Prints seen_ ABSL_GUARDED_BY(looking_);
  Prints failed_ ABSL_GUARDED_BY(looking_);
  absl::Time try_again_ ABSL_GUARDED_BY(looking_) = absl::InfinitePast();
  absl::Time warn_again_ ABSL_GUARDED_BY(looking_) = absl::InfinitePast();

  mutable Mutex mu_;
  CondVar changed_;
  std::shared_ptr<const TlsMaterial> current_ ABSL_GUARDED_BY(mu_);
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_TLS_RELOADER_H_
