#include "services/directory/pack_write_app.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "services/directory/pack_of.h"
#include "services/directory/pack_record_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::RepeatedPtrField;
using store::Table;

template <typename P>
bool Same(const P& a, const P& b) {
  return store::internal::SerializePayload(a) == store::internal::SerializePayload(b);
}

bool IsSample(const v1::SiteCapacity& capacity) {
  return capacity.source().kind() == v1::SOURCE_KIND_SAMPLE;
}

// A pack's record with what verbs keep in the stored one.
template <typename P>
P WithServerSet(const P&, const P& in_pack) {
  return in_pack;
}
v1::Organization WithServerSet(const v1::Organization& stored, v1::Organization in_pack) {
  in_pack.set_state(stored.state());
  return in_pack;
}

std::string InWords(absl::string_view kind, const RecordCounts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](int count, absl::string_view what) {
    if (count != 0) parts.push_back(absl::StrCat(count, " ", what));
  };
  add(counts.created, "created");
  add(counts.changed, "changed");
  if (counts.changed_in_part != 0) {
    absl::StrAppend(&parts.back(), " (", counts.changed_in_part,
                    " of them but for what was edited since)");
  }
  add(counts.unchanged, "unchanged");
  add(counts.not_in_pack, "not in the pack, left as they are");
  add(counts.declared_since, "declared since, left as they are");
  add(counts.edited_since, "edited since, left as they are");
  add(counts.erased_since, "of persons erased since, not restored");
  return absl::StrCat(kind, ": ", absl::StrJoin(parts, ", "));
}

template <typename List>
std::vector<std::string> NamesOf(const List& records) {
  std::vector<std::string> names;
  for (const auto& record : records) names.push_back(record.name());
  return names;
}

// Counts a record that is there already: whether it changed, and whether something was kept.
void CountMerged(bool changed, bool kept, RecordCounts* counts) {
  if (changed) {
    ++counts->changed;
    if (kept) ++counts->changed_in_part;
  } else {
    ++(kept ? counts->edited_since : counts->unchanged);
  }
}

}  // namespace

absl::StatusOr<PackOutcome> PackWriter::Write() {
  v1::Pack& applied = outcome_.applied;
  ABSL_RETURN_IF_ERROR(WriteSettings());
  ABSL_RETURN_IF_ERROR(
      WriteAll("calendars", Calendars(), pack_.calendars(), applied.mutable_calendars()));
  ABSL_RETURN_IF_ERROR(WriteAll("regions", Regions(), pack_.regions(), applied.mutable_regions()));
  ABSL_RETURN_IF_ERROR(WriteAll("desks", Desks(), pack_.desks(), applied.mutable_desks()));
  ABSL_RETURN_IF_ERROR(WriteContacts());
  ABSL_RETURN_IF_ERROR(WriteAll("sites", Sites(), pack_.sites(), applied.mutable_sites()));
  ABSL_RETURN_IF_ERROR(WriteCapacities());
  ABSL_RETURN_IF_ERROR(WriteAll("organizations", Organizations(), pack_.organizations(),
                                applied.mutable_organizations()));
  if (kept_) CheckMerged(directory_, *WithPack(directory_, applied), &faults_);
  if (!faults_.empty()) return FaultsError(faults_);
  return std::move(outcome_);
}

void PackWriter::Report(absl::string_view kind, const RecordCounts& counts) {
  v1::ApplyPackResponse& response = outcome_.response;
  response.set_changed(response.changed() + counts.created + counts.changed);
  response.set_unchanged(response.unchanged() + counts.unchanged);
  const int total = counts.created + counts.changed + counts.unchanged + counts.not_in_pack +
                    counts.declared_since + counts.edited_since;
  if (total != 0) response.add_summary(InWords(kind, counts));
  kept_ = kept_ || counts.edited_since + counts.changed_in_part != 0;
}

