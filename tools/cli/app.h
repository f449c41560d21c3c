// The program as a function, so that tests can run it whole.
#ifndef TRIALGATE_TOOLS_CLI_APP_H_
#define TRIALGATE_TOOLS_CLI_APP_H_

#include <string>
#include <vector>

#include "tools/cli/session.h"

namespace trialgate::cli {

// Runs one command line, without the program's name, and returns the exit code.
int Run(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_APP_H_
