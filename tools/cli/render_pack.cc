#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/readable_value.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

Tone ChangeTone(v1::RecordChange change) {
  switch (change) {
    case v1::RECORD_CHANGE_CREATED:
      return Tone::kGood;
    case v1::RECORD_CHANGE_CHANGED:
      return Tone::kSoon;
    case v1::RECORD_CHANGE_ENDED:
      return Tone::kBad;
    default:
      return Tone::kFaint;
  }
}

std::string ImpactWords(const v1::ReferralImpact& impact) {
  std::string words = absl::StrCat(Id(impact.name()));
  switch (impact.kind()) {
    case v1::REFERRAL_IMPACT_KIND_DESK_ENDS:
      absl::StrAppend(&words, ": the desk ends");
      break;
    case v1::REFERRAL_IMPACT_KIND_REGION_ENDS:
      absl::StrAppend(&words, ": the region of sites asked about ends");
      break;
    case v1::REFERRAL_IMPACT_KIND_CONTACT_GONE:
      absl::StrAppend(&words, ": nobody stands behind the contact any more");
      break;
    case v1::REFERRAL_IMPACT_KIND_SITE_ENDS:
      absl::StrAppend(&words, ": a site asked about ends");
      break;
    case v1::REFERRAL_IMPACT_KIND_SITE_MOVES:
      absl::StrAppend(&words, ": a site asked about changes its region");
      break;
    default:
      absl::StrAppend(&words, ": ", Word(impact.kind()));
  }
  if (!impact.last_day().empty()) absl::StrAppend(&words, ", last day ", impact.last_day());
  if (!impact.successor().empty()) absl::StrAppend(&words, ", then ", Id(impact.successor()));
  return words;
}

void AddFields(const google::protobuf::RepeatedPtrField<v1::FieldDifference>& fields, int left_out,
               const std::pair<std::string, std::string>& heads, Page* page) {
  Table table({{"FIELD"}, {heads.first, Overflow::kWrap}, {heads.second, Overflow::kWrap}});
  for (const v1::FieldDifference& field : fields) {
    table.AddRow({field.field(), field.before().empty() ? "–" : ReadableValue(field.before()),
                  field.after().empty() ? "–" : ReadableValue(field.after())});
  }
  page->Add(table, 6);
  if (left_out > 0) page->Words(absl::StrCat("and ", Count(left_out, "more field")), 6);
}

// Whether the pack says nothing of a record, or otherwise, and it is left whole.
bool IsLeftWhole(const v1::RecordDifference& record) {
  return record.change() == v1::RECORD_CHANGE_KEPT && record.kept_fields().empty();
}

// The records that the pack leaves as they are although it says otherwise, or nothing, about them.
void AddKept(const v1::DiffPackResponse& diff, Page* page) {
  // More of a kind would hide the kinds that come after; -o wide has a line for each.
  constexpr std::size_t kMostNamed = 8;
  std::map<v1::RecordKind, std::vector<std::string>> kept;
  for (const v1::RecordDifference& record : diff.differences()) {
    if (IsLeftWhole(record)) kept[record.kind()].push_back(record.name());
  }
  if (kept.empty()) return;
  page->Heading("Kept as they are");
  for (const auto& [kind, names] : kept) {
    const auto shown = std::min(names.size(), kMostNamed);
    page->Words(
        absl::StrCat(Word(kind), ": ", absl::StrJoin(names.begin(), names.begin() + shown, ", "),
                     names.size() > shown
                         ? absl::StrCat(" and ", names.size() - shown, " more (-o wide)")
                         : ""),
        2, Tone::kFaint);
  }
}

void AddDifference(const v1::RecordDifference& record, Page* page) {
  page->Words(absl::StrCat(Word(record.change()), "  ", record.name()), 2,
              ChangeTone(record.change()));
  AddFields(record.fields(), record.fields_left_out(), {"NOW", "PACK"}, page);
  if (record.person_erased()) {
    page->Words("the person was erased and is not restored; name somebody by contact edit", 6);
  }
  if (!record.kept_fields().empty()) page->Words("stays as people set it:", 6, Tone::kFaint);
  AddFields(record.kept_fields(), record.kept_fields_left_out(), {"STAYS", "PACK"}, page);
}

void AddDifferences(const v1::DiffPackResponse& diff, const Screen& screen, Page* page) {
  bool headed = false;
  for (const v1::RecordDifference& record : diff.differences()) {
    if (IsLeftWhole(record) && !screen.wide) continue;
    if (!headed) page->Heading("What would change");
    headed = true;
    AddDifference(record, page);
  }
  if (!screen.wide) AddKept(diff, page);
  if (diff.differences_left_out() > 0) {
    page->Words(absl::StrCat("and ", Count(diff.differences_left_out(), "more record")), 2);
  }
}

void AddImpacts(const v1::DiffPackResponse& diff, Page* page) {
  page->Heading(
      diff.referral_count() == 0
          ? "No open referral is touched."
          : absl::StrCat("It matters to ", Count(diff.referral_count(), "open referral")));
  for (const v1::ReferralImpact& impact : diff.impacts()) {
    page->Words(
        absl::StrCat(ImpactWords(impact), ": ", Count(impact.referral_count(), "open referral")), 2,
        Tone::kSoon);
    for (const std::string& referral : impact.referrals()) page->Words(ReferralId(referral), 6);
    const int more = impact.referral_count() - impact.referrals_size();
    if (more > 0) page->Words(absl::StrCat("and ", more, " more"), 6);
  }
  if (diff.impacts_left_out() > 0) {
    page->Words(absl::StrCat("and ", Count(diff.impacts_left_out(), "more cause")), 2);
  }
}

}  // namespace

std::string RenderPackDiff(const v1::DiffPackResponse& diff, const Screen& screen) {
  Page page(screen);
  page.Heading(absl::StrCat("Against the directory at commit ", diff.commit()));
  Table counts({{"KIND"}, {"CHANGE"}, {"RECORDS", Overflow::kKeep, Align::kRight}});
  for (const v1::RecordCount& count : diff.counts()) {
    counts.AddRow({Word(count.kind()),
                   {Word(count.change()), ChangeTone(count.change())},
                   absl::StrCat(count.count())});
  }
  page.Add(counts, 2);
  AddDifferences(diff, screen, &page);
  AddImpacts(diff, &page);
  return page.Take();
}

}  // namespace trialgate::cli
