// Ids that a test can foretell.
#ifndef TRIALGATE_TESTS_SUPPORT_FAKE_IDS_H_
#define TRIALGATE_TESTS_SUPPORT_FAKE_IDS_H_

#include <atomic>
#include <string>
#include <utility>

#include "common/base/ids.h"

namespace trialgate {

// Thread-safe. Gives "id1", "id2" … or the same with another prefix.
class FakeIds final : public IdGenerator {
 public:
  explicit FakeIds(std::string prefix = "id") : prefix_(std::move(prefix)) {}

  std::string NewId() override { return prefix_ + std::to_string(++last_); }

 private:
  const std::string prefix_;
  std::atomic<int> last_ = 0;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_FAKE_IDS_H_
