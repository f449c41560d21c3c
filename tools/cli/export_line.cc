#include "tools/cli/export_line.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/store/chain.h"
#include "common/store/checkpoint.h"
#include "google/protobuf/util/json_util.h"

namespace trialgate::cli {
namespace {

using nlohmann::ordered_json;
using storage::v1::CommitRecord;

constexpr char kHeaderType[] = "trialgate-audit-export";
constexpr int kFormat = 1;
constexpr std::int64_t kNanos = 1'000'000'000;

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// A message as compact JSON; "null" where it cannot be shown.
std::string JsonOf(const google::protobuf::Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) return "null";
  // Once through our own printer: protobuf's may differ from release to release.
  const ordered_json parsed = ordered_json::parse(json, nullptr, false);
  return parsed.is_discarded() ? "null" : Dump(parsed);
}

google::protobuf::Timestamp TimestampOf(std::int64_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(nanos / kNanos);
  time.set_nanos(static_cast<int>(nanos % kNanos));
  return time;
}

// The event for people; "null" where its bytes are none.
absl::StatusOr<std::string> Readable(const CommitRecord& record) {
  v1::AuditEvent event;
  if (!event.ParseFromString(record.event())) return "null";
  const std::size_t bytes = event.ByteSizeLong();
  event.DiscardUnknownFields();
  if (event.ByteSizeLong() != bytes) {
    return absl::FailedPreconditionError(absl::StrCat(
        "event ", record.number(), " has fields that this program does not know: use a newer one"));
  }
  event.set_name(absl::StrCat("auditEvents/", record.number()));
  event.set_number(record.number());
  *event.mutable_time() = TimestampOf(record.time_unix_nanos());
  return JsonOf(event);
}

std::string ReadableCheckpoint(const std::string& value) {
  const auto checkpoint = store::ReadCheckpoint(value);
  if (!checkpoint.ok()) return "null";
  v1::AuditCheckpoint readable;
  readable.set_name(store::CheckpointKey(checkpoint->number()));
  readable.set_number(checkpoint->number());
  readable.set_hash(Hex(checkpoint->hash()));
  *readable.mutable_time() = TimestampOf(checkpoint->time_unix_nanos());
  readable.set_trail(Hex(checkpoint->trail()));
  readable.set_key_id(Hex(checkpoint->key_id()));
  readable.set_signature(Hex(checkpoint->signature()));
  return JsonOf(readable);
}

// `json` with a further member at its end, whose value is JSON already.
std::string WithMember(std::string json, absl::string_view name, absl::string_view value) {
  json.pop_back();
  absl::StrAppend(&json, ",\"", name, "\":", value, "}");
  return json;
}

std::string Format(const ExportHeader& header) {
  ordered_json json;
  json["type"] = kHeaderType;
  json["format"] = kFormat;
  json["trail"] = Hex(header.trail);
  json["first_number"] = header.first;
  json["last_number"] = header.last;
  json["previous_hash"] = Hex(header.previous_hash);
  json["exported_by"] = header.exported_by;
  json["exported_at"] = header.exported_at;
  const std::string text = Dump(json);
  // Nothing else covers who exported, and when.
  return WithMember(text, "sha256", absl::StrCat("\"", Sha256Hex(text), "\""));
}

absl::StatusOr<std::string> Format(const ExportEvent& event) {
  const CommitRecord& record = event.record;
  ordered_json json;
  json["type"] = "event";
  json["number"] = record.number();
  json["commit_id"] = record.id();
  json["time_unix_nanos"] = absl::StrCat(record.time_unix_nanos());
  json["keys"] = ordered_json::array();
  for (const std::string& key : record.keys()) json["keys"].push_back(key);
  json["writes_sha256"] = Hex(record.writes_digest());
  json["event"] = absl::Base64Escape(record.event());
  json["previous_hash"] = Hex(record.prev_hash());
  json["hash"] = Hex(record.hash());
  if (!event.checkpoint.empty()) json["checkpoint"] = absl::Base64Escape(event.checkpoint);
  ABSL_ASSIGN_OR_RETURN(const std::string readable, Readable(record));
  std::string line = WithMember(Dump(json), "readable", readable);
  if (!event.checkpoint.empty()) {
    line = WithMember(std::move(line), "readable_checkpoint", ReadableCheckpoint(event.checkpoint));
  }
  return line;
}

std::string Format(const ExportEnd& end) {
  ordered_json json;
  json["type"] = "end";
  json["events"] = end.events;
  json["head_hash"] = Hex(end.head_hash);
  return Dump(json);
}

// Reads members of a line. One that is absent or of another kind is empty: the line that is written
// anew from it differs then.
class Members {
 public:
  explicit Members(const ordered_json& json) : json_(json) {}

