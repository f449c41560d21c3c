// Ids of resources and commits: without meaning, and not to be guessed.
#ifndef TRIALGATE_COMMON_BASE_IDS_H_
#define TRIALGATE_COMMON_BASE_IDS_H_

#include <string>

namespace trialgate {

// Thread-safe.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;

  // A new id: 26 characters of [a-z2-7], never returned before.
  virtual std::string NewId() = 0;
};

// 128 random bits from the operating system. Ends the process if the system has none to give:
// nothing is safe without ids.
class RandomIds final : public IdGenerator {
 public:
  std::string NewId() override;
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_IDS_H_
