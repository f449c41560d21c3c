// The lines of an exported audit trail; services/audit/EXPORT.md describes them. Pure functions.
//
// A line is a function of what it says: whoever reads one writes it anew from what was understood,
// and a byte that was changed shows, also where no hash covers it.
#ifndef TRIALGATE_TOOLS_CLI_EXPORT_LINE_H_
#define TRIALGATE_TOOLS_CLI_EXPORT_LINE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/storage/v1/commit.pb.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::cli {

// The first line. Hashes are raw bytes.
struct ExportHeader {
  // The hash of the first event there is.
  std::string trail;
  // The numbers of the events that follow; `last` 0: none do.
  std::int64_t first = 1;
  std::int64_t last = 0;
  // The hash of the event before the first one.
  std::string previous_hash;
  // Who exported, and when (RFC 3339).
  std::string exported_by;
  std::string exported_at;
};

// An event, and the value of the checkpoint that it stored, if it did.
struct ExportEvent {
  storage::v1::CommitRecord record;
  std::string checkpoint;
};

// The last line.
struct ExportEnd {
  std::int64_t events = 0;
  // The hash of the last event, or the header's previous_hash where there is none.
  std::string head_hash;
};

using ExportLine = std::variant<ExportHeader, ExportEvent, ExportEnd>;

// The line, without line break. FAILED_PRECONDITION: the event has fields that this program, an
// older one than the server, does not know: its readable form would lack them.
absl::StatusOr<std::string> FormatLine(const ExportLine& line);

// What a line says. INVALID_ARGUMENT: it is not as FormatLine writes it. FAILED_PRECONDITION as
// above. An event whose hash does not fit is not tested further: it is returned as it was
// understood.
absl::StatusOr<ExportLine> ParseLine(absl::string_view line);

// What the server answered, as a line's content.
ExportEvent FromAuditRecord(v1::AuditRecord record);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_EXPORT_LINE_H_