absl::Status PackWriter::WriteSettings() {
  v1::Pack settings = pack_;
  settings.clear_calendars();
  settings.clear_regions();
  settings.clear_desks();
  settings.clear_contacts();
  settings.clear_sites();
  settings.clear_capacities();
  settings.clear_organizations();
  outcome_.applied = settings;
  ABSL_ASSIGN_OR_RETURN(const auto row, work_->Get(PackSettings(), kSettingsKey));
  RecordCounts counts;
  if (row.has_value()) CheckSuccession(row->value);
  if (row.has_value() && Same(row->value, settings)) {
    counts.unchanged = 1;
  } else {
    ++(row.has_value() ? counts.changed : counts.created);
    ABSL_RETURN_IF_ERROR(work_->Put(PackSettings(), kSettingsKey, settings));
  }
  Report("settings", counts);
  return absl::OkStatus();
}

void PackWriter::CheckSuccession(const v1::Pack& before) {
  if (before.country() != pack_.country()) {
    faults_.Add(joined_.places.at("country").front(), v1::ERROR_REASON_CONTRADICTION,
                absl::StrCat("this server serves ", before.country(),
                             "; another country needs a server of its own"));
  }
  if (!Same(before.policy(), pack_.policy()) &&
      pack_.policy().version() <= before.policy().version()) {
    faults_.Add(joined_.places.at("policy").front().Field("version"),
                v1::ERROR_REASON_CONTRADICTION,
                absl::StrCat("must be above ", before.policy().version(),
                             ": the policy differs from the one in force"));
  }
}

template <typename P>
absl::Status PackWriter::CountNotInPack(const Table<P>& table,
                                        const std::vector<std::string>& names,
                                        RecordCounts* counts) {
  const std::set<std::string> in_pack(names.begin(), names.end());
  store::PageOptions page;
  page.limit = 1000;
  do {
    ABSL_ASSIGN_OR_RETURN(const store::RowPage<P> rows,
                          store::ScanRows(work_->store(), table, page, work_->read_at()));
    for (const auto& row : rows.rows) counts->not_in_pack += in_pack.count(row.key) == 0 ? 1 : 0;
    page.after = rows.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

template <typename P>
absl::Status PackWriter::WriteAll(absl::string_view kind, const Table<P>& table,
                                  const RepeatedPtrField<P>& records,
                                  RepeatedPtrField<P>* applied) {
  RecordCounts counts;
  const std::vector<std::string> names = NamesOf(records);
  ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(table, names));
  // In one read; what follows finds them there.
  ABSL_RETURN_IF_ERROR(work_->GetAll(PackRecords(), names).status());
  for (int i = 0; i < records.size(); ++i) {
    const auto& row = rows[i];
    P& merged = *applied->Add();
    merged = records[i];
    if (!row.has_value()) {
      ++counts.created;
      ABSL_RETURN_IF_ERROR(work_->Put(table, names[i], merged));
      continue;
    }
    const P stored = AsInPack(row->value);
    ABSL_ASSIGN_OR_RETURN(const FieldNames edited,
                          EditedSince(names[i], stored, records[i], work_));
    KeepFields(stored, edited, &merged);
    const P record = WithServerSet(row->value, merged);
    const bool changed = !Same(row->value, record);
    CountMerged(changed, !Same(merged, records[i]), &counts);
    if (changed) ABSL_RETURN_IF_ERROR(work_->Put(table, names[i], record));
  }
  ABSL_RETURN_IF_ERROR(CountNotInPack(table, names, &counts));
  Report(kind, counts);
  return absl::OkStatus();
}

absl::StatusOr<PackWriter::StoredContact> PackWriter::ReadContact(
    const store::Row<v1::Contact>& row) {
  StoredContact stored{row.value};
  ABSL_ASSIGN_OR_RETURN(const auto person, work_->Get(Persons(), row.key));
  if (!person.has_value()) return stored;
  ABSL_ASSIGN_OR_RETURN(const auto fields, OpenPerson(keys_, row.key, person->value));
  if (fields.has_value()) {
    AddPerson(fields, &stored.contact);
    return stored;
  }
  stored.erased = IsErased(person->value);
  if (!stored.erased) {
    // A backup from before the erasure does not know of it; the keys do. One that is only lost may
    // be given again.
    ABSL_ASSIGN_OR_RETURN(const keys::KeyIds ids, keys_.List());
    stored.erased = ids.destroyed.count(person->value.key()) > 0;
  }
  return stored;
}

absl::Status PackWriter::WriteContact(const v1::Contact& in_pack,
                                      const std::optional<store::Row<v1::Contact>>& row,
                                      RecordCounts* counts) {
  v1::Contact& merged = *outcome_.applied.add_contacts();
  merged = in_pack;
  bool erased = false;
  if (row.has_value()) {
    ABSL_ASSIGN_OR_RETURN(const StoredContact stored, ReadContact(*row));
    ABSL_ASSIGN_OR_RETURN(const FieldNames edited,
                          EditedSince(in_pack.name(), stored.contact, in_pack, work_));
    erased = stored.erased;
    KeepContact(stored.contact, edited, erased, &merged);
    if (erased && HasPerson(in_pack)) ++counts->erased_since;
  }
  const v1::Contact rest = WithoutPerson(merged);
  const bool other_rest = !row.has_value() || !Same(row->value, rest);
  if (other_rest) ABSL_RETURN_IF_ERROR(work_->Put(Contacts(), in_pack.name(), rest));
  bool other_person = false;
  if (!erased) {
    ABSL_ASSIGN_OR_RETURN(other_person,
                          persons_->Put(in_pack.name(), PersonOf(merged), now_, work_));
  }
  if (row.has_value()) {
    CountMerged(other_rest || other_person, !Same(merged, in_pack), counts);
  } else {
    ++counts->created;
  }
  return absl::OkStatus();
}

absl::Status PackWriter::WriteContacts() {
  RecordCounts counts;
  const std::vector<std::string> names = NamesOf(pack_.contacts());
  ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(Contacts(), names));
  // In one read each; what follows finds them there.
  ABSL_RETURN_IF_ERROR(work_->GetAll(Persons(), names).status());
  ABSL_RETURN_IF_ERROR(work_->GetAll(PackRecords(), names).status());
  for (int i = 0; i < pack_.contacts_size(); ++i) {
    ABSL_RETURN_IF_ERROR(WriteContact(pack_.contacts(i), rows[i], &counts));
  }
  ABSL_RETURN_IF_ERROR(CountNotInPack(Contacts(), names, &counts));
  Report("contacts", counts);
  return absl::OkStatus();
}

