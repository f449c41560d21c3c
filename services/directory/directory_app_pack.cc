// DirectoryApp::ApplyPack: a pack against what is stored.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_repository.h"
#include "services/directory/pack.h"
#include "services/directory/pack_of.h"
#include "services/directory/pack_record_repository.h"
#include "services/directory/person_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::RepeatedPtrField;
using store::Table;
using store::UnitOfWork;

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

// What became of the records of one kind.
struct Counts {
  int created = 0;
  int changed = 0;
  int unchanged = 0;
  int not_in_pack = 0;
  // Invented in the pack, declared meanwhile.
  int declared_since = 0;
  // Changed by people, and by the pack not.
  int edited_since = 0;
};

std::string InWords(absl::string_view kind, const Counts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](int count, absl::string_view what) {
    if (count != 0) parts.push_back(absl::StrCat(count, " ", what));
  };
  add(counts.created, "created");
  add(counts.changed, "changed");
  add(counts.unchanged, "unchanged");
  add(counts.not_in_pack, "not in the pack, left as they are");
  add(counts.declared_since, "declared since, left as they are");
  add(counts.edited_since, "edited since, left as they are");
  return absl::StrCat(kind, ": ", absl::StrJoin(parts, ", "));
}

template <typename List>
std::vector<std::string> NamesOf(const List& records) {
  std::vector<std::string> names;
  for (const auto& record : records) names.push_back(record.name());
  return names;
}

// Applies one loaded pack within one unit of work.
class PackWriter {
 public:
  PackWriter(const JoinedPack& joined, absl::Time now, PersonEdits* persons, UnitOfWork* work)
      : joined_(joined), pack_(joined.pack), now_(now), persons_(persons), work_(work) {}

  // INVALID_ARGUMENT with every fault that only the stored directory shows.
  absl::StatusOr<v1::ApplyPackResponse> Write() {
    ABSL_RETURN_IF_ERROR(WriteSettings());
    ABSL_RETURN_IF_ERROR(WriteAll("calendars", Calendars(), pack_.calendars()));
    ABSL_RETURN_IF_ERROR(WriteAll("regions", Regions(), pack_.regions()));
    ABSL_RETURN_IF_ERROR(WriteAll("desks", Desks(), pack_.desks()));
    ABSL_RETURN_IF_ERROR(WriteContacts());
    ABSL_RETURN_IF_ERROR(WriteAll("sites", Sites(), pack_.sites()));
    ABSL_RETURN_IF_ERROR(WriteCapacities());
    ABSL_RETURN_IF_ERROR(WriteAll("organizations", Organizations(), pack_.organizations()));
    if (!faults_.empty()) return FaultsError(faults_);
    return std::move(response_);
  }

 private:
  void Report(absl::string_view kind, const Counts& counts) {
    response_.set_changed(response_.changed() + counts.created + counts.changed);
    response_.set_unchanged(response_.unchanged() + counts.unchanged);
    const int total = counts.created + counts.changed + counts.unchanged + counts.not_in_pack +
                      counts.declared_since + counts.edited_since;
    if (total != 0) response_.add_summary(InWords(kind, counts));
  }

