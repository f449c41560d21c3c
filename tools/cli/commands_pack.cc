#include <cstddef>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// The name of the record of which `fault` tells: "contacts.json: contacts[2].email: …"; empty where
// it tells of none, or the record has no name.
std::string RecordAt(const std::map<std::string, nlohmann::json>& contents,
                     const std::string& fault) {
  static const std::regex kPlace(R"(^(\S+): (\w+)\[(\d{1,6})\])");
  std::smatch place;
  if (!std::regex_search(fault, place, kPlace)) return "";
  const auto file = contents.find(place[1]);
  if (file == contents.end() || !file->second.is_object()) return "";
  const auto list = file->second.find(place[2].str());
  std::size_t index = 0;
  if (list == file->second.end() || !list->is_array() ||
      !absl::SimpleAtoi(place[3].str(), &index) || index >= list->size() ||
      !(*list)[index].is_object()) {
    return "";
  }
  const auto name = (*list)[index].find("name");
  return name == (*list)[index].end() || !name->is_string() ? "" : name->get<std::string>();
}

struct PackOptions {
  std::vector<std::string> paths;
  bool sample = false;
  ChangeFlags change;
};

// `status` with the record's name beside each fault that only says where in a file the record
// stands: "contacts[2].email" is "contacts[2].email" of desks/north/contacts/anna.
absl::Status NamingRecords(const absl::Status& status, const std::vector<v1::PackFile>& files) {
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (violations.empty()) return status;
  std::map<std::string, nlohmann::json> contents;
  for (const v1::PackFile& file : files) {
    contents[file.path()] = nlohmann::json::parse(file.content(), nullptr, false);
  }
  Error named(status.code(), ReasonOf(status), status.message());
  for (const auto& [key, value] : MetadataOf(status)) named.WithMetadata(key, value);
  for (const FieldViolation& violation : violations) {
    const std::string record =
        RecordAt(contents, absl::StrCat(violation.field, ": ", violation.description));
    named.WithFieldViolation(violation.field, violation.reason,
                             record.empty()
                                 ? violation.description
                                 : absl::StrCat(violation.description, " (", record, ")"));
  }
  return named;
}

absl::Status Send(Session& session, const PackOptions& options, bool validate_only) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::PackFile> files,
                        ReadPack(options.paths, options.sample));
  v1::ApplyPackRequest request;
  for (const v1::PackFile& file : files) *request.add_files() = file;
  request.set_allow_sample(options.sample);
  request.set_validate_only(validate_only);
  if (!validate_only) request.set_request_id(session.RequestId(options.change));
  const auto answer = session.client().Call(request);
  if (!answer.ok()) return NamingRecords(answer.status(), files);
  const v1::ApplyPackResponse& result = *answer;
  if (validate_only) session.Note("The pack is valid; nothing was stored.");
  session.Show(result, RenderPackResult(result, validate_only, session.screen()));
  return absl::OkStatus();
}

void AddSend(CLI::App* group, Session& session, bool validate_only, const std::string& words) {
  const auto options = std::make_shared<PackOptions>();
  CLI::App* command = group->add_subcommand(validate_only ? "validate" : "apply", words);
  command->add_option("PATH", options->paths, "The pack's folder, or single files of it")
      ->required();
  command->add_flag("--sample", options->sample, "With the invented values of its folder sample/");
  if (!validate_only) AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, options, validate_only] {
    return Send(session, *options, validate_only || options->change.validate_only);
  });
}

absl::Status Diff(Session& session, const PackOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::PackFile> files,
                        ReadPack(options.paths, options.sample));
  v1::DiffPackRequest request;
  for (const v1::PackFile& file : files) *request.add_files() = file;
  request.set_allow_sample(options.sample);
  const auto diff = session.client().Call(request);
  if (!diff.ok()) return NamingRecords(diff.status(), files);
  session.Show(*diff, RenderPackDiff(*diff, session.screen()));
  return absl::OkStatus();
}

void AddDiff(CLI::App* group, Session& session) {
  const auto options = std::make_shared<PackOptions>();
  CLI::App* command = group->add_subcommand(
      "diff", "Show what a pack would change, and for which open referrals; nothing is stored");
  command->add_option("PATH", options->paths, "The pack's folder, or single files of it")
      ->required();
  command->add_flag("--sample", options->sample, "With the invented values of its folder sample/");
  OnCall(command, session, [&session, options] { return Diff(session, *options); });
}

absl::Status Export(Session& session, const std::string& folder, bool sample) {
  v1::ExportPackRequest request;
  request.set_include_sample(sample);
  ABSL_ASSIGN_OR_RETURN(const v1::ExportPackResponse pack, session.client().Call(request));
  if (!folder.empty()) {
    ABSL_RETURN_IF_ERROR(WritePack(folder, pack.files()));
    session.Note(absl::StrCat(Count(pack.files_size(), "file"), " of commit ", pack.commit(),
                              " written to ", folder, ". They hold the names of persons."));
  }
  session.Note(absl::StrCat(
      pack.holds_sample() && !sample ? "Left out: invented values (--sample exports them), "
                                     : "Left out: ",
      "holds and confirmed offers, persons who were erased, and all that is no directory: "
      "requests, referrals, CDAs, the audit trail."));
  Page page(session.screen());
  for (const v1::PackFile& file : pack.files()) {
    page.Words(absl::StrCat(file.path(), "  ", file.content().size(), " bytes"));
  }
  session.Show(pack, page.Take());
  return absl::OkStatus();
}

void AddExport(CLI::App* group, Session& session) {
  const auto folder = std::make_shared<std::string>();
  const auto sample = std::make_shared<bool>(false);
  CLI::App* command = group->add_subcommand(
      "export", "Write the directory as it is now, edits included, as a pack");
  command->add_option("FOLDER", *folder,
                      "A folder that does not exist yet, or is empty; absent: list only");
  command->add_flag("--sample", *sample, "With invented values");
  OnCall(command, session,
         [&session, folder, sample] { return Export(session, *folder, *sample); });
}

}  // namespace

void AddPackCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "pack", "Packs: the data of a country");
  AddSend(group, session, true, "Check a pack; every fault is named; nothing is stored");
  AddSend(group, session, false, "Apply a pack as a whole; repeatable");
  AddDiff(group, session);
  AddExport(group, session);
  AddPackExperienceCommand(*group, session);
}

}  // namespace trialgate::cli
