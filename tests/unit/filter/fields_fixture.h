// Fields of an invented list of sites, one of each kind.
#ifndef TRIALGATE_TESTS_UNIT_FILTER_FIELDS_FIXTURE_H_
#define TRIALGATE_TESTS_UNIT_FILTER_FIELDS_FIXTURE_H_

#include "common/filter/list_query.h"
#include "google/protobuf/timestamp.pb.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::filter {

// A site stands for whatever is listed: its codes' systems are the days of absences.
inline const FieldTable<v1::Site>& TestFields() {
  static const auto* const kFields = [] {
    using v1::Site;
    auto* const f = new FieldTable<Site>([](const Site& s) { return absl::string_view(s.name()); });
    f->Add("city", Kind::kText, [](const Site& s, Values* v) { v->Add(s.city()); });
    f->AddRepeated("notes", Kind::kText,
                   [](const Site& s, Values* v) { v->AddTexts(s.accreditations()); });
    f->Add("region", Kind::kName, [](const Site& s, Values* v) { v->Add(s.region()); });
    f->AddRepeated("specialities", Kind::kName,
                   [](const Site& s, Values* v) { v->AddTexts(s.specialities()); });
    f->AddEnum("type", v1::SiteType_descriptor(),
               [](const Site& s, Values* v) { v->AddEnum(s.type()); });
    f->AddRepeatedEnum("kinds", v1::TrialKind_descriptor(),
                       [](const Site& s, Values* v) { v->AddEnums(s.kinds()); });
    f->Add("start_up.median_days", Kind::kNumber, [](const Site& s, Values* v) {
      if (s.has_start_up()) v->AddNumber(s.start_up().median_days());
    });
    f->Add("reviewed", Kind::kBool,
           [](const Site& s, Values* v) { v->AddNumber(s.has_review() ? 1 : 0); });
    f->Add("valid_to", Kind::kDate, [](const Site& s, Values* v) { v->Add(s.valid_to()); });
    f->Add("time", Kind::kTime, [](const Site& s, Values* v) {
      if (s.has_start_up()) {
        google::protobuf::Timestamp time;
        time.set_seconds(s.start_up().p90_days());
        v->AddTime(time);
      }
    });
    f->AddRepeated("absences", Kind::kDays, [](const Site& s, Values* v) {
      for (const v1::Code& code : s.codes()) v->AddDays(code.system(), code.code());
    });
    return f;
  }();
  return *kFields;
}

}  // namespace trialgate::filter

#endif  // TRIALGATE_TESTS_UNIT_FILTER_FIELDS_FIXTURE_H_