absl::Status PackWriter::WriteCapacity(int index,
                                       const std::optional<store::Row<v1::SiteCapacity>>& row,
                                       RecordCounts* counts) {
  const v1::SiteCapacity& in_pack = pack_.capacities(index);
  const std::string& name = in_pack.name();
  v1::SiteCapacity& merged = *outcome_.applied.add_capacities();
  merged = in_pack;
  v1::SiteCapacity capacity;
  capacity.set_name(name);
  if (row.has_value()) {
    capacity = row->value;
    const v1::SiteCapacity stored = AsInPack(row->value);
    // What somebody set is never replaced by an invented value.
    const bool declared = IsSample(in_pack) && !IsSample(stored);
    ABSL_ASSIGN_OR_RETURN(const FieldNames edited, EditedSince(name, stored, in_pack, work_));
    if (declared) {
      merged = stored;
    } else {
      KeepFields(stored, edited, &merged);
    }
    if (Same(merged, stored)) {
      const bool kept = !Same(merged, in_pack);
      ++(!kept ? counts->unchanged : declared ? counts->declared_since : counts->edited_since);
      return absl::OkStatus();
    }
  }
  const absl::Status set = SetSlotsAndDeclared(merged, Overuse::kWhereNothingIsPlaced, &capacity);
  if (!set.ok()) {
    faults_.Add(joined_.places.at("capacities")[index], ReasonOf(set),
                absl::StrCat(name, ": ", set.message()));
    return absl::OkStatus();
  }
  ++(row.has_value() ? counts->changed : counts->created);
  return work_->Put(SiteCapacities(), name, capacity);
}

absl::Status PackWriter::WriteCapacities() {
  RecordCounts counts;
  const std::vector<std::string> names = NamesOf(pack_.capacities());
  ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(SiteCapacities(), names));
  ABSL_RETURN_IF_ERROR(work_->GetAll(PackRecords(), names).status());
  for (int i = 0; i < pack_.capacities_size(); ++i) {
    ABSL_RETURN_IF_ERROR(WriteCapacity(i, rows[i], &counts));
  }
  Report("capacities", counts);
  return absl::OkStatus();
}

}  // namespace trialgate::directory
