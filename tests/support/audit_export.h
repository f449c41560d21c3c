// Trails of invented events, and their exports, for tests of verification.
#ifndef TRIALGATE_TESTS_SUPPORT_AUDIT_EXPORT_H_
#define TRIALGATE_TESTS_SUPPORT_AUDIT_EXPORT_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/ed25519.h"
#include "common/store/chain.h"
#include "common/store/store.h"
#include "tests/support/fake_clock.h"

namespace trialgate {

// A store with a trail of changes, reads and checkpoints. Not thread-safe.
class SampleTrail {
 public:
  // `events` in all; each `checkpoint_every`-th one stores a checkpoint.
  SampleTrail(int events, int checkpoint_every);

  store::Store& store() { return *store_; }
  // With the key of the checkpoints.
  const store::ChainKnowledge& knowledge() const { return knowledge_; }

  // The lines of its export, as the command line writes them, without line breaks.
  std::vector<std::string> Lines(store::CommitNumber first = 1, store::CommitNumber last = 0);

 private:
  void Change(int i);
  void Reads(int i);
  void Checkpoint();

  const Ed25519PrivateKey key_ = Ed25519PrivateKey::Generate();
  const store::ChainKnowledge knowledge_ = {{key_.public_key()}, {}};
  FakeClock clock_;
  std::unique_ptr<store::Store> store_;
};

// Lines joined into a file.
std::string FileOf(const std::vector<std::string>& lines);

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_AUDIT_EXPORT_H_
