// The pack of an invented country (tests/testdata/tiny_pack), for tests of all areas.
#ifndef TRIALGATE_TESTS_UNIT_DIRECTORY_TINY_PACK_H_
#define TRIALGATE_TESTS_UNIT_DIRECTORY_TINY_PACK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// Its files, from the repository's root as working folder; those with invented values only where
// `sample` is true.
google::protobuf::RepeatedPtrField<v1::PackFile> TinyPackFiles(bool sample);

// The same, as one pack with the invented values laid over it. Fails the test if it has a fault.
v1::Pack TinyPack();

// The files of a pack that lie in `folder` and below.
google::protobuf::RepeatedPtrField<v1::PackFile> ReadPackFolder(absl::string_view folder);

}  // namespace trialgate::directory

#endif  // TRIALGATE_TESTS_UNIT_DIRECTORY_TINY_PACK_H_
