// The structured log: one JSON object per line on standard error.
//
//   obs::LogLine(obs::Level::kInfo, "listening")
//       .With("address", obs::Public(address))
//       .With("port", port);
//
//   {"ts":"2026-11-22T03:04:05.123456Z","level":"info","event":"listening","address":...}
//
// No secret, no token, no content of a request and nothing of a person goes in. A line takes
// numbers and texts that are part of the program; any other text only by the word Public, so that
// none gets in unseen and each place can be looked at. tests/e2e/logs_test.py searches the logs of
// the whole suite. Bytes that are not UTF-8 are replaced. Thread-safe.
#ifndef TRIALGATE_COMMON_OBS_LOG_H_
#define TRIALGATE_COMMON_OBS_LOG_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

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

// A text that is part of the program: the compiler takes constants only.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT: implicit so that it is a text

  absl::string_view text() const { return text_; }

 private:
  const char* text_;
};

// A text that whoever reads the log may know: configuration, addresses, names of methods and files,
// codes, digests, words of the system. Never a string of a message of the API: its name and codes
// say enough.
struct Public {
  explicit Public(absl::string_view words) : text(words) {}

  // Not owned.
  absl::string_view text;
};

// One line, written when it goes out of scope. The last value of a key holds.
class LogLine {
 public:
  // `event` is short.
  LogLine(Level level, Literal event);
  ~LogLine();
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  LogLine& With(Literal key, Public value) { return WithText(key.text(), value.text); }
  LogLine& With(Literal key, Literal value) { return WithText(key.text(), value.text()); }
  LogLine& With(Literal key, std::floating_point auto value) {
    return WithNumber(key.text(), static_cast<double>(value));
  }
  LogLine& With(Literal key, std::same_as<bool> auto value) { return WithFlag(key.text(), value); }
  LogLine& With(Literal key,
                std::integral auto value) requires(!std::same_as<decltype(value), bool>) {
    return WithInteger(key.text(), static_cast<std::int64_t>(value));
  }

 private:
  struct Fields;
  LogLine& WithText(absl::string_view key, absl::string_view value);
  LogLine& WithNumber(absl::string_view key, double value);
  LogLine& WithFlag(absl::string_view key, bool value);
  LogLine& WithInteger(absl::string_view key, std::int64_t value);

  std::unique_ptr<Fields> fields_;  // null: the line is dropped
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_LOG_H_
