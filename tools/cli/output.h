// The forms in which data is written: for people, and for programs.
#ifndef TRIALGATE_TOOLS_CLI_OUTPUT_H_
#define TRIALGATE_TOOLS_CLI_OUTPUT_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "nlohmann/json_fwd.hpp"

namespace trialgate::cli {

// The values of -o: a screen, a screen with further columns as wide as it need be, proto3 JSON,
// the same as YAML, names of resources.
inline constexpr char kTable[] = "table";
inline constexpr char kWide[] = "wide";
inline constexpr char kJson[] = "json";
inline constexpr char kYaml[] = "yaml";
inline constexpr char kName[] = "name";

// The names of resources that `message` shows: its own, those of the elements of a list's answer,
// or those of the resource that it is about (what a submit stored). Empty where it has none.
std::vector<std::string> NamesIn(const google::protobuf::Message& message);

// The same of a document that is no message: the "name" of the elements of its list, or the
// only text that it holds.
std::vector<std::string> NamesIn(const nlohmann::ordered_json& document);

// `message` as the YAML of its proto3 JSON.
std::string MessageAsYaml(const google::protobuf::Message& message);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_OUTPUT_H_
