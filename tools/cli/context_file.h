// The file that holds the contexts:
//
//   current-context = "denmark"
//   [contexts.denmark]
//   server = "trialgate.example:7420"
//
// It holds no secret, only where secrets lie. It is refused where others may write it: who could
// would choose to whom a token is sent.
#ifndef TRIALGATE_TOOLS_CLI_CONTEXT_FILE_H_
#define TRIALGATE_TOOLS_CLI_CONTEXT_FILE_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/cli/context.h"

namespace trialgate::cli {

// The environment's variables.
using Environment = std::map<std::string, std::string>;

// The variable, or an empty text.
std::string Variable(const Environment& environment, const std::string& name);

struct ContextFile {
  // Empty: none.
  std::string current;
  // Paths are absolute.
  std::map<std::string, ContextValues> contexts;
};

// $TRIALGATE_CONFIG, else $XDG_CONFIG_HOME/trialgate/config.toml, else
// $HOME/.config/trialgate/config.toml; empty where none of these is set.
std::string ContextFilePath(const Environment& environment);

// The file, or no contexts where there is none. Paths in it that are relative start at its folder.
// A fault of usage: it cannot be read, may be written by others, is no TOML, or has a key that is
// not known (all are told, each with the nearest that is) or a value of the wrong type. Faults
// never repeat a value.
absl::StatusOr<ContextFile> LoadContextFile(const std::string& path);

// The file as TOML.
std::string ContextFileAsToml(const ContextFile& file);

// Loads the file, has `change` change it, and puts it in the place of the old one, as one step
// before other processes. Comments in it are lost. Where `change` fails nothing is written.
absl::Status UpdateContextFile(const std::string& path,
                               const std::function<absl::Status(ContextFile*)>& change);

// The context of this name; a fault of usage, which says what there is, where there is none.
absl::StatusOr<ContextValues> FindContext(const ContextFile& file, const std::string& name);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_CONTEXT_FILE_H_
