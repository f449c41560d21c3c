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

// The names of what a response holds.
std::vector<std::string> NamesIn(const Message& response) {
  std::vector<std::string> names;
  const auto add = [&](const Message& message) {
    std::string name = NameOf(message);
    if (!name.empty()) names.push_back(std::move(name));
  };
  add(response);
  if (!names.empty()) return names;
  const google::protobuf::Reflection& reflection = *response.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(response, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      add(reflection.GetMessage(response, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(response, field); ++i) {
      add(reflection.GetRepeatedMessage(response, field, i));
    }
  }
  return names;
}

// `read` once for each kMaxNamesPerRead of `names`, and once where there is none.
std::vector<v1::AuditRead> Split(const v1::AuditRead& read, std::vector<std::string> names) {
  const std::size_t listed = std::min(names.size(), kMaxNamesPerAnswer);
  std::vector<v1::AuditRead> reads = {read};
  for (std::size_t i = 0; i < listed; ++i) {
    if (i > 0 && i % kMaxNamesPerRead == 0) reads.push_back(read);
    reads.back().add_names(std::move(names[i]));
  }
  reads.back().set_further_names(static_cast<int>(names.size() - listed));
  return reads;
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

absl::Status ReadAuditApp::Admit() {
  // One that failed for good says so before a batch has failed.
  const bool healthy = store_->Health().ok();
  MutexLock lock(&mu_);
  if (healthy && CanBeStored(clock_->Now()) && reads_ < options_.max_reads &&
      bytes_ < options_.max_bytes) {
    return absl::OkStatus();
  }
  ++refused_;
  return Unavailable();
}

void ReadAuditApp::Record(const rpc::CallContext& call, const Message& response) {
  const absl::Time now = clock_->Now();
  v1::AuditRead read;
  *read.mutable_principal() = call.principal;
  read.set_method(call.method);
  *read.mutable_time() = ToTimestamp(absl::ToUnixNanos(now));
  std::vector<v1::AuditRead> reads = Split(read, NamesIn(response));
  MutexLock lock(&mu_);
  if (reads_ == 0) changed_.NotifyAll();
  for (v1::AuditRead& one : reads) {
    const std::size_t bytes = one.ByteSizeLong();
    queue_.push_back({std::move(one), now, bytes});
    ++reads_;
    bytes_ += bytes;
  }
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
