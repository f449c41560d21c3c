// The command line of Trialgate: see README.md beside this file.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "tools/cli/app.h"
#include "tools/cli/http_client.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/terminal.h"

namespace {

trialgate::cli::Environment ReadEnvironment() {
  trialgate::cli::Environment variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

std::unique_ptr<trialgate::cli::HttpClient> NewHttpClient(const std::string& ca_file) {
  return trialgate::cli::NewCurlClient(ca_file, trialgate::cli::IsInterrupted);
}

// The zone of TZ. One that is not known is told of, since times would be shown in another.
absl::TimeZone ReadZone(const trialgate::cli::Environment& environment) {
  const auto variable = environment.find("TZ");
  absl::string_view name;
  if (variable != environment.end()) name = variable->second;
  absl::ConsumePrefix(&name, ":");
  absl::TimeZone zone;
  if (name.empty()) return absl::LocalTimeZone();
  if (absl::LoadTimeZone(name, &zone)) return zone;
  std::cerr << "trialgate: TZ is no time zone that is known here, such as Europe/Copenhagen: times "
               "are shown in UTC\n";
  return absl::UTCTimeZone();
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const trialgate::SystemClock clock;
  trialgate::RandomIds ids;
  const trialgate::cli::Environment environment = ReadEnvironment();
  return trialgate::cli::Run(std::vector<std::string>(argv + 1, argv + argc),
                             {.in = std::cin,
                              .out = std::cout,
                              .err = std::cerr,
                              .clock = clock,
                              .ids = ids,
                              .zone = ReadZone(environment),
                              .environment = environment,
                              .http = NewHttpClient,
                              .wait = trialgate::cli::WaitUnlessInterrupted,
                              .terminal = trialgate::cli::ReadTerminal()});
}
