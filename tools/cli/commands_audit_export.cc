// What an auditor and an operator take away from the trail: exports, and the key of checkpoints.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/chain.h"
#include "tools/cli/audit_files.h"
#include "tools/cli/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/export_line.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// A long export is held back by the server now and then.
constexpr int kAttempts = 10;
constexpr absl::Duration kLongestPause = absl::Seconds(30);

struct ExportFlags {
  std::string file;
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool force = false;
};

absl::StatusOr<v1::ExportAuditEventsResponse> CallPatiently(
    Session& session, const v1::ExportAuditEventsRequest& request) {
  for (int attempt = 1;; ++attempt) {
    auto response = session.client().Call(request);
    const absl::Duration pause = RetryAfterOf(response.status());
    if (response.ok() || pause <= absl::ZeroDuration() || attempt == kAttempts) return response;
    absl::SleepFor(std::min(pause, kLongestPause));
  }
}

// Writes lines, and keeps count of what stands in them.
class Writer {
 public:
  explicit Writer(AtomicFile* file) : file_(file) {}

  // The first line, once the first page is there.
  absl::Status Begin(const Session& session, const ExportFlags& flags,
                     const v1::ExportAuditEventsResponse& page) {
    ExportHeader header;
    header.trail = page.trail();
    header.first = std::max<std::int64_t>(1, flags.from);
    header.last = page.last_number();
    header.previous_hash = page.audit_records_size() > 0 ? page.audit_records(0).previous_hash()
                                                         : store::GenesisHash();
    header.exported_by = page.exported_by();
    header.exported_at =
        absl::FormatTime(absl::RFC3339_sec, session.screen().now, absl::UTCTimeZone());
    end_.head_hash = header.previous_hash;
    return Line(header);
  }

  absl::Status Add(v1::ExportAuditEventsResponse* page) {
    for (v1::AuditRecord& record : *page->mutable_audit_records()) {
      ++end_.events;
      end_.head_hash = record.hash();
      ABSL_RETURN_IF_ERROR(Line(FromAuditRecord(std::move(record))));
    }
    return absl::OkStatus();
  }

  absl::Status End() { return Line(end_); }

  std::int64_t events() const { return end_.events; }

 private:
  absl::Status Line(const ExportLine& content) {
    ABSL_ASSIGN_OR_RETURN(const std::string line, FormatLine(content));
    return file_->Write(absl::StrCat(line, "\n"));
  }

  AtomicFile* const file_;
  ExportEnd end_;
};

absl::Status Export(Session& session, const ExportFlags& flags, std::ostream& out) {
  std::error_code error;
  if (!flags.force && flags.file != "-" && std::filesystem::exists(flags.file, error)) {
    return UsageError(absl::StrCat(flags.file, " exists: take another name, or --force"));
  }
  v1::ExportAuditEventsRequest request;
  request.set_first_number(flags.from);
  request.set_last_number(flags.to);
  // Before the file is touched.
  ABSL_ASSIGN_OR_RETURN(v1::ExportAuditEventsResponse page, CallPatiently(session, request));
  ABSL_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(flags.file, out));
  Writer writer(&file);
  ABSL_RETURN_IF_ERROR(writer.Begin(session, flags, page));
  while (true) {
    ABSL_RETURN_IF_ERROR(writer.Add(&page));
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
    ABSL_ASSIGN_OR_RETURN(page, CallPatiently(session, request));
  }
  ABSL_RETURN_IF_ERROR(writer.End());
  ABSL_RETURN_IF_ERROR(file.Finish());
  session.Note(absl::StrCat(Count(writer.events(), "event"), " exported."));
  return absl::OkStatus();
}

absl::Status MakeKey(Session& session, const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(const std::string id, MakeAuditKey(path));
  session.Note(absl::StrCat("The private key is in ", path,
                            ": start the server with --audit-key=", path, ".\nGive ", path,
                            ".pub to those who audit; it is known as ", id, "."));
  return absl::OkStatus();
}

}  // namespace

void AddAuditExportCommands(CLI::App& group, Session& session) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = group.add_subcommand(
      "export", "Write events to a file (JSON Lines) that can be verified without the server");
  command->add_option("file", flags->file, "The file; -: standard output")->required();
  command->add_option("--from", flags->from, "Number of the first event; 0: the first there is")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", flags->to, "Number of the last event; 0: the newest")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--force", flags->force, "Replace the file if it exists");
  OnCall(command, session, [&session, flags] { return Export(session, *flags, session.out()); });

  const auto path = std::make_shared<std::string>();
  CLI::App* make_key = group.add_subcommand(
      "make-key", "Make the key with which a server signs checkpoints: FILE and FILE.pub");
  make_key->add_option("file", *path, "The private key's file")->required();
  OnLocalCall(make_key, session, [&session, path] { return MakeKey(session, *path); });
}

}  // namespace trialgate::cli
