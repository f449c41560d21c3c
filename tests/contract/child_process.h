// A program started by a test, with its standard input and output.
#ifndef TRIALGATE_TESTS_CONTRACT_CHILD_PROCESS_H_
#define TRIALGATE_TESTS_CONTRACT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace trialgate {

class ChildProcess {
 public:
  // Starts the program; ends the test process if that fails.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  // Closes its input and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its next line, without the newline; what is left at its end.
  std::string ReadLine();

  // Closes its input, waits for its end and returns its exit code; -1 after a signal.
  int CloseAndWait();

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_CONTRACT_CHILD_PROCESS_H_
