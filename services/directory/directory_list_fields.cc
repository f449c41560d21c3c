#include "services/directory/directory_list_fields.h"

namespace trialgate::directory {
namespace {

using filter::FieldTable;
using filter::Kind;
using filter::Values;

// A table of `name` and the fields that `add` adds; kept for the process's life.
template <typename Record, typename Add>
const FieldTable<Record>& NewTable(Add add) {
  auto* const table =
      new FieldTable<Record>([](const Record& record) { return absl::string_view(record.name()); });
  table->Add("name", Kind::kName, [](const Record& r, Values* values) { values->Add(r.name()); });
  add(table);
  return *table;
}

template <typename Record>
void AddValidity(FieldTable<Record>* table) {
  table->Add("valid_from", Kind::kDate,
             [](const Record& r, Values* values) { values->Add(r.valid_from()); });
  table->Add("valid_to", Kind::kDate,
             [](const Record& r, Values* values) { values->Add(r.valid_to()); });
}

template <typename Record>
void AddDisplayName(FieldTable<Record>* table) {
  table->Add("display_name", Kind::kText,
             [](const Record& r, Values* values) { values->Add(r.display_name()); });
}

template <typename Record>
void AddSource(FieldTable<Record>* table) {
  table->AddEnum("source.kind", v1::SourceKind_descriptor(),
                 [](const Record& r, Values* values) { values->AddEnum(r.source().kind()); });
}

template <typename Record>
void AddSpecialities(FieldTable<Record>* table) {
  table->AddRepeated("specialities", Kind::kName,
                     [](const Record& r, Values* values) { values->AddTexts(r.specialities()); });
}

void AddSiteLists(FieldTable<v1::Site>* table) {
  using v1::Site;
  AddSpecialities(table);
  table->AddRepeatedEnum("kinds", v1::TrialKind_descriptor(),
                         [](const Site& s, Values* values) { values->AddEnums(s.kinds()); });
  table->AddRepeatedEnum("phases", v1::Phase_descriptor(), [](const Site& s, Values* values) {
    for (const v1::PhaseExperience& phase : s.phases()) values->AddEnum(phase.phase());
  });
  table->AddRepeatedEnum("age_groups", v1::AgeGroup_descriptor(),
                         [](const Site& s, Values* values) { values->AddEnums(s.age_groups()); });
  table->AddRepeated("capabilities", Kind::kName,
                     [](const Site& s, Values* values) { values->AddTexts(s.capabilities()); });
  table->AddRepeated("languages", Kind::kName,
                     [](const Site& s, Values* values) { values->AddTexts(s.languages()); });
  table->AddRepeated("accreditations", Kind::kText,
                     [](const Site& s, Values* values) { values->AddTexts(s.accreditations()); });
}

void AddStartUp(FieldTable<v1::Site>* table) {
  using v1::Site;
  table->Add("start_up.median_days", Kind::kNumber, [](const Site& s, Values* values) {
    if (s.has_start_up()) values->AddNumber(s.start_up().median_days());
  });
  // 0: not known.
  table->Add("start_up.p90_days", Kind::kNumber, [](const Site& s, Values* values) {
    if (s.start_up().p90_days() != 0) values->AddNumber(s.start_up().p90_days());
  });
  table->AddEnum(
      "start_up.source.kind", v1::SourceKind_descriptor(),
      [](const Site& s, Values* values) { values->AddEnum(s.start_up().source().kind()); });
}

}  // namespace

const FieldTable<v1::Region>& RegionFields() {
  static const auto& table = NewTable<v1::Region>([](FieldTable<v1::Region>* fields) {
    using v1::Region;
    AddDisplayName(fields);
    fields->Add("local_name", Kind::kText,
                [](const Region& r, Values* values) { values->Add(r.local_name()); });
    fields->Add("country", Kind::kName,
                [](const Region& r, Values* values) { values->Add(r.country()); });
    fields->Add("successor", Kind::kName,
                [](const Region& r, Values* values) { values->Add(r.successor()); });
    AddValidity(fields);
  });
  return table;
}

const FieldTable<v1::Desk>& DeskFields() {
  static const auto& table = NewTable<v1::Desk>([](FieldTable<v1::Desk>* fields) {
    using v1::Desk;
    AddDisplayName(fields);
    fields->AddEnum("kind", v1::DeskKind_descriptor(),
                    [](const Desk& d, Values* values) { values->AddEnum(d.kind()); });
    fields->AddRepeated("regions", Kind::kName,
                        [](const Desk& d, Values* values) { values->AddTexts(d.regions()); });
    AddSpecialities(fields);
    fields->Add("time_zone", Kind::kName,
                [](const Desk& d, Values* values) { values->Add(d.time_zone()); });
    fields->Add("calendar", Kind::kName,
                [](const Desk& d, Values* values) { values->Add(d.calendar()); });
    fields->Add("successor", Kind::kName,
                [](const Desk& d, Values* values) { values->Add(d.successor()); });
    AddValidity(fields);
    AddSource(fields);
  });
  return table;
}

const FieldTable<v1::Contact>& ContactFields() {
  static const auto& table = NewTable<v1::Contact>([](FieldTable<v1::Contact>* fields) {
    AddSpecialities(fields);
    fields->AddRepeated("absences", Kind::kDays, [](const v1::Contact& c, Values* values) {
      for (const v1::Absence& absence : c.absences()) {
        values->AddDays(absence.first_day(), absence.last_day());
      }
    });
  });
  return table;
}

const FieldTable<v1::Site>& SiteFields() {
  static const auto& table = NewTable<v1::Site>([](FieldTable<v1::Site>* fields) {
    using v1::Site;
    AddDisplayName(fields);
    fields->AddEnum("type", v1::SiteType_descriptor(),
                    [](const Site& s, Values* values) { values->AddEnum(s.type()); });
    fields->Add("region", Kind::kName,
                [](const Site& s, Values* values) { values->Add(s.region()); });
    fields->Add("hospital", Kind::kText,
                [](const Site& s, Values* values) { values->Add(s.hospital()); });
    fields->Add("department", Kind::kText,
                [](const Site& s, Values* values) { values->Add(s.department()); });
    fields->Add("city", Kind::kText, [](const Site& s, Values* values) { values->Add(s.city()); });
    AddSiteLists(fields);
    AddStartUp(fields);
    AddValidity(fields);
    fields->Add("review.date", Kind::kDate,
                [](const Site& s, Values* values) { values->Add(s.review().date()); });
    AddSource(fields);
  });
  return table;
}

const FieldTable<v1::Organization>& OrganizationFields() {
  static const auto& table = NewTable<v1::Organization>([](FieldTable<v1::Organization>* fields) {
    using v1::Organization;
    AddDisplayName(fields);
    fields->AddEnum("type", v1::OrganizationType_descriptor(),
                    [](const Organization& o, Values* values) { values->AddEnum(o.type()); });
    fields->AddEnum("size", v1::CompanySize_descriptor(),
                    [](const Organization& o, Values* values) { values->AddEnum(o.size()); });
    fields->AddEnum("state", v1::OrganizationState_descriptor(),
                    [](const Organization& o, Values* values) {
                      values->AddEnum(o.state() == v1::ORGANIZATION_STATE_UNSPECIFIED
                                          ? v1::ORGANIZATION_STATE_APPROVED
                                          : o.state());
                    });
    fields->Add("country", Kind::kName,
                [](const Organization& o, Values* values) { values->Add(o.country()); });
    AddSource(fields);
  });
  return table;
}

const FieldTable<v1::ReviewReminder>& ReviewReminderFields() {
  using v1::ReviewReminder;
  static const auto* const kTable = [] {
    auto* const fields = new FieldTable<ReviewReminder>(
        [](const ReviewReminder& r) { return absl::string_view(r.resource()); });
    fields->Add("resource", Kind::kName,
                [](const ReviewReminder& r, Values* values) { values->Add(r.resource()); });
    AddDisplayName(fields);
    fields->AddEnum("kind", v1::ReviewKind_descriptor(),
                    [](const ReviewReminder& r, Values* values) { values->AddEnum(r.kind()); });
    fields->Add("region", Kind::kName,
                [](const ReviewReminder& r, Values* values) { values->Add(r.region()); });
    fields->Add("topic", Kind::kName,
                [](const ReviewReminder& r, Values* values) { values->Add(r.topic()); });
    fields->Add("review_date", Kind::kDate,
                [](const ReviewReminder& r, Values* values) { values->Add(r.review_date()); });
    fields->Add("days_since_review", Kind::kNumber, [](const ReviewReminder& r, Values* values) {
      if (!r.review_date().empty()) values->AddNumber(r.days_since_review());
    });
    fields->Add("faults", Kind::kNumber, [](const ReviewReminder& r, Values* values) {
      values->AddNumber(r.faults_size());
    });
    return fields;
  }();
  return *kTable;
}

}  // namespace trialgate::directory
