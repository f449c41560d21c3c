#include "services/directory/directory_watch_app.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/identity/principal.h"
#include "common/rpc/access.h"
#include "common/store/resume_token.h"
#include "services/access/view.h"
#include "services/access/watch_topics.h"
#include "services/directory/directory_changes_repository.h"

namespace trialgate::directory {
namespace {

constexpr int kMaxTold = 500;
constexpr std::size_t kMaxToldBytes = std::size_t{1} << 20;
constexpr char kCapacitySuffix[] = "/capacity";

// What of the directory a principal may watch: what it may read call by call.
class Sight {
 public:
  explicit Sight(v1::Principal principal)
      : principal_(std::move(principal)),
        contacts_(May(v1::PERMISSION_CONTACT_READ)),
        capacities_(May(v1::PERMISSION_CAPACITY_READ)),
        organizations_(May(v1::PERMISSION_ORGANIZATION_LIST)),
        own_organization_(May(v1::PERMISSION_ORGANIZATION_READ)) {}

  const v1::Principal& principal() const { return principal_; }
  bool capacities() const { return capacities_; }

  bool Sees(absl::string_view name) const {
    if (absl::StartsWith(name, "organizations/")) {
      return organizations_ || (own_organization_ && name == principal_.organization());
    }
    if (absl::StrContains(name, "/contacts/")) return contacts_;
    return !absl::EndsWith(name, kCapacitySuffix) || capacities_;
  }

 private:
  bool May(v1::Permission permission) const { return rpc::Authorize(principal_, permission).ok(); }

  const v1::Principal principal_;
  const bool contacts_;
  const bool capacities_;
  const bool organizations_;
  const bool own_organization_;
};

class Source final : public rpc::StreamSource {
 public:
  Source(const store::Store* store, const DirectoryCache* cache, const DirectoryApp* directory,
         v1::Principal principal, std::string query, store::ResumePoint from)
      : store_(store),
        cache_(cache),
        directory_(directory),
        sight_(std::move(principal)),
        query_(std::move(query)),
        told_(std::move(from)),
        seen_(told_.commit) {}

  // Before the first state is read, so that no change is missed.
  void Subscribe(store::WatchHub* hub, rpc::StreamWaker waker) {
    std::vector<std::string> topics = {access::kDirectoryTopic};
    if (sight_.capacities()) topics.push_back(access::kCapacityTopic);
    subscription_ = hub->Watch(std::move(topics), std::move(waker));
  }

  absl::Status LookFirst() {
    if (seen_ == 0) {
      Look();
      return absl::OkStatus();
    }
    // Where it was left: what has been written since says what has changed.
    Advance();
    ABSL_ASSIGN_OR_RETURN(std::vector<std::string> written,
                          DirectoryNamesWritten(*store_, told_.commit, seen_));
    Note(std::move(written));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<rpc::StreamMessage>> Next(bool renew_token) override {
    if (!first_ && names_.empty()) {
      Look();
      const bool renew = renew_token && seen_ > told_.commit;
      if (names_.empty() && !renew) return std::nullopt;
    }
    first_ = false;
    auto response = std::make_unique<v1::WatchDirectoryResponse>();
    rpc::StreamMessage message;
    message.only_token = names_.empty();
    Take(response.get());
    response->set_more(!names_.empty());
    if (!response->more()) told_.commit = seen_;
    if (!response->more() || told_.commit > 0) {
      ABSL_ASSIGN_OR_RETURN(*response->mutable_resume_token(),
                            store::EncodeResumeToken(*store_, query_, told_));
    }
    message.resume_token = response->resume_token();
    message.message = std::move(response);
    return message;
  }

 private:
  // Takes the newest directory there is.
  void Advance() {
    const store::CommitNumber seen = cache_->seen();
    now_ = cache_->Snapshot();
    // It is no older than `seen`, and may be newer.
    seen_ = std::max({seen_, seen, now_->commit()});
  }

  void Look() {
    const auto before = std::exchange(now_, nullptr);
    Advance();
    if (before == now_) return;
    Note(ChangedNames(before == nullptr ? DirectorySnapshot() : *before, *now_));
  }

  void Note(std::vector<std::string> names) {
    for (std::string& name : names) {
      if (sight_.Sees(name)) names_.push_back(std::move(name));
    }
  }

  void Take(v1::WatchDirectoryResponse* response) {
    std::size_t bytes = 0;
    for (int told = 0; told < kMaxTold && bytes < kMaxToldBytes && !names_.empty(); ++told) {
      bytes += Tell(names_.front(), response);
      names_.pop_front();
    }
    const bool may_change = sight_.principal().role() != v1::ROLE_REQUESTER;
    access::ClearHidden({sight_.principal().role(), /*blinded=*/false, may_change}, response);
  }

  // Adds the record of that name, or that it is there no more; returns about how many bytes.
  std::size_t Tell(const std::string& name, v1::WatchDirectoryResponse* response) const {
    const auto add = [&](const auto* record, auto* to) -> std::size_t {
      if (record == nullptr) {
        response->add_removed(name);
        return name.size();
      }
      *to->Add() = *record;
      return record->ByteSizeLong();
    };
    if (absl::StartsWith(name, "regions/")) {
      return add(now_->FindRegion(name), response->mutable_regions());
    }
    if (absl::StartsWith(name, "organizations/")) {
      return add(now_->FindOrganization(name), response->mutable_organizations());
    }
    if (absl::StrContains(name, "/contacts/")) {
      return add(now_->FindContact(name), response->mutable_contacts());
    }
    if (absl::StartsWith(name, "desks/")) {
      return add(now_->FindDesk(name), response->mutable_desks());
    }
    const SiteEntry* const entry = now_->FindSite(absl::StripSuffix(name, kCapacitySuffix));
    if (entry == nullptr || !absl::EndsWith(name, kCapacitySuffix)) {
      return add(entry == nullptr ? nullptr : &entry->site, response->mutable_sites());
    }
    const v1::SiteCapacity shown =
        directory_->ShownCapacity(sight_.principal(), *now_, entry->site, entry->capacity);
    return add(&shown, response->mutable_capacities());
  }

  const store::Store* const store_;
  const DirectoryCache* const cache_;
  const DirectoryApp* const directory_;
  const Sight sight_;
  const std::string query_;
  store::ResumePoint told_;   // up to where the client knows
  store::CommitNumber seen_;  // up to where was looked
  std::shared_ptr<const DirectorySnapshot> now_;
  std::deque<std::string> names_;  // to be told as in now_
  bool first_ = true;
  std::unique_ptr<store::WatchHub::Subscription> subscription_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> DirectoryWatchApp::Watch(
    const v1::Principal& principal, const v1::WatchDirectoryRequest& request,
    rpc::StreamWaker waker) const {
  std::string text = absl::StrCat("WatchDirectory\n", identity::FormatPrincipal(principal));
  ABSL_ASSIGN_OR_RETURN(store::ResumePoint from,
                        store::DecodeResumeToken(*store_, text, request.resume_token()));
  auto source = std::make_unique<Source>(store_, cache_, directory_, principal, std::move(text),
                                         std::move(from));
  source->Subscribe(hub_, std::move(waker));
  ABSL_RETURN_IF_ERROR(source->LookFirst());
  return source;
}

}  // namespace trialgate::directory
