#include "tools/cli/session.h"

#include <ostream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"
#include "tools/cli/files.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/output.h"
#include "tools/cli/text.h"
#include "tools/cli/yaml.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr absl::Duration kLongestTimeout = absl::Hours(24);

// Seconds, or a duration such as "500ms" or "2m".
absl::Duration ParseTimeout(const std::string& text, FieldFaults* faults) {
  double seconds = 0;
  absl::Duration timeout;
  if (absl::SimpleAtod(text, &seconds)) {
    timeout = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &timeout)) {
    timeout = absl::ZeroDuration();
  }
  if (timeout <= absl::ZeroDuration() || timeout > kLongestTimeout) {
    faults->Add("--timeout", v1::ERROR_REASON_OUT_OF_RANGE,
                "must be seconds or a duration such as 2m, more than 0, at most 24h");
  }
  return timeout;
}

// What --etag takes of a record, in a line; empty of what has none.
std::string VersionOf(const google::protobuf::Message& message, const Screen& screen) {
  const auto* etag = message.GetDescriptor()->FindFieldByName("etag");
  if (etag == nullptr) return "";
  Page page(screen);
  page.Fields({{"etag", message.GetReflection()->GetString(message, etag)}});
  return page.Take();
}

}  // namespace

Session::Session(const Surroundings& surroundings)
    : surroundings_(surroundings),
      screen_{.now = surroundings.clock.Now(), .zone = surroundings.zone} {}

SignInWorld Session::sign_in_world() const {
  return {.environment = surroundings_.environment,
          .clock = surroundings_.clock,
          .http = surroundings_.http,
          .wait = surroundings_.wait};
}

absl::Status Session::Open() {
  FieldFaults faults;
  ClientOptions options;
  options.timeout = ParseTimeout(flags_.timeout, &faults);
  if (!faults.empty()) return UsageError(faults);
  ABSL_ASSIGN_OR_RETURN(const Connection connection,
                        ChooseConnection(flags_.connection, environment()));
  options.server = connection.server;
  options.principal = connection.principal;
  if (connection.tls.has_value()) {
    ABSL_ASSIGN_OR_RETURN(options.tls, LoadTlsFiles(*connection.tls, surroundings_.clock.Now()));
  }
  {
    // A token that was renewed must be kept before the program ends.
    const InterruptGuard guard;
    ABSL_ASSIGN_OR_RETURN(options.access_token, AccessTokenFor(connection, sign_in_world()));
  }
  client_.emplace(std::move(options));
  return absl::OkStatus();
}

bool Session::for_programs() const { return flags_.output != kTable && flags_.output != kWide; }

absl::Status Session::Act() {
  screen_.width = ScreenWidth(terminal(), environment());
  screen_.wide = flags_.output == kWide;
  screen_.colour = !for_programs() && UseColour(flags_.colour, terminal(), environment());
  if (calls_server_) ABSL_RETURN_IF_ERROR(Open());
  return action_();
}

void Session::Refresh() { screen_.now = surroundings_.clock.Now(); }

bool Session::Pause(absl::Duration span) { return surroundings_.wait && surroundings_.wait(span); }

std::string Session::RequestId(const ChangeFlags& flags, absl::string_view etag) {
  const std::string id = flags.request_id.empty() ? surroundings_.ids.NewId() : flags.request_id;
  retry_words_ = absl::StrCat("--request-id ", id);
  if (!etag.empty()) absl::StrAppend(&retry_words_, " --etag ", etag);
  return id;
}

std::string Session::RetryWords() const {
  if (retry_words_.empty()) return "";
  return absl::StrCat("  to repeat it safely, add: ", retry_words_, retry_flags_.empty() ? "" : " ",
                      retry_flags_, "\n");
}

void Session::Show(const google::protobuf::Message& message, absl::string_view table) {
  if (flags_.output == kName) return ShowNames(NamesIn(message));
  if (flags_.output == kJson) {
    surroundings_.out << ToJson(message);
  } else if (flags_.output == kYaml) {
    surroundings_.out << MessageAsYaml(message);
  } else {
    surroundings_.out << table << VersionOf(message, screen_);
  }
}

void Session::Show(const nlohmann::ordered_json& document, absl::string_view table) {
  if (flags_.output == kName) return ShowNames(NamesIn(document));
  if (flags_.output == kJson) {
    surroundings_.out << document.dump(/*indent=*/1) << "\n";
  } else if (flags_.output == kYaml) {
    surroundings_.out << ToYaml(document);
  } else {
    surroundings_.out << table;
  }
}

void Session::ShowNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) surroundings_.out << name << "\n";
  if (names.empty()) Note("There is no name of a resource in it.");
}

void Session::Note(absl::string_view words) {
  const int width = ErrorWidth(terminal(), environment());
  surroundings_.err << (width == 0 ? std::string(words) : WrapIndented(words, width)) << "\n";
}

bool Session::Ask(absl::string_view question) {
  surroundings_.err << Clean(std::string(question)) << " [y/N] " << std::flush;
  std::string answer;
  std::getline(surroundings_.in, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

}  // namespace trialgate::cli
