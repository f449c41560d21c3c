// What a pack changes in a directory, record by record. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_DIFF_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_DIFF_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "google/protobuf/message.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/pack_diff.pb.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::directory {

inline constexpr int kMaxDifferences = 2000;
inline constexpr int kMaxFieldDifferences = 50;
inline constexpr int kMaxImpacts = 500;
inline constexpr int kMaxImpactReferrals = 20;
inline constexpr std::size_t kMaxShownBytes = 200;

// The fields in which two messages of one type differ, in the order of the type; of fields of
// persons only that they do.
std::vector<v1::FieldDifference> FieldsThatDiffer(const google::protobuf::Message& before,
                                                  const google::protobuf::Message& after);

// The differences and counts of DiffPackResponse. `pack` is a loaded one without faults, `applied`
// what holds once it is applied to `directory`: the same records, with what people set.
v1::DiffPackResponse DiffRecords(const DirectorySnapshot& directory, const v1::Pack& applied,
                                 const v1::Pack& pack);

// Adds the impacts on `open`, the open referrals as of the directory's commit.
void AddImpacts(const DirectorySnapshot& before, const DirectorySnapshot& after,
                const std::vector<v1::Referral>& open, absl::CivilDay today,
                v1::DiffPackResponse* response);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_DIFF_H_
