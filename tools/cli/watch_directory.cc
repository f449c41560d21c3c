// Watching the directory: records of one kind, a line for each change.
#include <ostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/output.h"
#include "tools/cli/text.h"
#include "tools/cli/watch.h"
#include "tools/cli/words.h"
#include "tools/cli/yaml.h"

namespace trialgate::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string TextOf(const Message& record, const std::string& field) {
  const FieldDescriptor* const found = record.GetDescriptor()->FindFieldByName(field);
  return found == nullptr ? "" : record.GetReflection()->GetString(record, found);
}

class DirectoryWatcher {
 public:
  DirectoryWatcher(Session& session, const std::string& kind, const std::string& prefix)
      : session_(session),
        records_(*v1::WatchDirectoryResponse::descriptor()->FindFieldByName(kind)),
        prefix_(prefix) {}

  void Take(const v1::WatchDirectoryResponse& all) {
    session_.Refresh();
    const v1::WatchDirectoryResponse told = Wanted(all);
    const auto* reflection = told.GetReflection();
    std::string lines;
    for (int i = 0; i < reflection->FieldSize(told, &records_); ++i) {
      const Message& record = reflection->GetRepeatedMessage(told, &records_, i);
      absl::StrAppend(&lines, Line(TextOf(record, "name"), TextOf(record, "display_name")));
    }
    const bool names = session_.flags().output == kName;
    for (const std::string& name : told.removed()) {
      if (!names) absl::StrAppend(&lines, Line(name, "is there no more"));
    }
    if (lines.empty()) return;
    Write(told, lines);
  }

 private:
  // What is watched of a message.
  v1::WatchDirectoryResponse Wanted(const v1::WatchDirectoryResponse& all) const {
    v1::WatchDirectoryResponse told;
    const auto* reflection = all.GetReflection();
    for (int i = 0; i < reflection->FieldSize(all, &records_); ++i) {
      const Message& record = reflection->GetRepeatedMessage(all, &records_, i);
      if (!absl::StartsWith(TextOf(record, "name"), prefix_)) continue;
      told.GetReflection()->AddMessage(&told, &records_)->CopyFrom(record);
    }
    for (const std::string& name : all.removed()) {
      // What lies below a record is of another kind.
      const bool below = name.find('/', prefix_.size()) != std::string::npos;
      if (absl::StartsWith(name, prefix_) && !below) told.add_removed(name);
    }
    told.set_resume_token(all.resume_token());
    return told;
  }

  std::string Line(const std::string& name, const std::string& words) const {
    if (session_.flags().output == kName) return absl::StrCat(name, "\n");
    const Screen& screen = session_.screen();
    return absl::StrCat(absl::FormatTime("%Y-%m-%d %H:%M %Z", screen.now, screen.zone), "  ",
                        Clean(name), "  ", Clean(words), "\n");
  }

  void Write(const v1::WatchDirectoryResponse& told, const std::string& lines) {
    std::ostream& out = session_.out();
    if (session_.flags().output == kJson) {
      std::string json;
      if (google::protobuf::util::MessageToJsonString(told, &json).ok()) out << json << "\n";
    } else if (session_.flags().output == kYaml) {
      out << "---\n" << MessageAsYaml(told);
    } else {
      out << lines;
    }
    out.flush();
  }

  Session& session_;
  const FieldDescriptor& records_;
  const std::string prefix_;
};

}  // namespace

absl::Status WatchDirectoryRecords(Session& session, const std::string& kind,
                                   const std::string& prefix) {
  DirectoryWatcher watcher(session, kind, prefix);
  ExitQuietlyOnInterrupt();
  return WatchOn<v1::WatchDirectoryRequest, v1::WatchDirectoryResponse>(
      session, v1::WatchDirectoryRequest(),
      [&](const v1::WatchDirectoryResponse& message) { watcher.Take(message); }, [] {});
}

}  // namespace trialgate::cli
