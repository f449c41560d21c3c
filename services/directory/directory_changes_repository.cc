#include "services/directory/directory_changes_repository.h"

#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_repository.h"

namespace trialgate::directory {
namespace {

// Records of the feed that are read at once.
constexpr int kPage = 1000;

// Records are shared between snapshots: those that are the same are so by their address.
template <typename Record>
void Compare(const DirectorySnapshot::ByName<Record>& before,
             const DirectorySnapshot::ByName<Record>& now, std::vector<std::string>* names) {
  auto old = before.begin();
  for (const auto& [name, record] : now) {
    for (; old != before.end() && old->first < name; ++old) names->push_back(old->first);
    const bool was_there = old != before.end() && old->first == name;
    if (!was_there || old->second != record) names->push_back(name);
    if (was_there) ++old;
  }
  for (; old != before.end(); ++old) names->push_back(old->first);
}

void CompareSites(const DirectorySnapshot& before, const DirectorySnapshot& now,
                  std::vector<std::string>* names) {
  for (const auto& entry : now.sites()) {
    const SiteEntry* const old = before.FindSite(entry->site.name());
    if (old == entry.get()) continue;
    if (old == nullptr || old->site.etag() != entry->site.etag()) {
      names->push_back(entry->site.name());
    }
    const std::string& etag = entry->capacity.etag();
    const bool is_new = old == nullptr ? !etag.empty() : old->capacity.etag() != etag;
    if (is_new) names->push_back(entry->capacity.name());
  }
  for (const auto& entry : before.sites()) {
    if (now.FindSite(entry->site.name()) == nullptr) names->push_back(entry->site.name());
  }
}

void AddKeysOf(const store::TableBase& table, absl::Span<const std::string> written,
               std::set<std::string>* names) {
  const std::string prefix = table.Key("");
  for (const std::string& key : written) {
    if (absl::StartsWith(key, prefix)) names->insert(key.substr(prefix.size()));
  }
}

}  // namespace

std::vector<std::string> ChangedNames(const DirectorySnapshot& before,
                                      const DirectorySnapshot& now) {
  std::vector<std::string> names;
  Compare(before.regions(), now.regions(), &names);
  Compare(before.desks(), now.desks(), &names);
  Compare(before.contacts(), now.contacts(), &names);
  CompareSites(before, now, &names);
  Compare(before.organizations(), now.organizations(), &names);
  return names;
}

std::vector<std::string> DirectoryNames(absl::Span<const std::string> written) {
  std::set<std::string> names;
  // Of persons only contacts are of the directory.
  AddKeysOf(Persons(), written, &names);
  std::erase_if(names, [](const std::string& name) { return !absl::StartsWith(name, "desks/"); });
  AddKeysOf(Regions(), written, &names);
  AddKeysOf(Desks(), written, &names);
  AddKeysOf(Contacts(), written, &names);
  AddKeysOf(Sites(), written, &names);
  AddKeysOf(SiteCapacities(), written, &names);
  AddKeysOf(Organizations(), written, &names);
  return {std::make_move_iterator(names.begin()), std::make_move_iterator(names.end())};
}

absl::StatusOr<std::vector<std::string>> DirectoryNamesWritten(const store::Store& store,
                                                               store::CommitNumber since,
                                                               store::CommitNumber as_of) {
  std::set<std::string> names;
  for (store::CommitNumber at = since + 1; at <= as_of;) {
    ABSL_ASSIGN_OR_RETURN(const auto page, store.ReadFeed(at, kPage));
    for (const storage::v1::CommitRecord& commit : page) {
      if (commit.number() > as_of) break;
      const std::vector<std::string> keys(commit.keys().begin(), commit.keys().end());
      for (std::string& name : DirectoryNames(keys)) names.insert(std::move(name));
    }
    if (page.empty()) break;
    at = page.back().number() + 1;
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace trialgate::directory
