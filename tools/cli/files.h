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
#include "google/protobuf/repeated_ptr_field.h"

namespace trialgate::v1 {
class PackFile;
}  // namespace trialgate::v1

namespace trialgate::cli {

// The content of the file `path`, or of `in` for "-". A fault of usage if it cannot be read or has
// more than `limit` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t limit, std::istream& in);

// Reads `message` from `text`, which is proto3 JSON where it begins with "{", else YAML (see
// yaml.h). A fault of usage with every fault if it is not one, each at "WHERE:LINE:COLUMN: field",
// with `where` as WHERE. Returns the names of the message's own fields that stand in it.
absl::StatusOr<std::vector<std::string>> ParseMessage(const std::string& where,
                                                      const std::string& text,
                                                      google::protobuf::Message* message);

// The same of the file `path` ("-": `in`).
absl::StatusOr<std::vector<std::string>> ReadMessage(const std::string& path, std::istream& in,
                                                     google::protobuf::Message* message);

// `message` as proto3 JSON for programs: stable, one field a line, ended by '\n'.
std::string ToJson(const google::protobuf::Message& message);

// The files of a pack: of each folder among `paths` all *.json, with `sample` also those of its
// folder sample/, by name; single files as they are. Their paths are those below the folder. A
// fault of usage if one cannot be read, none is found, two have the same path, or they are more or
// larger than the server takes.
absl::StatusOr<std::vector<v1::PackFile>> ReadPack(const std::vector<std::string>& paths,
                                                   bool sample);

// Writes the files of a pack below `folder`, which is made where it is missing, for this user only:
// they hold persons' names. A fault of usage where the folder is not empty, a file's path leads out
// of it, or something cannot be written.
absl::Status WritePack(const std::string& folder,
                       const google::protobuf::RepeatedPtrField<v1::PackFile>& files);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_FILES_H_
