#include "tools/cli/arguments.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/civil_date.h"
#include "tools/cli/words.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

constexpr absl::string_view kOfferForm = "SITE,patients=12,start=2027-03-01,firm";

// `text` at its first `mark`, without surrounding spaces; the second is absent without a mark.
std::pair<std::string, std::optional<std::string>> SplitAt(absl::string_view text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string before(absl::StripAsciiWhitespace(text.substr(0, at)));
  if (at == absl::string_view::npos) return {before, std::nullopt};
  return {before, std::string(absl::StripAsciiWhitespace(text.substr(at + 1)))};
}

bool IsText(absl::string_view key) {
  return key == "pi" || key == "conditions" || key == "comment";
}

// The parts between commas; one that is neither "key=value" nor a single word of the form goes on
// with the text before it, comma and all.
std::vector<std::string> OfferParts(absl::string_view text) {
  std::vector<std::string> parts;
  for (absl::string_view piece : absl::StrSplit(text, ',')) {
    const absl::string_view word = absl::StripAsciiWhitespace(piece);
    const auto is_key_char = [](char c) { return absl::ascii_isalpha(c) || c == '_'; };
    const absl::string_view key = word.substr(0, word.find('='));
    const bool has_key = word.size() != key.size() && !key.empty() &&
                         std::all_of(key.begin(), key.end(), is_key_char);
    const bool starts = has_key || word == "firm" || word == "tentative";
    const bool in_text = parts.size() > 1 && IsText(SplitAt(parts.back(), '=').first);
    if (!starts && in_text) {
      absl::StrAppend(&parts.back(), ",", piece);
    } else {
      parts.emplace_back(word);
    }
  }
  return parts;
}

class OfferParser {
 public:
  OfferParser(absl::string_view flag, FieldFaults* faults) : flag_(flag), faults_(faults) {}

  v1::Offer Parse(absl::string_view text) {
    const std::vector<std::string> parts = OfferParts(text);
    if (parts.front().empty() || absl::StrContains(parts.front(), "=")) {
      Fault(v1::ERROR_REASON_REQUIRED, absl::StrCat("begins with the site: ", kOfferForm));
    }
    offer_.set_site(FullName("sites", parts.front()));
    for (std::size_t i = 1; i < parts.size(); ++i) ParsePart(parts[i]);
    for (absl::string_view key : {"patients", "start", "firm or tentative"}) {
      if (seen_.count(std::string(key)) == 0) {
        Fault(v1::ERROR_REASON_REQUIRED, absl::StrCat(key, " must be given: ", kOfferForm));
      }
    }
    return offer_;
  }

 private:
  void Fault(v1::ErrorReason reason, absl::string_view words) {
    faults_->Add(flag_, reason, words);
  }

  void ParsePart(const std::string& part) {
    const auto [key, value] = SplitAt(part, '=');
    const bool firmness = part == "firm" || part == "tentative";
    if (!seen_.insert(firmness ? "firm or tentative" : key).second) {
      Fault(v1::ERROR_REASON_DUPLICATE, absl::StrCat("\"", key, "\" is given twice"));
    } else if (firmness) {
      offer_.set_firmness(part == "firm" ? v1::OFFER_FIRMNESS_FIRM : v1::OFFER_FIRMNESS_TENTATIVE);
    } else if (key == "patients" && value) {
      std::int64_t patients = 0;
      if (!absl::SimpleAtoi(*value, &patients) || patients < 0) {
        Fault(v1::ERROR_REASON_INVALID_FORMAT, "patients must be a whole number of 0 or more");
      }
      offer_.set_patients_claimed(patients);
    } else if (key == "start" && value) {
      const auto day = ParseDate(*value);
      if (!day.ok()) {
        Fault(v1::ERROR_REASON_INVALID_FORMAT, absl::StrCat("start ", day.status().message()));
      }
      offer_.set_earliest_start(*value);
    } else if (IsText(key) && value) {
      SetText(key, *value);
    } else {
      Fault(v1::ERROR_REASON_UNKNOWN_FIELD,
            absl::StrCat("\"", part, "\" is none of patients=N, start=DATE, firm, tentative, ",
                         "pi=TEXT, conditions=TEXT, comment=TEXT"));
    }
  }

