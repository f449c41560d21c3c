// The command line of Trialgate: see README.md beside this file.
#include <iostream>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "tools/cli/app.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const trialgate::SystemClock clock;
  trialgate::RandomIds ids;
  return trialgate::cli::Run(std::vector<std::string>(argv + 1, argv + argc),
                             {.in = std::cin,
                              .out = std::cout,
                              .err = std::cerr,
                              .clock = clock,
                              .ids = ids,
                              .zone = absl::LocalTimeZone()});
}
