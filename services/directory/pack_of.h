// A directory as one message. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_OF_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_OF_H_

#include <memory>

#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// All of `directory` as the pack that gives it: records by name, without etags; contacts without
// the fields of persons who were erased; capacities that somebody set, without holds and what is
// computed. Empty without a pack.
v1::Pack PackOf(const DirectorySnapshot& directory);

// `directory` once the records and settings of `pack` are applied to it, capacities aside; as of
// the same commit.
std::shared_ptr<const DirectorySnapshot> WithPack(const DirectorySnapshot& directory,
                                                  const v1::Pack& pack);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_OF_H_
