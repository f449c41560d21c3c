#include "tests/unit/directory/pack_faults.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/directory/pack.h"
#include "tests/unit/directory/tiny_pack.h"

namespace trialgate::directory {

std::vector<std::string> Told(const Faults& faults) {
  std::vector<std::string> told;
  for (const Fault& fault : faults.kept()) {
    told.push_back(
        absl::StrCat(fault.place.file, ": ", fault.place.at, " ", ReasonName(fault.reason)));
  }
  return told;
}

std::vector<std::string> FaultsAfter(absl::string_view path,
                                     const std::function<void(v1::Pack*)>& change) {
  PackFiles files = TinyPackFiles(/*sample=*/true);
  for (v1::PackFile& file : files) {
    if (absl::string_view(file.path()) != path) continue;
    v1::Pack pack;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(file.content(), &pack).ok());
    change(&pack);
    file.clear_content();
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(pack, file.mutable_content()).ok());
  }
  Faults faults;
  LoadPack(files, /*allow_sample=*/true, &faults);
  return Told(faults);
}

}  // namespace trialgate::directory
