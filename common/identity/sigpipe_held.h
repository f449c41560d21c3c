// Writing to a connection that the other side has closed raises SIGPIPE from within OpenSSL, which
// would end the process. Held back on this thread for the length of a scope, and then taken away.
#ifndef TRIALGATE_COMMON_IDENTITY_SIGPIPE_HELD_H_
#define TRIALGATE_COMMON_IDENTITY_SIGPIPE_HELD_H_

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace trialgate::identity {

class SigpipeHeld {
 public:
  SigpipeHeld() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeHeld() {
    const timespec at_once = {};
    if (!was_pending_) sigtimedwait(&sigpipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_;
};

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_SIGPIPE_HELD_H_
