#include "tools/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/numbers.h"

namespace trialgate::cli {
namespace {

constexpr int kUsualWidth = 100;

std::string ValueOf(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// Columns that COLUMNS or else the terminal tells, within what is drawn for; 0: neither tells.
int ToldWidth(int of_terminal, const Environment& environment) {
  int columns = 0;
  if (!absl::SimpleAtoi(ValueOf(environment, "COLUMNS"), &columns) || columns <= 0) {
    columns = of_terminal;
  }
  return columns <= 0 ? 0 : std::clamp(columns, kNarrowestScreen, kWidestScreen);
}

}  // namespace

Terminal ReadTerminal() {
  Terminal terminal{.in = isatty(STDIN_FILENO) == 1,
                    .out = isatty(STDOUT_FILENO) == 1,
                    .err = isatty(STDERR_FILENO) == 1};
  winsize size{};
  if (terminal.out && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) terminal.columns = size.ws_col;
  if (terminal.err && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) {
    terminal.err_columns = size.ws_col;
  }
  return terminal;
}

int ScreenWidth(const Terminal& terminal, const Environment& environment) {
  const int columns = ToldWidth(terminal.columns, environment);
  return columns == 0 ? kUsualWidth : columns;
}

int HelpWidth(const Terminal& terminal, const Environment& environment) {
  return std::max(kNarrowestScreen, ToldWidth(terminal.columns, environment));
}

int ErrorWidth(const Terminal& terminal, const Environment& environment) {
  return ToldWidth(terminal.err_columns, environment);
}

bool UseColour(absl::string_view wish, const Terminal& terminal, const Environment& environment) {
  if (wish != "auto") return wish == "always";
  const std::string kind = ValueOf(environment, "TERM");
  return terminal.out && ValueOf(environment, "NO_COLOR").empty() && !kind.empty() &&
         kind != "dumb";
}

}  // namespace trialgate::cli
