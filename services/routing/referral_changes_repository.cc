#include "services/routing/referral_changes_repository.h"

#include <cstddef>
#include <set>
#include <utility>

#include "common/base/status_macros.h"

namespace trialgate::routing {
namespace {

constexpr int kMaxTold = 100;
constexpr std::size_t kMaxToldBytes = std::size_t{1} << 20;

}  // namespace

absl::Status ReferralChanges::Look(store::CommitNumber since, store::CommitNumber as_of) {
  ABSL_RETURN_IF_ERROR(lost_);
  as_of_ = as_of;
  ReferralVersions before;
  std::set<std::string> was_there;
  if (since > 0) {
    auto earlier = views_->Versions(principal_, query_, only_desk_, since);
    if (!earlier.ok() && !absl::IsNotFound(earlier.status())) return earlier.status();
    if (earlier.ok()) before = *std::move(earlier);
    for (const auto& [name, version] : before) was_there.insert(name);
  }
  const auto now = views_->Versions(principal_, query_, only_desk_, as_of);
  if (!now.ok() && (!absl::IsNotFound(now.status()) || before.empty())) return now.status();
  if (!now.ok()) lost_ = now.status();
  std::set<std::string> there;
  if (now.ok()) {
    for (const auto& [name, version] : *now) {
      if (version > since || was_there.count(name) == 0) names_.push_back(name);
      there.insert(name);
    }
  }
  for (auto& [name, version] : before) {
    if (there.count(name) == 0) names_.push_back(std::move(name));
  }
  return absl::OkStatus();
}

absl::Status ReferralChanges::Take(google::protobuf::RepeatedPtrField<v1::Referral>* changed,
                                   google::protobuf::RepeatedPtrField<std::string>* removed) {
  std::size_t bytes = 0;
  for (int told = 0; told < kMaxTold && bytes < kMaxToldBytes && !names_.empty(); ++told) {
    auto view = views_->Get(principal_, names_.front(), as_of_);
    if (view.ok()) {
      bytes += view->ByteSizeLong();
      *changed->Add() = *std::move(view);
    } else if (absl::IsNotFound(view.status())) {
      *removed->Add() = names_.front();
    } else {
      return view.status();
    }
    names_.pop_front();
  }
  return absl::OkStatus();
}

}  // namespace trialgate::routing
