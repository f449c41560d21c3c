// A folder that is there for the length of a test.
#ifndef TRIALGATE_TESTS_SUPPORT_TEMP_DIR_H_
#define TRIALGATE_TESTS_SUPPORT_TEMP_DIR_H_

#include <string>

namespace trialgate {

class TempDir {
 public:
  // Makes an empty folder below TMPDIR or /tmp; ends the process if that fails.
  TempDir();
  // Removes it with all that is in it.
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // path() + "/" + name.
  std::string Sub(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_TEMP_DIR_H_
