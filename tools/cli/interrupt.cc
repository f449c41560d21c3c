#include "tools/cli/interrupt.h"

#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace trialgate::cli {
namespace {

sigset_t Interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const sigset_t set = Interrupts();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

InterruptGuard::~InterruptGuard() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void ExitQuietlyOnInterrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { _exit(0); };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool IsInterrupted() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

bool WaitUnlessInterrupted(absl::Duration span) {
  const sigset_t set = Interrupts();
  const timespec length = absl::ToTimespec(span);
  const int caught = sigtimedwait(&set, nullptr, &length);
  if (caught < 0) return true;
  // It waits again, for whom it is meant.
  raise(caught);
  return false;
}

}  // namespace trialgate::cli
