// The conformance cases: where they lie, and how a folder of them is read.
#ifndef TRIALGATE_TESTS_CONFORMANCE_CASE_FILES_H_
#define TRIALGATE_TESTS_CONFORMANCE_CASE_FILES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace trialgate::conformance {

struct CaseFile {
  std::string path;  // for messages
  nlohmann::json json;
};

// TRIALGATE_CONFORMANCE_DIR, or ../shared/conformance.
std::filesystem::path CaseFolder();

// The *.json files of a folder below CaseFolder(), by name; empty where the folder is not there.
// One that is not JSON is returned as a discarded value: comparing it fails.
std::vector<CaseFile> ReadCases(const std::string& folder);

}  // namespace trialgate::conformance

#endif  // TRIALGATE_TESTS_CONFORMANCE_CASE_FILES_H_
