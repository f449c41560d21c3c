#include "common/store/checkpoint.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"

namespace trialgate::store {

using storage::v1::Checkpoint;

namespace {

constexpr absl::string_view kTag = "trialgate.checkpoint.v1\n";
constexpr absl::string_view kCollection = "auditCheckpoints/";

void AppendUint64(std::uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

void AppendText(absl::string_view text, std::string* out) {
  AppendUint64(text.size(), out);
  absl::StrAppend(out, text);
}

// The first checkpoint that covers commit `number` or a later one.
absl::StatusOr<std::optional<Row<Checkpoint>>> FirstFrom(const Store& store, CommitNumber number,
                                                         CommitNumber as_of) {
  PageOptions page;
  page.prefix = std::string(kCollection);
  if (number > 0) page.after = CheckpointKey(number - 1);
  page.limit = 1;
  ABSL_ASSIGN_OR_RETURN(auto found, ScanRows(store, Checkpoints(), page, as_of));
  if (found.rows.empty()) return std::optional<Row<Checkpoint>>();
  return std::optional<Row<Checkpoint>>(std::move(found.rows.front()));
}

}  // namespace

const Table<Checkpoint>& Checkpoints() {
  static const auto* const kTable = new Table<Checkpoint>(TableId::TABLE_ID_AUDIT_CHECKPOINT);
  return *kTable;
}

std::string CheckpointKey(CommitNumber number) {
  return absl::StrFormat("%s%019d", kCollection, number);
}

std::string CheckpointBytes(const Checkpoint& checkpoint) {
  std::string bytes(kTag);
  AppendText(checkpoint.trail(), &bytes);
  AppendUint64(static_cast<std::uint64_t>(checkpoint.number()), &bytes);
  AppendText(checkpoint.hash(), &bytes);
  AppendUint64(static_cast<std::uint64_t>(checkpoint.time_unix_nanos()), &bytes);
  AppendText(checkpoint.key_id(), &bytes);
  return bytes;
}

Checkpoint SignCheckpoint(CommitNumber number, absl::string_view hash, absl::string_view trail,
                          absl::Time time, const Ed25519PrivateKey& key) {
  Checkpoint checkpoint;
  checkpoint.set_number(number);
  checkpoint.set_hash(std::string(hash));
  checkpoint.set_trail(std::string(trail));
  checkpoint.set_time_unix_nanos(absl::ToUnixNanos(time));
  checkpoint.set_key_id(key.public_key().id());
  checkpoint.set_signature(key.Sign(CheckpointBytes(checkpoint)));
  return checkpoint;
}

std::string CheckpointKeyOf(const storage::v1::CommitRecord& record) {
  if (record.keys_size() != 1) return "";
  const bool is_one = absl::StartsWith(record.keys(0), Checkpoints().Key(kCollection));
  return is_one ? record.keys(0) : "";
}

absl::StatusOr<Checkpoint> ReadCheckpoint(absl::string_view value) {
  ABSL_ASSIGN_OR_RETURN(const std::string payload, internal::DecodeRecord(value));
  Checkpoint checkpoint;
  ABSL_RETURN_IF_ERROR(internal::ParsePayload(payload, &checkpoint));
  return checkpoint;
}

absl::StatusOr<std::optional<Row<Checkpoint>>> LastCheckpoint(const Store& store,
                                                              CommitNumber as_of) {
  // Scans go forward only: the last one is searched for by halves.
  ABSL_ASSIGN_OR_RETURN(auto last, FirstFrom(store, 0, as_of));
  CommitNumber beyond = as_of + 1;
  while (last.has_value() && last->value.number() + 1 < beyond) {
    const CommitNumber middle = last->value.number() + (beyond - last->value.number() + 1) / 2;
    ABSL_ASSIGN_OR_RETURN(auto later, FirstFrom(store, middle, as_of));
    if (later.has_value()) {
      last = std::move(later);
    } else {
      beyond = middle;
    }
  }
  return last;
}

}  // namespace trialgate::store
