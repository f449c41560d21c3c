#include "common/store/chain_walker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace trialgate::store {

using storage::v1::CommitRecord;
using Kind = ChainFault::Kind;

ChainWalker::ChainWalker(CommitNumber next, std::string prev_hash)
    : place_(next), expected_({{next, {std::move(prev_hash)}}}) {}

std::optional<ChainFault> ChainWalker::Add(const CommitRecord& record) {
  const auto expected = std::find_if(expected_.begin(), expected_.end(), [&](const Expected& one) {
    return one.number == record.number();
  });
  const std::string hash = CommitHash(record);
  if (record.hash() != hash) {
    const CommitNumber number = expected != expected_.end() ? record.number() : place_;
    place_ = number + 1;
    // Either the hash was changed, or something that it is computed from.
    expected_ = {{place_, {record.hash(), hash}}};
    return ChainFault{Kind::kHash, number, "its record was changed: the hash does not fit"};
  }
  if (expected == expected_.end()) return OutOfPlace(record);
  const std::vector<std::string>& before = expected->prev_hashes;
  const bool follows =
      before.empty() || std::find(before.begin(), before.end(), record.prev_hash()) != before.end();
  place_ = record.number() + 1;
  expected_ = {{place_, {hash}}};
  if (follows) return std::nullopt;
  return ChainFault{Kind::kPrevHash, record.number(),
                    "it does not follow from the commit before it"};
}

ChainFault ChainWalker::OutOfPlace(const CommitRecord& record) {
  ChainFault fault{Kind::kNumber, place_,
                   absl::StrCat("its record bears the number ", record.number())};
  if (record.number() > place_) {
    fault.kind = Kind::kMissing;
    fault.description = absl::StrCat("the feed has commit ", record.number(), " in its place");
  }
  GoOnAnyhow({{record.number() + 1, {record.hash()}}});
  return fault;
}

ChainFault ChainWalker::AddUnreadable(std::string why) {
  ChainFault fault{Kind::kUnreadable, place_, std::move(why)};
  GoOnAnyhow({});
  return fault;
}

void ChainWalker::GoOnAnyhow(std::vector<Expected> further) {
  Expected due = expected_.front();
  ++place_;
  expected_ = {std::move(due), {place_, {}}};
  for (Expected& one : further) expected_.push_back(std::move(one));
}

bool ChainWalker::MayEndAfter(CommitNumber last) const {
  return std::any_of(expected_.begin(), expected_.end(),
                     [&](const Expected& one) { return one.number == last + 1; });
}

}  // namespace trialgate::store