  std::string Text(const char* name) const {
    const auto member = json_.find(name);
    return member != json_.end() && member->is_string() ? member->get<std::string>() : "";
  }
  std::string FromHex(const char* name) const {
    const std::string text = Text(name);
    // HexStringToBytes takes what is no digit for one.
    const bool is_hex =
        text.size() % 2 == 0 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_hex ? absl::HexStringToBytes(text) : "";
  }
  std::string FromBase64(const char* name) const {
    std::string bytes;
    return absl::Base64Unescape(Text(name), &bytes) ? bytes : "";
  }
  std::int64_t Number(const char* name) const {
    const auto member = json_.find(name);
    return member != json_.end() && member->is_number_integer() ? member->get<std::int64_t>() : 0;
  }

 private:
  const ordered_json& json_;
};

ExportEvent EventOf(const ordered_json& json) {
  const Members members(json);
  ExportEvent event;
  CommitRecord& record = event.record;
  record.set_number(members.Number("number"));
  record.set_id(members.Text("commit_id"));
  std::int64_t nanos = 0;
  if (absl::SimpleAtoi(members.Text("time_unix_nanos"), &nanos)) record.set_time_unix_nanos(nanos);
  if (const auto keys = json.find("keys"); keys != json.end() && keys->is_array()) {
    for (const ordered_json& key : *keys) {
      record.add_keys(key.is_string() ? key.get<std::string>() : "");
    }
  }
  record.set_writes_digest(members.FromHex("writes_sha256"));
  record.set_event(members.FromBase64("event"));
  record.set_prev_hash(members.FromHex("previous_hash"));
  record.set_hash(members.FromHex("hash"));
  event.checkpoint = members.FromBase64("checkpoint");
  return event;
}

ExportHeader HeaderOf(const ordered_json& json) {
  const Members members(json);
  ExportHeader header;
  header.trail = members.FromHex("trail");
  header.first = members.Number("first_number");
  header.last = members.Number("last_number");
  header.previous_hash = members.FromHex("previous_hash");
  header.exported_by = members.Text("exported_by");
  header.exported_at = members.Text("exported_at");
  return header;
}

}  // namespace

absl::StatusOr<std::string> FormatLine(const ExportLine& line) {
  return std::visit([](const auto& one) -> absl::StatusOr<std::string> { return Format(one); },
                    line);
}

absl::StatusOr<ExportLine> ParseLine(absl::string_view line) {
  const ordered_json json = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the line is no JSON object");
  const std::string type = Members(json).Text("type");
  ExportLine parsed;
  if (type == kHeaderType) {
    if (Members(json).Number("format") != kFormat) {
      return absl::FailedPreconditionError("the file has a format that this program does not know");
    }
    parsed = HeaderOf(json);
  } else if (type == "event") {
    ExportEvent event = EventOf(json);
    // Why it differs is then a matter of the chain; its content means nothing.
    if (store::CommitHash(event.record) != event.record.hash()) {
      return ExportLine(std::move(event));
    }
    parsed = std::move(event);
  } else if (type == "end") {
    parsed = ExportEnd{Members(json).Number("events"), Members(json).FromHex("head_hash")};
  } else {
    return absl::InvalidArgumentError("the line is of no known type");
  }
  ABSL_ASSIGN_OR_RETURN(const std::string written, FormatLine(parsed));
  if (written != line) {
    return absl::InvalidArgumentError("the line was changed: it is not as it was written");
  }
  return parsed;
}

ExportEvent FromAuditRecord(v1::AuditRecord record) {
  ExportEvent event;
  event.record.set_number(record.number());
  event.record.set_time_unix_nanos(record.time_unix_nanos());
  *event.record.mutable_id() = std::move(*record.mutable_commit_id());
  event.record.mutable_keys()->Swap(record.mutable_keys());
  *event.record.mutable_writes_digest() = std::move(*record.mutable_writes_digest());
  *event.record.mutable_event() = std::move(*record.mutable_event());
  *event.record.mutable_prev_hash() = std::move(*record.mutable_previous_hash());
  *event.record.mutable_hash() = std::move(*record.mutable_hash());
  event.checkpoint = std::move(*record.mutable_checkpoint());
  return event;
}

}  // namespace trialgate::cli