  void SetText(absl::string_view key, const std::string& value) {
    if (key == "pi") offer_.set_principal_investigator(value);
    if (key == "conditions") offer_.set_conditions(value);
    if (key == "comment") offer_.set_comment(value);
  }

  const absl::string_view flag_;
  FieldFaults* const faults_;
  v1::Offer offer_;
  std::set<std::string> seen_;
};

// Fills reason and comment of a message that has both from "REASON[:comment]".
template <typename Reason, typename Message>
void ParseReason(absl::string_view text, absl::string_view flag, Reason other, Message* message,
                 FieldFaults* faults) {
  const auto [word, comment] = SplitAt(text, ':');
  const absl::StatusOr<Reason> reason = ParseWord<Reason>(word);
  if (!reason.ok()) {
    faults->Add(flag, v1::ERROR_REASON_UNKNOWN_VALUE,
                absl::StrCat("reason ", reason.status().message()));
    return;
  }
  message->set_reason(*reason);
  message->set_comment(comment.value_or(""));
  if (*reason == other && message->comment().empty()) {
    faults->Add(flag, v1::ERROR_REASON_REQUIRED, "OTHER needs words: OTHER:why");
  }
}

// "SITE=rest"; adds a fault and returns an empty site if it has another form.
std::pair<std::string, std::string> SplitSite(absl::string_view text, absl::string_view flag,
                                              FieldFaults* faults) {
  const auto [site, rest] = SplitAt(text, '=');
  if (site.empty() || !rest) {
    faults->Add(flag, v1::ERROR_REASON_INVALID_FORMAT,
                absl::StrCat("\"", text, "\" must be SITE=REASON or SITE=REASON:comment"));
    return {};
  }
  return {FullName("sites", site), *rest};
}

std::string Numbered(absl::string_view flag, std::size_t index) {
  return absl::StrCat(flag, " ", index + 1);
}

// What the flags say of each site.
std::map<std::string, v1::OfferSelection> NamedSites(const SelectionFlags& flags,
                                                     FieldFaults* faults) {
  std::map<std::string, v1::OfferSelection> named;
  const auto add = [&](const std::string& site, const v1::OfferSelection& selection,
                       const std::string& flag) {
    if (!named.emplace(site, selection).second) {
      faults->Add(flag, v1::ERROR_REASON_DUPLICATE, absl::StrCat(site, " is named twice"));
    }
  };
  for (std::size_t i = 0; i < flags.select.size(); ++i) {
    v1::OfferSelection selection;
    selection.set_selected(true);
    add(FullName("sites", flags.select[i]), selection, Numbered("--select", i));
  }
  for (std::size_t i = 0; i < flags.reject.size(); ++i) {
    const std::string flag = Numbered("--reject", i);
    const auto [site, reason] = SplitSite(flags.reject[i], flag, faults);
    if (site.empty()) continue;
    v1::OfferSelection selection;
    ParseReason(reason, flag, v1::NOT_SELECTED_REASON_OTHER, &selection, faults);
    add(site, selection, flag);
  }
  return named;
}

std::optional<v1::OfferSelection> SelectionOfRest(const SelectionFlags& flags,
                                                  FieldFaults* faults) {
  if (flags.select_all && !flags.reject_rest.empty()) {
    faults->Add("--reject-rest", v1::ERROR_REASON_CONTRADICTION, "contradicts --select-all");
  }
  v1::OfferSelection selection;
  if (flags.select_all) {
    selection.set_selected(true);
    return selection;
  }
  if (flags.reject_rest.empty()) return std::nullopt;
  ParseReason(flags.reject_rest, "--reject-rest", v1::NOT_SELECTED_REASON_OTHER, &selection,
              faults);
  return selection;
}

}  // namespace

v1::Offer ParseOffer(absl::string_view text, absl::string_view flag, FieldFaults* faults) {
  return OfferParser(flag, faults).Parse(text);
}

v1::Refusal ParseRefusal(absl::string_view text, absl::string_view flag, FieldFaults* faults) {
  v1::Refusal refusal;
  const auto [site, reason] = SplitSite(text, flag, faults);
  if (site.empty()) return refusal;
  refusal.set_site(site);
  ParseReason(reason, flag, v1::REFUSAL_REASON_OTHER, &refusal, faults);
  return refusal;
}

