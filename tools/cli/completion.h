// Completion for shells, made of the tree of commands: what a command knows, its completion knows.
#ifndef TRIALGATE_TOOLS_CLI_COMPLETION_H_
#define TRIALGATE_TOOLS_CLI_COMPLETION_H_

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace trialgate::cli {

// The values that an option, or a command's argument, takes, where they are known; others are
// completed with files.
using KnownValues = std::map<const CLI::Option*, std::vector<std::string>>;

// One place in the tree: "trialgate referral" or "trialgate referral answer".
struct CompletionPlace {
  // Names of the commands from the first below the program, separated by spaces; empty: the
  // program.
  std::string path;
  // Name and words of each command that may follow.
  std::vector<std::pair<std::string, std::string>> commands;
  struct Flag {
    // "--offer", "-o": all its names.
    std::vector<std::string> names;
    std::string words;
    // Whether a value follows.
    bool takes_value = false;
    std::vector<std::string> values;
  };
  // Those of the command and all above it.
  std::vector<Flag> flags;
  // Values of its arguments.
  std::vector<std::string> values;
};

// Every place of `app`, the program itself first.
std::vector<CompletionPlace> CompletionPlaces(const CLI::App& app, const KnownValues& known);

// The script that the shell reads (`source <(trialgate completion bash)`).
std::string BashCompletion(const std::vector<CompletionPlace>& places);
std::string ZshCompletion(const std::vector<CompletionPlace>& places);
std::string FishCompletion(const std::vector<CompletionPlace>& places);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_COMPLETION_H_
