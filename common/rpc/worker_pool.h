// Threads that run tasks from a bounded queue.
#ifndef TRIALGATE_COMMON_RPC_WORKER_POOL_H_
#define TRIALGATE_COMMON_RPC_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace trialgate::rpc {

// Thread-safe.
class WorkerPool {
 public:
  // Both at least 1. `max_queued` counts the tasks that wait for a thread.
  WorkerPool(int threads, std::size_t max_queued);
  // Runs what is queued, then ends. No task may still call TryRun.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues `task` and returns true; false, without having kept it, where too many wait already.
  [[nodiscard]] bool TryRun(std::function<void()> task);

 private:
  void Work();

  const std::size_t max_queued_;
  Mutex mu_;
  CondVar changed_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_WORKER_POOL_H_
