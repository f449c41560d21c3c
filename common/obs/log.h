// The structured log: one JSON object per line on standard error.
//
//   obs::LogLine(obs::Level::kInfo, "listening").With("address", address).With("port", port);
//
//   {"ts":"2026-11-22T03:04:05.123456Z","level":"info","event":"listening","address":...}
//
// Nothing secret and no content of requests goes in: names of resources, ids, codes, numbers. Bytes
// that are not UTF-8 are replaced. Thread-safe.
#ifndef TRIALGATE_COMMON_OBS_LOG_H_
#define TRIALGATE_COMMON_OBS_LOG_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace trialgate {
class Secret;
}  // namespace trialgate

namespace trialgate::obs {

enum class Level { kDebug, kInfo, kWarning, kError };

// Lines below `level` are dropped from now on. At the start it is kInfo.
void SetLogLevel(Level level);
Level LogLevel();

// "debug", "info", "warning", "error", and back; none for another word.
std::string LevelName(Level level);
std::optional<Level> ParseLevel(absl::string_view name);

// Sends the lines to `sink` instead, each without its newline; null: standard error again. For
// tests: call it while nothing else logs. `sink` is called from one thread at a time.
void SetLogSink(std::function<void(absl::string_view line)> sink);

// One line, written when it goes out of scope. The last value of a key holds.
class LogLine {
 public:
  // `event` is a constant short text without variable parts.
  LogLine(Level level, absl::string_view event);
  ~LogLine();
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  LogLine& With(absl::string_view key, absl::string_view value);
  LogLine& With(absl::string_view key, const char* value) {
    return With(key, absl::string_view(value));
  }
  LogLine& With(absl::string_view key, const std::string& value) {
    return With(key, absl::string_view(value));
  }
  // A secret is not logged, by intent: this does not compile.
  LogLine& With(absl::string_view key, const Secret& value) = delete;
  LogLine& With(absl::string_view key, double value);
  LogLine& With(absl::string_view key, bool value);
  template <std::integral Integer>
  LogLine& With(absl::string_view key, Integer value) {
    return WithInteger(key, static_cast<std::int64_t>(value));
  }

 private:
  struct Fields;
  LogLine& WithInteger(absl::string_view key, std::int64_t value);

  std::unique_ptr<Fields> fields_;  // null: the line is dropped
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_LOG_H_
