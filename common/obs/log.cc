#include "common/obs/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace trialgate::obs {
namespace {

struct LevelWord {
  Level level;
  absl::string_view word;
  spdlog::level::level_enum spd;
};
constexpr std::array<LevelWord, 4> kLevels = {{{Level::kDebug, "debug", spdlog::level::debug},
                                               {Level::kInfo, "info", spdlog::level::info},
                                               {Level::kWarning, "warning", spdlog::level::warn},
                                               {Level::kError, "error", spdlog::level::err}}};

const LevelWord& WordOf(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

// Never destroyed: threads may log while the process ends.
spdlog::logger& Stderr() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("trialgate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::atomic<Level>& CurrentLevel() {
  static std::atomic<Level> level{Level::kInfo};
  return level;
}

struct Sink {
  Mutex mu;
  std::function<void(absl::string_view)> function ABSL_GUARDED_BY(mu);
  std::atomic<bool> set{false};
};

Sink& TestSink() {
  static Sink* const sink = new Sink;
  return *sink;
}

void Write(Level level, const std::string& line) {
  Sink& sink = TestSink();
  if (sink.set) {
    MutexLock lock(&sink.mu);
    if (sink.function) return sink.function(line);
  }
  // Passed as an argument: the line is no format.
  Stderr().log(WordOf(level).spd, "{}", line);
}

}  // namespace

struct LogLine::Fields {
  Level level;
  nlohmann::ordered_json json;
};

void SetLogLevel(Level level) { CurrentLevel() = level; }

Level LogLevel() { return CurrentLevel(); }

std::string LevelName(Level level) { return std::string(WordOf(level).word); }

std::optional<Level> ParseLevel(absl::string_view name) {
  for (const LevelWord& known : kLevels) {
    if (known.word == name) return known.level;
  }
  return std::nullopt;
}

void SetLogSink(std::function<void(absl::string_view line)> sink) {
  Sink& current = TestSink();
  MutexLock lock(&current.mu);
  current.set = static_cast<bool>(sink);
  current.function = std::move(sink);
}

LogLine::LogLine(Level level, Literal event) {
  if (level < LogLevel()) return;
  fields_ = std::make_unique<Fields>();
  fields_->level = level;
  fields_->json["ts"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  fields_->json["level"] = LevelName(level);
  fields_->json["event"] = std::string(event.text());
}

LogLine::~LogLine() {
  if (fields_ == nullptr) return;
  Write(fields_->level,
        fields_->json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

LogLine& LogLine::WithText(absl::string_view key, absl::string_view value) {
  if (fields_ != nullptr) fields_->json[std::string(key)] = std::string(value);
  return *this;
}

LogLine& LogLine::WithNumber(absl::string_view key, double value) {
  if (fields_ != nullptr) fields_->json[std::string(key)] = value;
  return *this;
}

LogLine& LogLine::WithFlag(absl::string_view key, bool value) {
  if (fields_ != nullptr) fields_->json[std::string(key)] = value;
  return *this;
}

LogLine& LogLine::WithInteger(absl::string_view key, std::int64_t value) {
  if (fields_ != nullptr) fields_->json[std::string(key)] = value;
  return *this;
}

}  // namespace trialgate::obs
