// What the program knows of the terminal that it writes to.
#ifndef TRIALGATE_TOOLS_CLI_TERMINAL_H_
#define TRIALGATE_TOOLS_CLI_TERMINAL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "tools/cli/context_file.h"

namespace trialgate::cli {

struct Terminal {
  // Whether a person types standard input, and reads standard output and standard error.
  bool in = false;
  bool out = false;
  bool err = false;
  // Columns of standard output's terminal; 0: none, or not known.
  int columns = 0;
  // Likewise of standard error's.
  int err_columns = 0;
};

// The terminal of this process.
Terminal ReadTerminal();

// The narrowest and the widest screen that is drawn for.
inline constexpr int kNarrowestScreen = 80;
inline constexpr int kWidestScreen = 500;

// Columns to draw for: those of COLUMNS, else of the terminal, else 100; within what is drawn for.
int ScreenWidth(const Terminal& terminal, const Environment& environment);

// Columns for --help: as ScreenWidth, but 80 where no terminal says how many.
int HelpWidth(const Terminal& terminal, const Environment& environment);

// Columns for words on standard error: those of COLUMNS, else of its terminal; 0: neither says how
// many, and a line stays one, as scripts and logs want it.
int ErrorWidth(const Terminal& terminal, const Environment& environment);

// Whether to use colours: `wish` is "always", "never" or "auto", which is only on a terminal that
// knows them (TERM) and where NO_COLOR is absent or empty.
bool UseColour(absl::string_view wish, const Terminal& terminal, const Environment& environment);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TERMINAL_H_
