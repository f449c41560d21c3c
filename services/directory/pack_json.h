// Reads one file of a pack, and says of every fault where it is.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_JSON_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_JSON_H_

#include <optional>

#include "services/directory/fault.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// The message that the proto3 JSON of `file` is, without fields that are not known (each of which
// is a fault). None where a fault keeps it from being read: malformed JSON, the same key twice in
// an object, a value of the wrong type or an unknown enum value.
std::optional<v1::Pack> ReadPackJson(const v1::PackFile& file, Faults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_JSON_H_
