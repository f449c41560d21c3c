// Messages and documents as YAML: what people read, and write into forms and files.
#ifndef TRIALGATE_TOOLS_CLI_YAML_H_
#define TRIALGATE_TOOLS_CLI_YAML_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "google/protobuf/message.h"
#include "nlohmann/json_fwd.hpp"

namespace trialgate::cli {

// `document` as YAML, each line ended by '\n': a map's keys in their order, a text over several
// lines as a block. What a reader could take for something else (a date, a number) is quoted.
std::string ToYaml(const nlohmann::ordered_json& document);

// `text` as YAML writes a single value: as it is where nothing else could be read from it, else
// quoted.
std::string YamlScalar(absl::string_view text);

// `text` as a block of lines after "|-" where it has several and reads the same so, else as
// YamlScalar; for the caller to indent.
std::string YamlText(absl::string_view text);

// Reads `message` from the YAML `text`, of which JSON is a part. Fields have the names of the API,
// as in the protos or as in proto3 JSON; values of enumerations may be written as ParseEnum takes
// them; a field whose value is empty or null is absent. Every fault is added to `faults` at its
// field, such as "offers[1].patients_claimed": an unknown field, a value of another kind, a key
// that stands twice; where `text` is no YAML at all, a single one without a field, which names the
// line. What is read without fault stands in `message`. Returns the names of its own fields that
// stand in the text, also those that are empty there.
std::vector<std::string> ReadYaml(absl::string_view text, google::protobuf::Message* message,
                                  FieldFaults* faults);

// Where a fault stands in a text: the first line is 1, the first column, too.
struct TextPlace {
  int line = 1;
  int column = 1;
};

// As above, with the place of each fault in `places`, in their order.
std::vector<std::string> ReadYaml(absl::string_view text, google::protobuf::Message* message,
                                  FieldFaults* faults, std::vector<TextPlace>* places);

// The line (0 is the first) where the field `path` of a fault stands in the YAML `text`, or the
// part of it that does ("offers[1]" where that has no such field); -1 where none does.
int LineOfField(absl::string_view text, absl::string_view path);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_YAML_H_
