// For which open referrals a pack matters.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/civil_date.h"
#include "services/directory/pack_diff.h"
#include "services/directory/succession.h"

namespace trialgate::directory {
namespace {

// What of the referrals a change is about: which names lead to which of them.
using Index = std::map<std::string, std::set<std::string>>;

struct Change {
  v1::ReferralImpactKind kind;
  std::string name;
  std::string last_day;
  std::string successor;
};

// Whether the pack sets another end, or another successor of what ends.
template <typename Record>
bool EndsAnew(const Record* before, const Record& after) {
  if (after.valid_to().empty()) return false;
  if (before == nullptr || before->valid_to() != after.valid_to()) return true;
  if constexpr (requires { after.successor(); }) return before->successor() != after.successor();
  return false;
}

class ImpactFinder {
 public:
  ImpactFinder(const DirectorySnapshot& before, const DirectorySnapshot& after,
               const std::vector<v1::Referral>& open, absl::CivilDay today)
      : before_(before), after_(after), today_(today) {
    for (const v1::Referral& referral : open) {
      by_desk_[referral.desk()].insert(referral.name());
      by_contact_[referral.contact()].insert(referral.name());
      for (const std::string& site : referral.sites()) {
        by_site_[site].insert(referral.name());
        const SiteEntry* const entry = after.FindSite(site);
        if (entry != nullptr) by_region_[entry->site.region()].insert(referral.name());
      }
    }
  }

  void FindAll() {
    Desks();
    Regions();
    Contacts();
    Sites();
  }

  void AddTo(v1::DiffPackResponse* response) const {
    std::set<std::string> all;
    for (const auto& [change, referrals] : found_) {
      all.insert(referrals->begin(), referrals->end());
      if (response->impacts_size() >= kMaxImpacts) {
        response->set_impacts_left_out(response->impacts_left_out() + 1);
        continue;
      }
      v1::ReferralImpact* const impact = response->add_impacts();
      impact->set_kind(change.kind);
      impact->set_name(change.name);
      impact->set_last_day(change.last_day);
      impact->set_successor(change.successor);
      impact->set_referral_count(static_cast<int>(referrals->size()));
      for (const std::string& name : *referrals) {
        if (impact->referrals_size() >= kMaxImpactReferrals) break;
        impact->add_referrals(name);
      }
    }
    response->set_referral_count(static_cast<int>(all.size()));
  }

 private:
  void Note(const Index& index, Change change) {
    const auto found = index.find(change.name);
    if (found != index.end()) found_.emplace_back(std::move(change), &found->second);
  }

  // The last day of `desk` as one that answers: its own, or that of the last of its regions.
  std::string LastDayOf(const DirectorySnapshot& directory, const v1::Desk& desk) const {
    std::string last = desk.valid_to();
    if (desk.kind() != v1::DESK_KIND_REGION || desk.regions().empty()) return last;
    std::string of_regions;
    for (const std::string& name : desk.regions()) {
      const v1::Region* const region = directory.FindRegion(name);
      if (region == nullptr || region->valid_to().empty()) return last;
      of_regions = std::max(of_regions, region->valid_to());
    }
    return last.empty() ? of_regions : std::min(last, of_regions);
  }

  // `desks/{id}` that takes over after `last_day`; empty: none.
  std::string TakesOver(const DirectorySnapshot& directory, const std::string& desk,
                        const std::string& last_day) const {
    const auto last = ParseDate(last_day);
    if (!last.ok()) return "";
    const v1::Desk* const then = DeskInChargeOn(directory, desk, std::max(*last + 1, today_));
    return then == nullptr || then->name() == desk ? "" : then->name();
  }

  void Desks() {
    for (const auto& [name, desk] : after_.desks()) {
      const std::string last_day = LastDayOf(after_, *desk);
      if (last_day.empty()) continue;
      const std::string successor = TakesOver(after_, name, last_day);
      const v1::Desk* const was = before_.FindDesk(name);
      const bool known = was != nullptr && LastDayOf(before_, *was) == last_day &&
                         TakesOver(before_, name, last_day) == successor;
      if (known) continue;
      Note(by_desk_, {v1::REFERRAL_IMPACT_KIND_DESK_ENDS, name, last_day, successor});
    }
  }

  void Regions() {
    for (const auto& [name, region] : after_.regions()) {
      if (!EndsAnew(before_.FindRegion(name), *region)) continue;
      Note(by_region_,
           {v1::REFERRAL_IMPACT_KIND_REGION_ENDS, name, region->valid_to(), region->successor()});
    }
  }

  void Contacts() {
    for (const auto& [name, contact] : after_.contacts()) {
      const v1::Contact* const was = before_.FindContact(name);
      if (was == nullptr || !HasPerson(*was) || HasPerson(*contact)) continue;
      Note(by_contact_, {v1::REFERRAL_IMPACT_KIND_CONTACT_GONE, name, "", ""});
    }
  }

  void Sites() {
    for (const auto& entry : after_.sites()) {
      const v1::Site& site = entry->site;
      const SiteEntry* const was = before_.FindSite(site.name());
      if (was == nullptr) continue;
      if (EndsAnew(&was->site, site)) {
        Note(by_site_, {v1::REFERRAL_IMPACT_KIND_SITE_ENDS, site.name(), site.valid_to(), ""});
      }
      if (was->site.region() != site.region()) {
        Note(by_site_, {v1::REFERRAL_IMPACT_KIND_SITE_MOVES, site.name(), "", site.region()});
      }
    }
  }

  const DirectorySnapshot& before_;
  const DirectorySnapshot& after_;
  const absl::CivilDay today_;
  Index by_desk_, by_contact_, by_site_, by_region_;
  std::vector<std::pair<Change, const std::set<std::string>*>> found_;
};

}  // namespace

void AddImpacts(const DirectorySnapshot& before, const DirectorySnapshot& after,
                const std::vector<v1::Referral>& open, absl::CivilDay today,
                v1::DiffPackResponse* response) {
  ImpactFinder finder(before, after, open, today);
  finder.FindAll();
  finder.AddTo(response);
}

}  // namespace trialgate::directory
