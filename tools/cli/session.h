// What all commands share: global flags, the connection, where output goes.
#ifndef TRIALGATE_TOOLS_CLI_SESSION_H_
#define TRIALGATE_TOOLS_CLI_SESSION_H_

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "nlohmann/json_fwd.hpp"
#include "tools/cli/client.h"
#include "tools/cli/completion.h"
#include "tools/cli/connection.h"
#include "tools/cli/context_file.h"
#include "tools/cli/errors.h"
#include "tools/cli/page.h"
#include "tools/cli/sign_in.h"
#include "tools/cli/terminal.h"

namespace trialgate {
class Clock;
class IdGenerator;
}  // namespace trialgate

namespace trialgate::cli {

// The world outside of the program. Nothing is owned; all of it outlives the session.
struct Surroundings {
  std::istream& in;
  // Data.
  std::ostream& out;
  // Words.
  std::ostream& err;
  const Clock& clock;
  IdGenerator& ids;
  absl::TimeZone zone;
  const Environment& environment;
  // For signing in: see SignInWorld.
  std::function<std::unique_ptr<HttpClient>(const std::string& ca_file)> http = nullptr;
  Wait wait = nullptr;
  Terminal terminal = {};
};

struct GlobalFlags {
  ConnectionFlags connection;
  // A form of output.h.
  std::string output = "table";
  // "auto", "always" or "never".
  std::string colour = "auto";
  // Seconds ("30") or a duration ("2m").
  std::string timeout = "30";
};

// Flags of every command that changes something.
struct ChangeFlags {
  // Empty: a new one.
  std::string request_id;
  // Empty: whatever the version is now.
  std::string etag;
  bool validate_only = false;
};

// Not thread-safe.
class Session {
 public:
  explicit Session(const Surroundings& surroundings);

  GlobalFlags& flags() { return flags_; }
  std::istream& in() { return surroundings_.in; }
  // For data that is no message; else Show.
  std::ostream& out() { return surroundings_.out; }
  const Screen& screen() const { return screen_; }
  // Whether the message itself is written, and not a screen made of more than it.
  bool for_programs() const;
  // Values of options, for completion.
  KnownValues& known_values() { return known_values_; }
  const Terminal& terminal() const { return surroundings_.terminal; }
  const Environment& environment() const { return surroundings_.environment; }
  SignInWorld sign_in_world() const;

  // Makes the connection ready. A fault of usage if flags, environment, context or a file that they
  // name are at fault, UNAUTHENTICATED if there is no token to be known by.
  absl::Status Open();
  // The connection, after Open.
  Client& client() { return *client_; }

  // What to do, chosen while the command line is parsed, done afterwards.
  void Choose(std::function<absl::Status()> action, bool calls_server) {
    action_ = std::move(action);
    calls_server_ = calls_server;
  }
  // Does what was chosen, after Open if `calls_server`.
  absl::Status Act();

  // Takes the time anew, for screens that are drawn again and again.
  void Refresh();
  // Pauses; false where that was interrupted, or nothing can pause.
  bool Pause(absl::Duration span);

  // The request id for a call that changes something: the one given, or a new one; remembered, so
  // that an error can name it.
  std::string RequestId(const ChangeFlags& flags, absl::string_view etag = "");
  // What else a retry needs, beside what the command line had and the request id.
  void set_retry_flags(absl::string_view flags) { retry_flags_ = std::string(flags); }
  // How to repeat the last call that changed something; empty if there was none.
  std::string RetryWords() const;

  // Writes data: `message` for programs, or `table` for people. Where -o name asks for names and
  // there are none, says so.
  void Show(const google::protobuf::Message& message, absl::string_view table);
  // Writes data that is no message of the API.
  void Show(const nlohmann::ordered_json& document, absl::string_view table);
  // Writes words that are not data.
  void Note(absl::string_view words);
  // Asks the person at the terminal; whether "y" or "yes" was answered.
  bool Ask(absl::string_view question);

  // What the process ends with where the action did not fail.
  void set_exit_code(ExitCode code) { exit_code_ = code; }
  ExitCode exit_code() const { return exit_code_; }

 private:
  const Surroundings surroundings_;
  GlobalFlags flags_;
  // Writes names, each in a line.
  void ShowNames(const std::vector<std::string>& names);

  Screen screen_;
  std::optional<Client> client_;
  std::function<absl::Status()> action_;
  bool calls_server_ = false;
  KnownValues known_values_;
  std::string retry_words_;
  std::string retry_flags_;
  ExitCode exit_code_ = kOk;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_SESSION_H_
