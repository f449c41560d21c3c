// Ctrl-C where something must be said, or be finished, before the program ends.
#ifndef TRIALGATE_TOOLS_CLI_INTERRUPT_H_
#define TRIALGATE_TOOLS_CLI_INTERRUPT_H_

#include <signal.h>

#include "absl/time/time.h"

namespace trialgate::cli {

// While it lives, SIGINT and SIGTERM wait; afterwards they end the program as ever. For the main
// thread, while there is no other.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  sigset_t before_;
};

// From now on SIGINT and SIGTERM end the program at once, with the exit code 0: for what only
// watches, and has nothing to finish.
void ExitQuietlyOnInterrupt();

// Whether a signal waits.
bool IsInterrupted();

// Pauses for `span`, or until a signal waits: false then.
bool WaitUnlessInterrupted(absl::Duration span);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_INTERRUPT_H_
