// Holds a store's folder, as another server would: `store_holder FOLDER` opens it, says "open" (or
// the error) on standard output, and closes it at the end of standard input.
#include <iostream>
#include <string>

#include "common/store/rocksdb_store.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  trialgate::store::RocksDbStoreOptions options;
  options.folder = argv[1];
  const auto store = trialgate::store::OpenRocksDbStore(options);
  if (!store.ok()) {
    std::cout << store.status() << std::endl;
    return 1;
  }
  std::cout << "open" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return 0;
}
