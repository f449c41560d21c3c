#include "tools/registry/places.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"
#include "yaml-cpp/yaml.h"

namespace trialgate::registry {
namespace {

constexpr std::size_t kPostcodeDigits = 4;

// A name as it stands within plain words; one that ends in "*" without the blank behind it.
std::string Needle(absl::string_view name) {
  const bool any_ending = absl::ConsumeSuffix(&name, "*");
  std::string words = PlainWords(name);
  if (any_ending) words.pop_back();
  return words;
}

void MakeNeedles(std::vector<std::string>* names) {
  for (std::string& name : *names) name = Needle(name);
}

bool IsIn(const HospitalNames& hospital, absl::string_view region_code) {
  return region_code.empty() || hospital.region_code == region_code;
}

absl::Status Fault(absl::string_view words) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS,
               absl::StrCat("the file of places: ", words));
}

std::vector<std::string> Texts(const YAML::Node& node) {
  std::vector<std::string> texts;
  for (const auto& one : node) texts.push_back(one.as<std::string>());
  return texts;
}

absl::Status CheckKeys(const YAML::Node& node, const std::set<std::string>& known) {
  if (!node.IsMap()) return Fault("each entry must be fields, such as `name: value`");
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (known.count(key) == 0) return Fault(absl::StrCat("\"", key, "\" is not known"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Places> ReadNodes(const YAML::Node& root) {
  if (auto status = CheckKeys(root, {"regions", "hospitals", "departments"}); !status.ok()) {
    return status;
  }
  std::map<std::string, std::int64_t> population;
  for (const auto& node : root["regions"]) {
    if (auto status = CheckKeys(node, {"code", "population"}); !status.ok()) return status;
    population[node["code"].as<std::string>()] = node["population"].as<std::int64_t>();
  }
  std::vector<HospitalNames> hospitals;
  for (const auto& node : root["hospitals"]) {
    auto status = CheckKeys(node, {"hospital", "region", "names", "wider", "postcodes", "cities"});
    if (!status.ok()) return status;
    hospitals.push_back({node["hospital"].as<std::string>(), node["region"].as<std::string>(),
                         Texts(node["names"]), Texts(node["wider"]), Texts(node["postcodes"]),
                         Texts(node["cities"])});
  }
  std::vector<DepartmentWords> departments;
  for (const auto& node : root["departments"]) {
    if (auto status = CheckKeys(node, {"speciality", "words"}); !status.ok()) return status;
    departments.push_back({node["speciality"].as<std::string>(), Texts(node["words"])});
  }
  return Places(std::move(hospitals), std::move(departments), std::move(population));
}

}  // namespace

std::string PlainWords(absl::string_view text) {
  // Letters with marks first; then pairs of letters that stand for one of them.
  const std::string folded = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"Æ", "ae"},
                                                                               {"æ", "ae"},
                                                                               {"Ä", "ae"},
                                                                               {"ä", "ae"},
                                                                               {"Ø", "oe"},
                                                                               {"ø", "oe"},
                                                                               {"Ö", "oe"},
                                                                               {"ö", "oe"},
                                                                               {"Å", "aa"},
                                                                               {"å", "aa"},
                                                                               {"É", "e"},
                                                                               {"é", "e"},
                                                                               {"ü", "u"},
                                                                               {"’", ""},
                                                                               {"'", ""},
                                                                               {"&", " and "}});
  std::string words = " ";
  for (const char letter : folded) {
    const auto byte = static_cast<unsigned char>(letter);
    if (absl::ascii_isalnum(byte) || byte >= 0x80) {
      words += letter;
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return absl::StrReplaceAll(words, {{"aa", "a"}, {"ae", "e"}, {"oe", "o"}});
}

std::string PostcodeOf(absl::string_view text) {
  std::string digits;
  for (const char letter : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(letter))) {
      digits += letter;
      if (digits.size() == kPostcodeDigits) return digits;
    } else {
      digits.clear();
    }
  }
  return "";
}

