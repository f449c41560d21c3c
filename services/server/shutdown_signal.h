// Waiting to be asked to end.
#ifndef TRIALGATE_SERVICES_SERVER_SHUTDOWN_SIGNAL_H_
#define TRIALGATE_SERVICES_SERVER_SHUTDOWN_SIGNAL_H_

#include <csignal>

namespace trialgate::server {

// Holds back SIGTERM and SIGINT in this thread and those that it starts from now on. Make it before
// any other thread.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // Blocks until one of them comes, and returns it. A second one then ends the process at once.
  int Wait();

 private:
  sigset_t signals_;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_SHUTDOWN_SIGNAL_H_