v1::Refusal ParseDecline(absl::string_view text, absl::string_view flag, FieldFaults* faults) {
  v1::Refusal decline;
  ParseReason(text, flag, v1::REFUSAL_REASON_OTHER, &decline, faults);
  return decline;
}

void ParseSelections(const SelectionFlags& flags, const v1::CollatedAnswer& answer,
                     v1::ConfirmTrialRequestRequest* request, FieldFaults* faults) {
  const std::map<std::string, v1::OfferSelection> named = NamedSites(flags, faults);
  const std::optional<v1::OfferSelection> rest = SelectionOfRest(flags, faults);
  std::set<std::string> offered;
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() != v1::SITE_OUTCOME_OFFERED) continue;
    offered.insert(line.site());
    const auto found = named.find(line.site());
    if (found == named.end() && !rest) {
      faults->Add(line.site(), v1::ERROR_REASON_REQUIRED,
                  "is offered: --select it, or --reject it with a reason");
      continue;
    }
    v1::OfferSelection* selection = request->add_selections();
    *selection = found != named.end() ? found->second : *rest;
    selection->set_site(line.site());
    selection->set_referral(line.referral());
  }
  for (const auto& [site, selection] : named) {
    if (offered.count(site) == 0) {
      faults->Add(selection.selected() ? "--select" : "--reject", v1::ERROR_REASON_UNKNOWN_VALUE,
                  absl::StrCat(site, " is not offered"));
    }
  }
}

void ParseMonthUse(absl::string_view text, absl::string_view flag, v1::SiteCapacity* capacity,
                   FieldFaults* faults) {
  const auto [month, use] = SplitAt(text, '=');
  std::int32_t occupied = 0;
  if (!ParseDate(absl::StrCat(month, "-01")).ok() || !use || !absl::SimpleAtoi(*use, &occupied) ||
      occupied < 0) {
    faults->Add(flag, v1::ERROR_REASON_INVALID_FORMAT,
                absl::StrCat("\"", text, "\" must be a month and the slots in use: 2027-03=2"));
    return;
  }
  auto& months = *capacity->mutable_months();
  auto place = std::find_if(months.begin(), months.end(),
                            [&, wanted = month](const auto& m) { return m.month() >= wanted; });
  if (place == months.end() || place->month() != month) {
    const auto index = place - months.begin();
    v1::MonthUse added;
    added.set_month(month);
    *months.Add() = added;
    std::rotate(months.begin() + index, months.end() - 1, months.end());
    place = months.begin() + index;
  }
  place->set_occupied_declared(occupied);
}

std::string ParsePrincipal(absl::string_view text, FieldFaults* faults) {
  static constexpr absl::string_view kFlag = "--as";
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 2));
  if (parts.size() != 3 || parts[2].empty()) {
    faults->Add(kFlag, v1::ERROR_REASON_INVALID_FORMAT,
                absl::StrCat("\"", text,
                             "\" must be role:scope:subject, such as "
                             "requester:organizations/acme:alice or national::carol"));
    return std::string(text);
  }
  const std::string& role = parts[0];
  const bool requester = role == "requester";
  const bool coordinator = role == "coordinator";
  const bool scoped = requester || coordinator;
  if (!scoped && role != "national" && role != "auditor" && role != "operator") {
    faults->Add(kFlag, v1::ERROR_REASON_UNKNOWN_VALUE,
                absl::StrCat("role \"", role,
                             "\" is none of: requester, coordinator, national, auditor, operator"));
  } else if (scoped && parts[1].empty()) {
    faults->Add(kFlag, v1::ERROR_REASON_REQUIRED,
                requester ? "a requester needs its organization: requester:organizations/acme:alice"
                          : "a coordinator needs its desks: coordinator:desks/north:bob");
  } else if (!scoped && !parts[1].empty()) {
    faults->Add(kFlag, v1::ERROR_REASON_CONTRADICTION,
                absl::StrCat("a role of ", role, " has no scope: ", role, "::", parts[2]));
  }
  std::vector<std::string> scope;
  for (absl::string_view name : absl::StrSplit(parts[1], ',', absl::SkipEmpty())) {
    scope.push_back(FullName(requester ? "organizations" : "desks", name));
  }
  return absl::StrCat(role, ":", absl::StrJoin(scope, ","), ":", parts[2]);
}

}  // namespace trialgate::cli