Places::Places(std::vector<HospitalNames> hospitals, std::vector<DepartmentWords> departments,
               std::map<std::string, std::int64_t> population)
    : hospitals_(std::move(hospitals)),
      departments_(std::move(departments)),
      population_(std::move(population)) {
  for (HospitalNames& hospital : hospitals_) {
    MakeNeedles(&hospital.names);
    MakeNeedles(&hospital.wider_names);
    MakeNeedles(&hospital.cities);
  }
  for (DepartmentWords& department : departments_) MakeNeedles(&department.words);
}

// Of names that begin at the same place the longest is meant.
const HospitalNames* Places::ByNames(const TrialPlace& place, bool wider, std::string* text) const {
  for (const std::string& candidate : place.texts) {
    const std::string words = PlainWords(candidate);
    const HospitalNames* first = nullptr;
    std::pair<std::size_t, std::size_t> best;
    for (const HospitalNames& hospital : hospitals_) {
      if (!IsIn(hospital, place.region_code)) continue;
      for (const std::string& name : wider ? hospital.wider_names : hospital.names) {
        const std::size_t at = words.find(name);
        if (at == std::string::npos) continue;
        const std::pair<std::size_t, std::size_t> rank(at, words.size() - name.size());
        if (first == nullptr || rank < best) {
          first = &hospital;
          best = rank;
        }
      }
    }
    if (first != nullptr) {
      *text = candidate;
      return first;
    }
  }
  return nullptr;
}

const HospitalNames* Places::ByList(absl::string_view value, absl::string_view region_code,
                                    std::vector<std::string> HospitalNames::*list) const {
  if (value.empty()) return nullptr;
  for (const HospitalNames& hospital : hospitals_) {
    const std::vector<std::string>& values = hospital.*list;
    if (IsIn(hospital, region_code) &&
        std::find(values.begin(), values.end(), value) != values.end()) {
      return &hospital;
    }
  }
  return nullptr;
}

absl::StatusOr<FoundHospital> Places::Find(const TrialPlace& place) const {
  std::string text = place.texts.empty() ? "" : place.texts.front();
  if (const auto* found = ByNames(place, /*wider=*/false, &text); found != nullptr) {
    return FoundHospital{found->hospital, text, "name"};
  }
  const std::string postcode = PostcodeOf(place.postcode);
  if (const auto* found = ByList(postcode, place.region_code, &HospitalNames::postcodes);
      found != nullptr) {
    return FoundHospital{found->hospital, text, "postcode"};
  }
  const std::string city = place.city.empty() ? "" : PlainWords(place.city);
  if (const auto* found = ByList(city, place.region_code, &HospitalNames::cities);
      found != nullptr && postcode.empty()) {
    return FoundHospital{found->hospital, text, "city"};
  }
  if (const auto* found = ByNames(place, /*wider=*/true, &text); found != nullptr) {
    return FoundHospital{found->hospital, text, "wider name"};
  }
  return absl::NotFoundError(absl::StrCat(
      "no hospital of the pack is known by \"", absl::StrJoin(place.texts, "; "), "\", ",
      place.postcode.empty() ? "no postcode" : absl::StrCat("postcode ", place.postcode), ", ",
      place.city.empty() ? "no city" : absl::StrCat("city ", place.city)));
}

std::vector<std::string> Places::SpecialitiesOf(absl::string_view text) const {
  const std::string words = PlainWords(text);
  std::vector<std::string> found;
  for (const DepartmentWords& department : departments_) {
    const bool named =
        std::any_of(department.words.begin(), department.words.end(),
                    [&](const std::string& word) { return absl::StrContains(words, word); });
    if (named) found.push_back(department.speciality);
  }
  return found;
}

absl::StatusOr<Places> ReadPlaces(const std::string& yaml) {
  if (yaml.size() > kMaxPlacesBytes) return Fault("is too long");
  try {
    return ReadNodes(YAML::Load(yaml));
  } catch (const YAML::Exception& fault) {
    return Fault(fault.what());
  }
}

}  // namespace trialgate::registry
