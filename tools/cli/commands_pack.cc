#include <memory>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"

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
  if (!validate_only) {
    command->add_option("--request-id", options->change.request_id,
                        "Makes a retry safe: the same id again returns the first answer");
  }
  OnCall(command, session,
         [&session, options, validate_only] { return Send(session, *options, validate_only); });
}

}  // namespace

void AddPackCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "pack", "Packs: the data of a country");
  AddSend(group, session, true, "Check a pack; every fault is named; nothing is stored");
  AddSend(group, session, false, "Apply a pack as a whole; repeatable");
}

}  // namespace trialgate::cli
