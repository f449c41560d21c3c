// Runs the whole program against a server whose answers are written down.
#ifndef TRIALGATE_TESTS_UNIT_CLI_APP_FIXTURE_H_
#define TRIALGATE_TESTS_UNIT_CLI_APP_FIXTURE_H_

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_server.h"
#include "tools/cli/app.h"

namespace trialgate::cli {

class AppTest : public testing::Test {
 protected:
  // Runs the program; `input` is what stands on standard input.
  int Run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    arguments.insert(arguments.end(), {"--server", server_.address()});
    const int code = cli::Run(arguments, {.in = in,
                                          .out = out,
                                          .err = err,
                                          .clock = clock_,
                                          .ids = ids_,
                                          .zone = absl::UTCTimeZone(),
                                          .environment = environment_,
                                          .http = nullptr,
                                          .wait = wait_,
                                          .terminal = terminal_});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    std::ofstream(folder_.Sub(name)) << content;
    return folder_.Sub(name);
  }

  FakeServer server_;
  FakeClock clock_;
  FakeIds ids_;
  TempDir folder_;
  Environment environment_;
  Terminal terminal_;
  Wait wait_;
  std::string out_;
  std::string err_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TESTS_UNIT_CLI_APP_FIXTURE_H_
