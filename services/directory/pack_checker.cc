#include "services/directory/pack_checker.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

// Of a long text, a description quotes its beginning.
constexpr std::size_t kMaxQuoted = 80;

template <typename Records>
std::set<std::string> Names(const Records& records) {
  std::set<std::string> names;
  for (const auto& record : records) names.insert(record.name());
  return names;
}

std::set<std::string> Ids(const google::protobuf::RepeatedPtrField<v1::Term>& terms) {
  std::set<std::string> ids;
  for (const v1::Term& term : terms) ids.insert(term.id());
  return ids;
}

}  // namespace

PackChecker::PackChecker(const JoinedPack& joined, Faults* faults)
    : joined_(joined),
      pack_(joined.pack),
      checks_(faults),
      regions_(Names(pack_.regions())),
      desks_(Names(pack_.desks())),
      contacts_(Names(pack_.contacts())),
      calendars_(Names(pack_.calendars())),
      sites_(Names(pack_.sites())),
      specialities_(Ids(pack_.specialities())),
      capabilities_(Ids(pack_.capabilities())) {
  for (const v1::Contact& contact : pack_.contacts()) {
    if (!contact.valid_to().empty()) ending_contacts_.insert(contact.name());
  }
}

void PackChecker::CheckAll(bool allow_sample) {
  CheckCountry();
  CheckPolicy();
  CheckTerms(pack_.specialities(), "specialities");
  CheckTerms(pack_.capabilities(), "capabilities");
  CheckConditionRules();
  CheckRoutingRules();
  CheckCalendars();
  CheckRegions();
  CheckDesks();
  CheckContacts();
  CheckSites();
  CheckSiteValues();
  CheckCapacities();
  CheckOrganizations();
  CheckPersonalNumberRules();
  CheckRetentionRules();
  CheckSourcesAndTexts();
  if (!allow_sample) CheckSamples();
}

const Place& PackChecker::PlaceOf(absl::string_view field, int index) const {
  return joined_.places.at(std::string(field))[index];
}

Place PackChecker::PlaceOfSingle(absl::string_view field) const {
  const auto found = joined_.places.find(std::string(field));
  return found == joined_.places.end() ? Place{"", std::string(field)} : found->second.front();
}

void PackChecker::Missing(const Place& place, absl::string_view description) {
  if (joined_.complete) checks_.faults().Add(place, v1::ERROR_REASON_REQUIRED, description);
}

void PackChecker::Refers(const std::set<std::string>& names, absl::string_view name,
                         absl::string_view what, const Place& place) {
  if (name.empty() || names.count(std::string(name)) != 0 || !joined_.complete) return;
  checks_.faults().Add(
      place, v1::ERROR_REASON_DANGLING_REFERENCE,
      absl::StrCat("there is no ", what, " \"", ShortenUtf8(name, kMaxQuoted), "\""));
}

void PackChecker::ReferAll(const std::set<std::string>& names, const Texts& texts,
                           absl::string_view field, absl::string_view what, const Place& place) {
  checks_.Distinct(texts, field, place);
  for (int i = 0; i < texts.size(); ++i) {
    checks_.Required(texts[i], place.Element(field, i));
    Refers(names, texts[i], what, place.Element(field, i));
  }
}

void PackChecker::Vocabulary(const std::set<std::string>& ids, const Texts& texts,
                             absl::string_view field, absl::string_view what, const Place& place) {
  checks_.Distinct(texts, field, place);
  if (!joined_.complete) return;
  for (int i = 0; i < texts.size(); ++i) {
    if (ids.count(texts[i]) != 0) continue;
    checks_.faults().Add(
        place.Element(field, i), v1::ERROR_REASON_UNKNOWN_VALUE,
        absl::StrCat("\"", ShortenUtf8(texts[i], kMaxQuoted), "\" is no ", what, " of the pack"));
  }
}

void PackChecker::Unique(absl::string_view name, std::set<std::string>* seen, const Place& place) {
  if (name.empty() || seen->insert(std::string(name)).second) return;
  checks_.faults().Add(place, v1::ERROR_REASON_DUPLICATE,
                       absl::StrCat("\"", ShortenUtf8(name, kMaxQuoted),
                                    "\" is defined already; remove or rename one"));
}

void PackChecker::VisitElements(
    const std::function<void(const google::protobuf::Message&, const Place&)>& visit) const {
  for (const auto& [name, places] : joined_.places) {
    const auto* field = v1::Pack::descriptor()->FindFieldByName(name);
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto& reflection = *pack_.GetReflection();
    if (!field->is_repeated()) {
      visit(reflection.GetMessage(pack_, field), places.front());
      continue;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      visit(reflection.GetRepeatedMessage(pack_, field, static_cast<int>(i)), places[i]);
    }
  }
}

void PackChecker::CheckSourcesAndTexts() {
  VisitElements([this](const google::protobuf::Message& element, const Place& place) {
    CheckSourcesAndTextsOf(element, place);
  });
}

void PackChecker::CheckSourcesAndTextsOf(const google::protobuf::Message& element,
                                         const Place& place) {
  CheckTexts(element, place, &checks_.faults());
  VisitSources(element, place,
               [this](const v1::Source& source, const Place& at) { checks_.Source(source, at); });
}

void PackChecker::CheckOne(const v1::Region& region, const Place& place) {
  CheckRegion(region, place);
  CheckSourcesAndTextsOf(region, place);
}

void PackChecker::CheckOne(const v1::Desk& desk, const Place& place) {
  CheckDesk(desk, place);
  CheckSourcesAndTextsOf(desk, place);
}

void PackChecker::CheckOne(const v1::Contact& contact, const Place& place) {
  CheckContact(contact, place);
  CheckSourcesAndTextsOf(contact, place);
}

void PackChecker::CheckOne(const v1::Site& site, const Place& place) {
  CheckSite(site, place);
  CheckSiteLists(site, place);
  CheckValues(site, place);
  CheckSourcesAndTextsOf(site, place);
}

void PackChecker::CheckTogether() {
  CheckRegionSuccessors();
  CheckRegionalDesks();
  CheckDeskSuccessors();
  CheckSecretariat();
}

void PackChecker::CheckSamples() {
  struct Samples {
    Place first;
    int count = 0;
  };
  std::map<std::string, Samples> by_file;
  const auto visit = [&by_file](const v1::Source& source, const Place& place) {
    if (source.kind() != v1::SOURCE_KIND_SAMPLE) return;
    Samples& samples = by_file[place.file];
    if (samples.count++ == 0) samples.first = place;
  };
  VisitElements([&visit](const google::protobuf::Message& element, const Place& place) {
    VisitSources(element, place, visit);
  });
  for (const auto& [file, samples] : by_file) {
    checks_.faults().Add(
        samples.first, v1::ERROR_REASON_SAMPLE_NOT_ALLOWED,
        absl::StrCat("is one of ", samples.count,
                     " invented values in this file; allow sample values, or leave them out"));
  }
}

void CheckPack(const JoinedPack& joined, bool allow_sample, Faults* faults) {
  PackChecker checker(joined, faults);
  if (checker.CheckNoPersonalNumbers()) checker.CheckAll(allow_sample);
}

}  // namespace trialgate::directory
