// The shipped Danish pack, read from deploy/packs/denmark. ctest runs in the repository's root.
#ifndef TRIALGATE_TESTS_UNIT_PACK_DANISH_PACK_H_
#define TRIALGATE_TESTS_UNIT_PACK_DANISH_PACK_H_

#include <memory>

#include "services/directory/directory_snapshot.h"
#include "services/directory/pack.h"

namespace trialgate {

// The files, with those under sample/ or without.
directory::PackFiles DanishPackFiles(bool with_sample);

// The pack loaded; its faults are added to the test's failures.
v1::Pack DanishPack(bool with_sample);

// The directory that it makes, as of commit 1.
std::shared_ptr<const directory::DirectorySnapshot> DanishDirectory(bool with_sample);

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_UNIT_PACK_DANISH_PACK_H_
