#include "common/store/chain_witness.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/store/checkpoint.h"

namespace trialgate::store {

using storage::v1::Checkpoint;
using Kind = ChainFault::Kind;

ChainWitness::ChainWitness(const ChainKnowledge* knowledge, std::string trail)
    : knowledge_(knowledge), trail_(std::move(trail)) {}

std::optional<ChainFault> ChainWitness::AddCommit(CommitNumber number, absl::string_view hash) {
  if (first_ == 0) first_ = number;
  if (number == 1 && trail_.empty()) trail_ = std::string(hash);
  hashes_.emplace_back(number, hash);
  if (hashes_.size() > kMaxCheckpointDelay) hashes_.pop_front();
  const auto kept = knowledge_->kept_heads.find(number);
  if (kept == knowledge_->kept_heads.end() || kept->second == hash) return std::nullopt;
  return ChainFault{Kind::kCheckpoint, number,
                    absl::StrCat("its hash was ", absl::BytesToHexString(kept->second),
                                 " when it was kept elsewhere")};
}

std::optional<ChainFault> ChainWitness::AddCheckpoint(absl::string_view value,
                                                      CommitNumber stored_by) {
  const auto checkpoint = ReadCheckpoint(value);
  if (!checkpoint.ok()) {
    return ChainFault{Kind::kCheckpoint, stored_by, "the checkpoint that it stored is unreadable"};
  }
  std::string wrong = Test(*checkpoint, stored_by);
  if (wrong.empty()) return std::nullopt;
  return ChainFault{Kind::kCheckpoint, stored_by,
                    absl::StrCat("the checkpoint that it stored, over the commits up to ",
                                 checkpoint->number(), ", ", wrong)};
}

std::string ChainWitness::Test(const Checkpoint& checkpoint, CommitNumber stored_by) {
  if (std::string wrong = TestSignature(checkpoint); !wrong.empty()) return wrong;
  if (checkpoint.number() < 1 || checkpoint.number() >= stored_by) return "covers itself";
  if (trail_.empty()) trail_ = checkpoint.trail();
  if (checkpoint.trail() != trail_) return "is one of another trail";
  if (first_ == 0 || checkpoint.number() < first_) return "";
  const auto covered = std::find_if(hashes_.rbegin(), hashes_.rend(), [&](const auto& known) {
    return known.first <= checkpoint.number();
  });
  if (covered == hashes_.rend() || covered->first != checkpoint.number()) {
    return "covers a commit that was not seen shortly before";
  }
  if (covered->second != checkpoint.hash()) {
    return "does not have the hash of that commit: the trail was written anew";
  }
  ++checkpoints_;
  signed_through_ = std::max(signed_through_, checkpoint.number());
  return "";
}

std::string ChainWitness::TestSignature(const Checkpoint& checkpoint) const {
  const auto& keys = knowledge_->public_keys;
  if (keys.empty()) return "";
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const Ed25519PublicKey& known) {
    return known.id() == checkpoint.key_id();
  });
  if (key == keys.end()) {
    return absl::StrCat("is signed with the key ", absl::BytesToHexString(checkpoint.key_id()),
                        ", which is none of those given");
  }
  if (!key->Verifies(CheckpointBytes(checkpoint), checkpoint.signature())) {
    return "has a signature that does not fit";
  }
  return "";
}

std::optional<ChainFault> ChainWitness::AddEnd(CommitNumber last) const {
  const auto beyond = knowledge_->kept_heads.upper_bound(last);
  if (beyond == knowledge_->kept_heads.end()) return std::nullopt;
  return ChainFault{Kind::kMissing, last + 1,
                    absl::StrCat("the trail ends before commit ", beyond->first,
                                 ", whose hash was kept elsewhere")};
}

}  // namespace trialgate::store
