// A country's pack: a folder of proto3 JSON files that together are one v1.Pack.
//
//   Faults faults;
//   const JoinedPack joined = LoadPack(files, /*allow_sample=*/false, &faults);
//   if (!faults.empty()) return FaultsError(faults);
//   Use(joined.pack);
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/fault.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

inline constexpr int kMaxPackFiles = 64;
inline constexpr std::size_t kMaxPackFileBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxPackBytes = std::size_t{12} << 20;

using PackFiles = google::protobuf::RepeatedPtrField<v1::PackFile>;

// The files of a pack joined, and where each part is from.
struct JoinedPack {
  v1::Pack pack;
  // By name of a field of Pack: the place of each element, or of the single field.
  std::map<std::string, std::vector<Place>> places;
  // Whether every file could be read: otherwise what seems to be missing may lie in one of them.
  bool complete = true;
};

// Reads and joins the files, in order of their paths. Faults: limits; a path that is empty or given
// twice; malformed JSON (with line and column); unknown fields and enum values, values of the wrong
// type; a single field in two files.
JoinedPack JoinPack(const PackFiles& files, Faults* faults);

// Checks everything that a pack promises: names, references, successors, validity, ranges, one
// secretariat on every day, a desk for every region on each of its days, rules, policy, sources.
// Texts that hold the number of a person are told alone. Without `allow_sample`, values with source
// SAMPLE are a fault (SAMPLE_NOT_ALLOWED), one for each file, which names the first and counts
// them.
void CheckPack(const JoinedPack& joined, bool allow_sample, Faults* faults);

// Checks an organization by the same rules; `name` may be absent where `name_required` is false.
void CheckOrganization(const v1::Organization& organization, const Place& place, bool name_required,
                       Faults* faults);

// Checks slots and months of a capacity; name and source are not looked at.
void CheckCapacity(const v1::SiteCapacity& capacity, const Place& place, Faults* faults);

// Joins, checks, and lays site_values over their sites (start-up replaced, a phase replaced by that
// of the same phase, history appended). Records come without etag, capacities as Canonical() has
// them and without holds. Of use only where no fault was added.
JoinedPack LoadPack(const PackFiles& files, bool allow_sample, Faults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_H_
