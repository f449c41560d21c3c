// A directory as the files of a pack. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_EXPORT_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_EXPORT_H_

#include "absl/status/statusor.h"
#include "services/directory/directory_snapshot.h"
#include "services/directory/pack.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

struct PackExport {
  // By path; laid out as deploy/packs/denmark is: a file for each list, sites by region, what is
  // invented in a file of its own.
  PackFiles files;
  // Whether `pack` holds invented values, exported or not.
  bool holds_sample = false;
};

// The files of `pack` (pack_of.h). Of a site whose invented history does not stand last, or whose
// whole profile is invented, all lies in the file of what is invented. RESOURCE_EXHAUSTED
// (PACK_TOO_LARGE): the files would be refused for their size (pack.h).
absl::StatusOr<PackExport> ExportPack(const v1::Pack& pack, bool include_sample);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_EXPORT_H_
