#include "tests/conformance/case_files.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace trialgate::conformance {

std::filesystem::path CaseFolder() {
  const char* folder = std::getenv("TRIALGATE_CONFORMANCE_DIR");
  return folder != nullptr && *folder != '\0' ? folder : "../shared/conformance";
}

std::vector<CaseFile> ReadCases(const std::string& folder) {
  std::vector<CaseFile> cases;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(CaseFolder() / folder, error)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream stream(file.path());
    cases.push_back(
        {file.path().string(), nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false)});
  }
  std::sort(cases.begin(), cases.end(),
            [](const CaseFile& a, const CaseFile& b) { return a.path < b.path; });
  return cases;
}

}  // namespace trialgate::conformance