  absl::Status WriteSettings() {
    v1::Pack settings = pack_;
    settings.clear_calendars();
    settings.clear_regions();
    settings.clear_desks();
    settings.clear_contacts();
    settings.clear_sites();
    settings.clear_capacities();
    settings.clear_organizations();
    ABSL_ASSIGN_OR_RETURN(const auto row, work_->Get(PackSettings(), kSettingsKey));
    Counts counts;
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

  // Whether this pack may follow the one in force.
  void CheckSuccession(const v1::Pack& before) {
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
  absl::Status CountNotInPack(const Table<P>& table, const std::vector<std::string>& names,
                              Counts* counts) {
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
  absl::Status WriteAll(absl::string_view kind, const Table<P>& table,
                        const RepeatedPtrField<P>& records) {
    Counts counts;
    const std::vector<std::string> names = NamesOf(records);
    ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(table, names));
    for (int i = 0; i < records.size(); ++i) {
      const auto& row = rows[i];
      const P record = row.has_value() ? WithServerSet(row->value, records[i]) : records[i];
      if (row.has_value() && Same(row->value, record)) {
        ++counts.unchanged;
        continue;
      }
      ABSL_ASSIGN_OR_RETURN(const bool kept, IsKept(names[i], row, records[i], &counts));
      if (kept) continue;
      ++(row.has_value() ? counts.changed : counts.created);
      ABSL_RETURN_IF_ERROR(work_->Put(table, names[i], record));
    }
    ABSL_RETURN_IF_ERROR(CountNotInPack(table, names, &counts));
    Report(kind, counts);
    return absl::OkStatus();
  }

  // Whether people changed the record, which differs from the pack's, and the pack has not since;
  // then it is counted as such.
  template <typename P>
  absl::StatusOr<bool> IsKept(const std::string& name, const std::optional<store::Row<P>>& row,
                              const P& in_pack, Counts* counts) {
    if (!row.has_value()) return false;
    ABSL_ASSIGN_OR_RETURN(const bool kept, KeepsEdit(name, in_pack, work_));
    if (kept) ++counts->edited_since;
    return kept;
  }

  absl::Status WriteContacts() {
    Counts counts;
    const std::vector<std::string> names = NamesOf(pack_.contacts());
    ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(Contacts(), names));
    // In one read; what follows finds them there.
    ABSL_RETURN_IF_ERROR(work_->GetAll(Persons(), names).status());
    for (int i = 0; i < pack_.contacts_size(); ++i) {
      const v1::Contact rest = WithoutPerson(pack_.contacts(i));
      const bool same_rest = rows[i].has_value() && Same(rows[i]->value, rest);
      // Persons' fields alone tell nothing of when the pack changed.
      ABSL_ASSIGN_OR_RETURN(const bool kept, IsKept(names[i], rows[i], rest, &counts));
      if (kept) continue;
      if (!same_rest) ABSL_RETURN_IF_ERROR(work_->Put(Contacts(), names[i], rest));
      ABSL_ASSIGN_OR_RETURN(const bool other_person,
                            persons_->Put(names[i], PersonOf(pack_.contacts(i)), now_, work_));
      ++(same_rest && !other_person ? counts.unchanged
         : rows[i].has_value()      ? counts.changed
                                    : counts.created);
    }
    ABSL_RETURN_IF_ERROR(CountNotInPack(Contacts(), names, &counts));
    Report("contacts", counts);
    return absl::OkStatus();
  }

  absl::Status WriteCapacities() {
    Counts counts;
    const std::vector<std::string> names = NamesOf(pack_.capacities());
    ABSL_ASSIGN_OR_RETURN(const auto rows, work_->GetAll(SiteCapacities(), names));
    for (int i = 0; i < pack_.capacities_size(); ++i) {
      // What somebody set is never replaced by an invented value.
      if (IsSample(pack_.capacities(i)) && rows[i].has_value() && !IsSample(rows[i]->value)) {
        ++counts.declared_since;
        continue;
      }
      ABSL_ASSIGN_OR_RETURN(const bool kept,
                            IsKept(names[i], rows[i], pack_.capacities(i), &counts));
      if (kept) continue;
      v1::SiteCapacity capacity;
      capacity.set_name(names[i]);
      if (rows[i].has_value()) capacity = rows[i]->value;
      const absl::Status set =
          SetSlotsAndDeclared(pack_.capacities(i), Overuse::kWhereNothingIsPlaced, &capacity);
      if (!set.ok()) {
        faults_.Add(joined_.places.at("capacities")[i], ReasonOf(set), set.message());
        continue;
      }
      if (rows[i].has_value() && Same(rows[i]->value, capacity)) {
        ++counts.unchanged;
        continue;
      }
      ++(rows[i].has_value() ? counts.changed : counts.created);
      ABSL_RETURN_IF_ERROR(work_->Put(SiteCapacities(), names[i], capacity));
    }
    Report("capacities", counts);
    return absl::OkStatus();
  }

  const JoinedPack& joined_;
  const v1::Pack& pack_;
  const absl::Time now_;
  PersonEdits* const persons_;
  UnitOfWork* const work_;
  Faults faults_;
  v1::ApplyPackResponse response_;
};

// What of a request is kept as a hash: its contacts' persons are not, since whoever has the pack
// could try out telephone numbers against it.
v1::ApplyPackRequest WithoutPersons(const v1::ApplyPackRequest& request, const v1::Pack& pack) {
  v1::Pack bare = pack;
  for (v1::Contact& contact : *bare.mutable_contacts()) contact = WithoutPerson(std::move(contact));
  v1::ApplyPackRequest hashed = request;
  hashed.clear_files();
  hashed.add_files()->set_content(store::internal::SerializePayload(bare));
  return hashed;
}

}  // namespace

