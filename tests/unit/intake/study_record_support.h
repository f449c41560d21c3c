// What tests of the import share: the shipped pack's settings, and files beside the repository.
#ifndef TRIALGATE_TESTS_UNIT_INTAKE_STUDY_RECORD_SUPPORT_H_
#define TRIALGATE_TESTS_UNIT_INTAKE_STUDY_RECORD_SUPPORT_H_

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "trialgate/v1/pack.pb.h"

namespace trialgate::intake {

// Empty where the file cannot be read. ctest runs in the repository's root.
inline std::string FileContent(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// The country and the condition rules of the Danish pack.
inline v1::Pack DanishSettings() {
  v1::Pack settings;
  for (const char* name : {"country.json", "specialities.json", "conditions.json"}) {
    v1::Pack part;
    const std::string json =
        FileContent(std::filesystem::path("deploy/packs/denmark") / std::string(name));
    const auto status = google::protobuf::util::JsonStringToMessage(json, &part);
    EXPECT_TRUE(status.ok()) << name << ": " << status.ToString();
    settings.MergeFrom(part);
  }
  return settings;
}

// A small study record in words that need no quoting: `'` stands for `"`.
inline std::string Json(std::string text) {
  for (char& c : text) {
    if (c == '\'') c = '"';
  }
  return text;
}

// A record that has all that is required, with `more` members of protocolSection.
inline std::string RecordWith(const std::string& more) {
  return Json("{'protocolSection': {'conditionsModule': {'conditions': ['Asthma']}" +
              (more.empty() ? "" : ", " + more) + "}}");
}

// The folder of real reference data, which need not be there.
inline std::filesystem::path DataDir() {
  const char* dir = std::getenv("TRIALGATE_DATA_DIR");
  return dir != nullptr ? dir : "../shared/data";
}

}  // namespace trialgate::intake

#endif  // TRIALGATE_TESTS_UNIT_INTAKE_STUDY_RECORD_SUPPORT_H_
