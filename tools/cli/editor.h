// The reader's editor, and the files that it is given.
#ifndef TRIALGATE_TOOLS_CLI_EDITOR_H_
#define TRIALGATE_TOOLS_CLI_EDITOR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/cli/context_file.h"

namespace trialgate::cli {

// The words of `command`, as a shell splits them: at spaces, but for those in '…' or "…" or after a
// "\". Nothing is expanded. A fault of usage where a quote is not closed.
absl::StatusOr<std::vector<std::string>> SplitCommand(absl::string_view command);

// The command of the editor: that of VISUAL, else of EDITOR, else `editor`.
absl::StatusOr<std::vector<std::string>> ChooseEditor(const Environment& environment);

// Runs `command` with `file` as its last argument, without a shell, and waits for its end. A fault
// of usage if it cannot be run, or ends with another code than 0.
absl::Status RunEditor(std::vector<std::string> command, const std::string& file);

// A file in a folder of its own that nobody else can read, in which an editor may put more. Both
// are gone when it dies, unless it is kept.
class FormFile {
 public:
  // `name` is the file's; the folder is made in XDG_RUNTIME_DIR, else TMPDIR, else /tmp. A fault of
  // usage if that fails.
  static absl::StatusOr<FormFile> Create(const Environment& environment, const std::string& name);
  ~FormFile();
  FormFile(FormFile&& other) noexcept;
  FormFile& operator=(FormFile&&) = delete;

  const std::string& path() const { return path_; }
  absl::Status Write(absl::string_view content) const;
  // A fault of usage where it has more bytes than any message of the API, or cannot be read.
  absl::StatusOr<std::string> Read() const;
  void Keep() { kept_ = true; }

 private:
  FormFile(std::string folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}

  std::string folder_;
  std::string path_;
  bool kept_ = false;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_EDITOR_H_
