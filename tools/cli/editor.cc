#include "tools/cli/editor.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/errors.h"
#include "tools/cli/files.h"
#include "tools/cli/private_file.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxFormBytes = 4 << 20;

std::string ValueOf(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitCommand(absl::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return UsageError(absl::StrCat("a quote is not closed in: ", command));
  return words;
}

absl::StatusOr<std::vector<std::string>> ChooseEditor(const Environment& environment) {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    ABSL_ASSIGN_OR_RETURN(std::vector<std::string> words, SplitCommand(ValueOf(environment, name)));
    if (!words.empty()) return words;
  }
  return std::vector<std::string>{"editor"};
}

absl::Status RunEditor(std::vector<std::string> command, const std::string& file) {
  const std::string program = command.front();
  command.push_back(file);
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ);
  const auto hint = [](absl::Status status) {
    return WithHint(std::move(status),
                    "name an editor in VISUAL or EDITOR, or give the form with --file");
  };
  if (failed != 0) {
    return hint(UsageError(absl::StrCat("the editor ", program, ": ", std::strerror(failed))));
  }
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0) {
    if (errno != EINTR) return UsageError(absl::StrCat(program, ": ", std::strerror(errno)));
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return absl::OkStatus();
  return hint(UsageError(absl::StrCat("the editor ", program, " failed: nothing was sent")));
}

absl::StatusOr<FormFile> FormFile::Create(const Environment& environment, const std::string& name) {
  std::string parent = ValueOf(environment, "XDG_RUNTIME_DIR");
  if (parent.empty()) parent = ValueOf(environment, "TMPDIR");
  if (parent.empty()) parent = "/tmp";
  std::string folder = absl::StrCat(parent, "/trialgate-XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) {
    return UsageError(absl::StrCat(parent, ": ", std::strerror(errno)));
  }
  return FormFile(folder, absl::StrCat(folder, "/", name));
}

FormFile::FormFile(FormFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      path_(std::move(other.path_)),
      kept_(std::exchange(other.kept_, true)) {}

FormFile::~FormFile() {
  if (kept_) return;
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

absl::Status FormFile::Write(absl::string_view content) const {
  return WritePrivate(path_, content);
}

absl::StatusOr<std::string> FormFile::Read() const {
  std::ifstream none;
  return ReadFile(path_, kMaxFormBytes, none);
}

}  // namespace trialgate::cli
