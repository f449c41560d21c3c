#include "tests/unit/pack/danish_pack.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trialgate {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "deploy/packs/denmark";

template <typename Records>
void PutAll(const Records& records, directory::DirectorySnapshotBuilder* builder) {
  for (const auto& record : records) builder->Put(record);
}

}  // namespace

directory::PackFiles DanishPackFiles(bool with_sample) {
  directory::PackFiles files;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    const std::string path = fs::relative(entry.path(), kFolder).generic_string();
    const bool sample = path.rfind("sample/", 0) == 0;
    if (entry.path().extension() != ".json" || (sample && !with_sample)) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    v1::PackFile* file = files.Add();
    file->set_path(path);
    file->set_content(content.str());
  }
  return files;
}

v1::Pack DanishPack(bool with_sample) {
  directory::Faults faults;
  v1::Pack pack = directory::LoadPack(DanishPackFiles(with_sample), with_sample, &faults).pack;
  for (const directory::Fault& fault : faults.kept()) {
    ADD_FAILURE() << fault.place.file << ": " << fault.place.at << " " << fault.description;
  }
  return pack;
}

std::shared_ptr<const directory::DirectorySnapshot> DanishDirectory(bool with_sample) {
  const v1::Pack pack = DanishPack(with_sample);
  directory::DirectorySnapshotBuilder builder;
  PutAll(pack.regions(), &builder);
  PutAll(pack.desks(), &builder);
  PutAll(pack.contacts(), &builder);
  PutAll(pack.calendars(), &builder);
  PutAll(pack.organizations(), &builder);
  PutAll(pack.sites(), &builder);
  PutAll(pack.capacities(), &builder);
  builder.PutSettings(pack);
  return builder.Build(1);
}

}  // namespace trialgate
