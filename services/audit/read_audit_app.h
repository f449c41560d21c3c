// Records who read confidential content: in the audit trail, in batches.
#ifndef TRIALGATE_SERVICES_AUDIT_READ_AUDIT_APP_H_
#define TRIALGATE_SERVICES_AUDIT_READ_AUDIT_APP_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/rpc/call_gate.h"
#include "common/store/store.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::audit {

// The action of the events that hold reads.
inline constexpr absl::string_view kReadAction = "ReadConfidential";

// Reads that one event holds at most; more that wait become further events.
inline constexpr int kMaxReadsPerEvent = 1000;
// Names that a read lists at most; an answer with more becomes further reads ...
inline constexpr std::size_t kMaxNamesPerRead = 100;
// ... of so many names, twice those of the largest page; those beyond are counted.
inline constexpr std::size_t kMaxNamesPerAnswer = 2000;

struct ReadAuditOptions {
  // From so many reads that wait to be stored, and so many bytes of them, no call is admitted.
  // Calls that were admitted before may still add theirs.
  std::size_t max_reads = 10'000;
  std::size_t max_bytes = std::size_t{32} << 20;
  // A read waits so long for others, with which it is stored by one commit.
  absl::Duration interval = absl::Milliseconds(250);
  // When a read has waited so long, the store is taken not to store reads at present.
  absl::Duration max_wait = absl::Seconds(2);
};

// A read is answered before it is stored, so that readers do not wait for the disk: it is stored
// about `interval` later. A crash in between loses the record of it. As long as reads cannot be
// stored, none is answered; those that wait are tried again every `interval`, and are not lost.
//
// Thread-safe.
class ReadAuditApp final : public rpc::ReadRecorder {
 public:
  // Nothing is owned; all outlive this. Stores nothing by itself before Start.
  ReadAuditApp(store::Store* store, const Clock* clock, IdGenerator* ids,
               const ReadAuditOptions& options = {});
  // Stops.
  ~ReadAuditApp() override;

  // Has a thread store what waits. Call once.
  void Start();

  // Ends the thread and stores what waits; what cannot be stored is lost, and said in the log. To
  // be called when no call is under way any more. May be called again.
  void Stop();

  // UNAVAILABLE (AUDIT_UNAVAILABLE, with RetryInfo): reads cannot be stored at present, or too many
  // wait.
  absl::Status Admit() override;

  // Takes note of a read: who, which method, and the names of the resources in the response: its
  // own `name`, else those of the messages that it holds.
  void Record(const rpc::CallContext& call, const google::protobuf::Message& response) override;

  // Stores what waits, as the thread does. An error is the store's: what waits goes on waiting.
  absl::Status FlushNow();

  // Reads that wait to be stored.
  std::size_t waiting() const;
  // Reads that were refused since construction.
  std::size_t refused() const;

 private:
  struct Waiting {
    v1::AuditRead read;
    absl::Time time;
    std::size_t bytes;
  };
  // Reads that one commit is to store; tried again as they are, so that they are stored once.
  struct Batch {
    std::string commit_id;
    std::string event;
    std::size_t reads = 0;
    std::size_t bytes = 0;
  };

  void Run();
  bool CanBeStored(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<Batch> TakeBatch();
  absl::Status Commit(const Batch& batch);
  void Note(const absl::Status& status, const Batch& batch);

  store::Store* const store_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const ReadAuditOptions options_;

  // Held while a batch is committed; before mu_.
  Mutex flush_mu_;
  std::optional<Batch> batch_ ABSL_GUARDED_BY(flush_mu_);

  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mu_);
  std::size_t refused_ ABSL_GUARDED_BY(mu_) = 0;
  // With those of the batch.
  std::size_t reads_ ABSL_GUARDED_BY(mu_) = 0;
  std::size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // When the oldest read of the batch was made.
  std::optional<absl::Time> batch_time_ ABSL_GUARDED_BY(mu_);
  bool failing_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_READ_AUDIT_APP_H_
