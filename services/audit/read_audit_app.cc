#include "services/audit/read_audit_app.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/audit/event_time.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Bytes of reads that one event holds, unless it is a single one.
constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20;
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// The message's own name; empty where it has none.
std::string NameOf(const Message& message) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) {
    return "";
  }
  return message.GetReflection()->GetString(message, field);
}

void AddName(const Message& message, v1::AuditRead* read) {
  std::string name = NameOf(message);
  if (name.empty()) return;
  if (read->names_size() < kMaxNamesPerRead) {
    read->add_names(std::move(name));
  } else {
    read->set_further_names(read->further_names() + 1);
  }
}

// The names of what a response holds.
void AddNames(const Message& response, v1::AuditRead* read) {
  AddName(response, read);
  if (read->names_size() > 0) return;
  const google::protobuf::Reflection& reflection = *response.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(response, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      AddName(reflection.GetMessage(response, field), read);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(response, field); ++i) {
      AddName(reflection.GetRepeatedMessage(response, field, i), read);
    }
  }
}

absl::Status Unavailable() {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_AUDIT_UNAVAILABLE,
               "reads of confidential content cannot be recorded at present, so none is answered; "
               "other calls are")
      .WithRetryAfter(kRetryAfter);
}

}  // namespace

ReadAuditApp::ReadAuditApp(store::Store* store, const Clock* clock, IdGenerator* ids,
                           const ReadAuditOptions& options)
    : store_(store), clock_(clock), ids_(ids), options_(options) {}

ReadAuditApp::~ReadAuditApp() { Stop(); }

void ReadAuditApp::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ReadAuditApp::Stop() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  const absl::Status flushed = FlushNow();
  if (flushed.ok()) return;
  obs::LogLine(obs::Level::kError, "read_audit_lost")
      .With("reads", waiting())
      .With("cause", obs::Public(flushed.message()));
}

absl::Status ReadAuditApp::Record(const rpc::CallContext& call, const Message& response) {
  Waiting waiting;
  waiting.time = clock_->Now();
  *waiting.read.mutable_principal() = call.principal;
  waiting.read.set_method(call.method);
  AddNames(response, &waiting.read);
  *waiting.read.mutable_time() = ToTimestamp(absl::ToUnixNanos(waiting.time));
  waiting.bytes = waiting.read.ByteSizeLong();
  // One that failed for good says so before a batch has failed.
  const bool healthy = store_->Health().ok();
  MutexLock lock(&mu_);
  absl::Status taken = healthy ? Enqueue(std::move(waiting)) : Unavailable();
  if (!taken.ok()) ++refused_;
  return taken;
}

absl::Status ReadAuditApp::Enqueue(Waiting waiting) {
  if (!CanBeStored(waiting.time) || reads_ >= options_.max_reads ||
      bytes_ + waiting.bytes > options_.max_bytes) {
    return Unavailable();
  }
  bytes_ += waiting.bytes;
  queue_.push_back(std::move(waiting));
  if (++reads_ == 1) changed_.NotifyAll();
  return absl::OkStatus();
}

bool ReadAuditApp::CanBeStored(absl::Time now) const {
  if (failing_) return false;
  const absl::Time oldest =
      batch_time_.has_value() ? *batch_time_ : (queue_.empty() ? now : queue_.front().time);
  return now - oldest <= options_.max_wait;
}

absl::Status ReadAuditApp::FlushNow() {
  MutexLock flushing(&flush_mu_);
  // What comes meanwhile waits for the next time.
  for (std::size_t left = waiting(); left > 0;) {
    if (!batch_.has_value()) batch_ = TakeBatch();
    if (!batch_.has_value()) break;
    const absl::Status stored = Commit(*batch_);
    Note(stored, *batch_);
    ABSL_RETURN_IF_ERROR(stored);
    left -= std::min(left, batch_->reads);
    batch_.reset();
  }
  return absl::OkStatus();
}

std::optional<ReadAuditApp::Batch> ReadAuditApp::TakeBatch() {
  v1::AuditEvent event;
  Batch batch;
  {
    MutexLock lock(&mu_);
    if (queue_.empty()) return std::nullopt;
    batch_time_ = queue_.front().time;
    while (!queue_.empty() && event.reads_size() < kMaxReadsPerEvent) {
      Waiting& next = queue_.front();
      if (batch.reads > 0 && batch.bytes + next.bytes > kMaxEventBytes) break;
      ++batch.reads;
      batch.bytes += next.bytes;
      *event.add_reads() = std::move(next.read);
      queue_.pop_front();
    }
  }
  event.mutable_principal()->set_role(v1::ROLE_PROGRAM);
  event.set_action(std::string(kReadAction));
  batch.event = event.SerializeAsString();
  batch.commit_id = ids_->NewId();
  return batch;
}

// With the same id a batch whose outcome was unknown is not stored twice.
absl::Status ReadAuditApp::Commit(const Batch& batch) {
  store::CommitRequest request;
  request.id = batch.commit_id;
  request.event = batch.event;
  ABSL_ASSIGN_OR_RETURN(const store::CommitOutcome outcome, store_->Commit(std::move(request)));
  if (outcome.kind == store::CommitOutcome::Kind::kCommitted) return absl::OkStatus();
  return absl::UnavailableError(outcome.cause.ToString());
}

void ReadAuditApp::Note(const absl::Status& status, const Batch& batch) {
  bool changed = false;
  {
    MutexLock lock(&mu_);
    changed = failing_ == status.ok();
    failing_ = !status.ok();
    if (status.ok()) {
      reads_ -= batch.reads;
      bytes_ -= batch.bytes;
      batch_time_.reset();
    }
  }
  if (!changed) return;
  if (status.ok()) {
    obs::LogLine(obs::Level::kInfo, "read_audit_recovered");
  } else {
    obs::LogLine(obs::Level::kError, "read_audit_failing")
        .With("cause", obs::Public(status.message()))
        .With("warning", "confidential content is not answered with until reads can be stored");
  }
}

std::size_t ReadAuditApp::refused() const {
  MutexLock lock(&mu_);
  return refused_;
}

std::size_t ReadAuditApp::waiting() const {
  MutexLock lock(&mu_);
  return reads_;
}

void ReadAuditApp::Run() {
  while (true) {
    {
      MutexLock lock(&mu_);
      while (reads_ == 0 && !stopping_) changed_.Wait(&mu_);
      // Others may come to be stored along.
      while (!stopping_ && !changed_.WaitFor(&mu_, options_.interval)) {
      }
      if (stopping_) return;
    }
    // Noted, and tried again.
    FlushNow().IgnoreError();
  }
}

}  // namespace trialgate::audit
