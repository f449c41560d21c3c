// Files that the command line names.
#ifndef TRIALGATE_TOOLS_CLI_FILES_H_
#define TRIALGATE_TOOLS_CLI_FILES_H_

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace trialgate::v1 {
class PackFile;
}  // namespace trialgate::v1

namespace trialgate::cli {

// The content of the file `path`, or of `in` for "-". A fault of usage if it cannot be read or has
// more than `limit` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t limit, std::istream& in);

// Reads `message` from the proto3 JSON file `path` ("-": `in`). INVALID_ARGUMENT (MALFORMED_JSON,
// UNKNOWN_FIELD or INVALID_FORMAT), naming the file and the place, if it is not one.
absl::Status ReadJson(const std::string& path, std::istream& in,
                      google::protobuf::Message* message);

// `message` as proto3 JSON for programs: stable, one field a line, ended by '\n'.
std::string ToJson(const google::protobuf::Message& message);

// The files of a pack: of each folder among `paths` all *.json, with `sample` also those of its
// folder sample/, by name; single files as they are. Their paths are those below the folder. A
// fault of usage if one cannot be read, none is found, two have the same path, or they are more or
// larger than the server takes.
absl::StatusOr<std::vector<v1::PackFile>> ReadPack(const std::vector<std::string>& paths,
                                                   bool sample);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_FILES_H_
