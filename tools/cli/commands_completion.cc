#include <ostream>
#include <string>
#include <vector>

#include "tools/cli/commands.h"
#include "tools/cli/completion.h"

namespace trialgate::cli {

void AddCompletionCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "completion", "Completion of commands and flags for a shell");
  const auto add = [&](const std::string& shell, const std::string& how,
                       std::string (*script)(const std::vector<CompletionPlace>&)) {
    CLI::App* command = group->add_subcommand(shell, "For " + shell + ": " + how);
    OnLocalCall(command, session, [&app, &session, script] {
      session.out() << script(CompletionPlaces(app, session.known_values()));
      return absl::OkStatus();
    });
  };
  add("bash", "source <(trialgate completion bash)", BashCompletion);
  add("zsh", "source <(trialgate completion zsh)", ZshCompletion);
  add("fish", "trialgate completion fish | source", FishCompletion);
}

}  // namespace trialgate::cli
