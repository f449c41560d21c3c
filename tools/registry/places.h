// Which hospital of a pack a registry means by "OUH", "Odense Universitet Hospital" or "DK-5000".
//
//   ABSL_ASSIGN_OR_RETURN(const Places places, ReadPlaces(yaml));
//   ABSL_ASSIGN_OR_RETURN(const FoundHospital found, places.Find(place, regions));
#ifndef TRIALGATE_TOOLS_REGISTRY_PLACES_H_
#define TRIALGATE_TOOLS_REGISTRY_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/registry/registered_trial.h"

namespace trialgate::registry {

inline constexpr std::size_t kMaxPlacesBytes = std::size_t{1} << 20;

// The words of a text as they are compared: small letters, parted by single blanks, with one before
// and one behind. Ways to write the same letter are one: "Århus", "Aarhus" and "Arhus"; "Køge",
// "Koege" and "Koge"; "Næstved", "Naestved"; "paediatric", "pediatric".
std::string PlainWords(absl::string_view text);

// The first four digits in a row: "DK- 2730" is "2730". Empty where there are none.
std::string PostcodeOf(absl::string_view text);

struct FoundHospital {
  // As the pack's sites name it.
  std::string hospital;
  // The text by which it was found, or in which the department may be named; may be empty.
  std::string text;
  // "name", "postcode", "city", "wider name".
  std::string by;
};

// One hospital and what registries call it.
struct HospitalNames {
  std::string hospital;
  // Code of the region in which it lies: "DK-83".
  std::string region_code;
  // Names that only it has; one that ends in "*" matches any ending.
  std::vector<std::string> names;
  // Names that may also mean another one, or stand for more: a university's. Read last.
  std::vector<std::string> wider_names;
  std::vector<std::string> postcodes;
  std::vector<std::string> cities;
};

// Words of a department that tell its speciality.
struct DepartmentWords {
  std::string speciality;
  std::vector<std::string> words;
};

// Immutable. Thread-safe.
class Places {
 public:
  Places(std::vector<HospitalNames> hospitals, std::vector<DepartmentWords> departments,
         std::map<std::string, std::int64_t> population);

  // The hospital of `place`: by a name that only it has (texts in order; in one text the first
  // named); else by the postcode; else by the city; else by a wider name. A hospital outside of the
  // place's region_code is passed over. NOT_FOUND with the reason in words.
  absl::StatusOr<FoundHospital> Find(const TrialPlace& place) const;

  // The specialities whose departments `text` names, in the order of the file.
  std::vector<std::string> SpecialitiesOf(absl::string_view text) const;

  const std::vector<HospitalNames>& hospitals() const { return hospitals_; }
  // Inhabitants by region code; may be empty.
  const std::map<std::string, std::int64_t>& population() const { return population_; }

 private:
  const HospitalNames* ByNames(const TrialPlace& place, bool wider, std::string* text) const;
  const HospitalNames* ByList(absl::string_view value, absl::string_view region_code,
                              std::vector<std::string> HospitalNames::*list) const;

  // Names, cities and words as PlainWords, without the last blank where any ending will do.
  std::vector<HospitalNames> hospitals_;
  std::vector<DepartmentWords> departments_;
  std::map<std::string, std::int64_t> population_;
};

// Reads the pack's file of places, YAML:
//
//   regions:
//   - {code: DK-83, population: 1217224}
//   hospitals:
//   - hospital: Odense University Hospital
//     region: DK-83
//     names: [odense university hospital, ouh]
//     wider: [university of southern denmark]
//     postcodes: ["5000"]
//     cities: [odense]
//   departments:
//   - {speciality: urologi, words: [urolog*]}
//
// INVALID_ARGUMENT where it is no such file: a hospital without name or region, an unknown key.
absl::StatusOr<Places> ReadPlaces(const std::string& yaml);

}  // namespace trialgate::registry

#endif  // TRIALGATE_TOOLS_REGISTRY_PLACES_H_
