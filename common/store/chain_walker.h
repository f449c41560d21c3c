// Whether records follow each other, one after the other: what a stored feed and an exported one
// have in common when they are verified.
#ifndef TRIALGATE_COMMON_STORE_CHAIN_WALKER_H_
#define TRIALGATE_COMMON_STORE_CHAIN_WALKER_H_

#include <optional>
#include <string>
#include <vector>

#include "common/store/chain.h"

namespace trialgate::store {

// Not thread-safe; copies go on apart.
class ChainWalker {
 public:
  // The first record must have the number `next` and follow from `prev_hash`.
  ChainWalker(CommitNumber next, std::string prev_hash);

  // Takes the next record that was read. Its fault; none: it follows. The fault's number is the
  // place: that of the commit that should have come. After a fault it goes on with whatever record
  // fits next: one that was lost, inserted or exchanged costs a fault each, not all that follow.
  std::optional<ChainFault> Add(const storage::v1::CommitRecord& record);

  // Takes note that what stands in the place of the next record cannot be read.
  ChainFault AddUnreadable(std::string why);

  // The place of the next record.
  CommitNumber next() const { return place_; }
  // Whether nothing is missing if commit `last` is the last one.
  bool MayEndAfter(CommitNumber last) const;

 private:
  // A record that may come, with the hashes that it may follow from; none: from any.
  struct Expected {
    CommitNumber number;
    std::vector<std::string> prev_hashes;
  };

  ChainFault OutOfPlace(const storage::v1::CommitRecord& record);
  // After something that does not belong: it was inserted, and what is due still comes; or it
  // stands in the place of what is due, and the one after comes; or `further`.
  void GoOnAnyhow(std::vector<Expected> further);

  CommitNumber place_;
  // The first one is what is due; the others are what may come after a fault.
  std::vector<Expected> expected_;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_CHAIN_WALKER_H_