absl::Status DirectoryApp::MoveSucceeded(const v1::Pack& pack, const std::string& operation,
                                         absl::Time now, UnitOfWork* work,
                                         v1::ApplyPackResponse* response) const {
  if (succession_ == nullptr || response->changed() == 0) return absl::OkStatus();
  const auto after = WithPack(*cache_->Snapshot(), pack);
  ABSL_ASSIGN_OR_RETURN(const v1::SuccessionSummary moved,
                        succession_->MoveAll(work, *after, operation, now));
  if (moved.moved_referrals() == 0) return absl::OkStatus();
  response->add_summary(absl::StrCat("open referrals: ", moved.moved_referrals(),
                                     " moved to the desks that take over"));
  if (moved.referrals_without_cda() > 0) {
    response->add_summary(absl::StrCat("CDAs: ", moved.referrals_without_cda(),
                                       " referrals of blinded requests need a new one, with the "
                                       "desk that took over"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ApplyPackResponse> DirectoryApp::ApplyPack(const v1::Principal& principal,
                                                              const v1::ApplyPackRequest& request) {
  Faults faults;
  const JoinedPack joined = LoadPack(request.files(), request.allow_sample(), &faults);
  if (!request.validate_only()) faults.AddAll(store::CheckRequestId(request.request_id()));
  if (!faults.empty()) return FaultsError(faults);
  const absl::Time now = clock_->Now();
  const std::string operation = ids_->NewId();
  PersonEdits persons(keys_, request.validate_only() ? PersonEdits::kCheck : PersonEdits::kWrite);
  const auto apply = [&](UnitOfWork& work) -> absl::StatusOr<v1::ApplyPackResponse> {
    ABSL_ASSIGN_OR_RETURN(v1::ApplyPackResponse response,
                          PackWriter(joined, now, &persons, &work).Write());
    ABSL_RETURN_IF_ERROR(MoveSucceeded(joined.pack, operation, now, &work, &response));
    work.SetEvent(audit::MakeEvent(principal, "ApplyPack", "", work.Changes()));
    return response;
  };
  if (request.validate_only()) {
    UnitOfWork work(store_, store_->Head());
    return apply(work);
  }
  ABSL_ASSIGN_OR_RETURN(const store::IdempotentCall call,
                        store::MakeIdempotentCall(principal, "ApplyPack", request.request_id(),
                                                  WithoutPersons(request, joined.pack), now));
  ABSL_ASSIGN_OR_RETURN(auto answer, RunWithPersons<v1::ApplyPackResponse>(store_, call, operation,
                                                                           {}, &persons, apply));
  AwaitCache(answer.commit);
  if (answer.response.changed() != 0) answer.response.set_commit(answer.commit);
  return std::move(answer.response);
}

}  // namespace trialgate::directory
