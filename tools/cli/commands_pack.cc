#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct PackOptions {
  std::vector<std::string> paths;
  bool sample = false;
  ChangeFlags change;
};

absl::Status Send(Session& session, const PackOptions& options, bool validate_only) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::PackFile> files,
                        ReadPack(options.paths, options.sample));
  v1::ApplyPackRequest request;
  for (const v1::PackFile& file : files) *request.add_files() = file;
  request.set_allow_sample(options.sample);
  request.set_validate_only(validate_only);
  if (!validate_only) request.set_request_id(session.RequestId(options.change));
  ABSL_ASSIGN_OR_RETURN(const v1::ApplyPackResponse result, session.client().Call(request));
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
    NoteIfOnlyChecked(session, options->change);
    return Send(session, *options, validate_only || options->change.validate_only);
  });
}

absl::Status Diff(Session& session, const PackOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::PackFile> files,
                        ReadPack(options.paths, options.sample));
  v1::DiffPackRequest request;
  for (const v1::PackFile& file : files) *request.add_files() = file;
  request.set_allow_sample(options.sample);
  ABSL_ASSIGN_OR_RETURN(const v1::DiffPackResponse diff, session.client().Call(request));
  session.Show(diff, RenderPackDiff(diff, session.screen()));
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
