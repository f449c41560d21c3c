#include "tests/unit/directory/tiny_pack.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"
#include "services/directory/pack.h"

namespace trialgate::directory {
namespace {

constexpr char kFolder[] = "tests/testdata/tiny_pack";

}  // namespace

google::protobuf::RepeatedPtrField<v1::PackFile> ReadPackFolder(absl::string_view folder) {
  namespace fs = std::filesystem;
  google::protobuf::RepeatedPtrField<v1::PackFile> files;
  const fs::path root{std::string(folder)};
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    v1::PackFile* file = files.Add();
    file->set_path(fs::relative(entry.path(), root).generic_string());
    file->set_content({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  }
  return files;
}

google::protobuf::RepeatedPtrField<v1::PackFile> TinyPackFiles(bool sample) {
  google::protobuf::RepeatedPtrField<v1::PackFile> files;
  auto all = ReadPackFolder(kFolder);
  for (v1::PackFile& file : all) {
    if (sample || file.path().rfind("sample/", 0) != 0) *files.Add() = std::move(file);
  }
  return files;
}

v1::Pack TinyPack() {
  Faults faults;
  JoinedPack joined = LoadPack(TinyPackFiles(/*sample=*/true), /*allow_sample=*/true, &faults);
  EXPECT_TRUE(faults.empty());
  return joined.pack;
}

}  // namespace trialgate::directory
