#include "services/routing/referral_list_fields.h"

namespace trialgate::routing {
namespace {

using filter::FieldTable;
using filter::Kind;
using filter::Values;
using v1::Referral;

void AddInstants(FieldTable<Referral>* fields) {
  fields->Add("sent_time", Kind::kTime, [](const Referral& r, Values* values) {
    if (r.has_sent_time()) values->AddTime(r.sent_time());
  });
  fields->Add("acknowledge_due_time", Kind::kTime, [](const Referral& r, Values* values) {
    if (r.has_acknowledge_due_time()) values->AddTime(r.acknowledge_due_time());
  });
  fields->Add("answer_due_time", Kind::kTime, [](const Referral& r, Values* values) {
    if (r.has_answer_due_time()) values->AddTime(r.answer_due_time());
  });
  fields->Add("acknowledge_time", Kind::kTime, [](const Referral& r, Values* values) {
    if (r.has_acknowledge_time()) values->AddTime(r.acknowledge_time());
  });
  fields->Add("answer_time", Kind::kTime, [](const Referral& r, Values* values) {
    if (r.has_answer_time()) values->AddTime(r.answer_time());
  });
}

}  // namespace

const FieldTable<Referral>& ReferralFields() {
  static const auto* const kFields = [] {
    auto* const fields =
        new FieldTable<Referral>([](const Referral& r) { return absl::string_view(r.name()); });
    fields->AddEnum("state", v1::ReferralState_descriptor(),
                    [](const Referral& r, Values* values) { values->AddEnum(r.state()); });
    fields->AddEnum("outcome", v1::ReferralOutcome_descriptor(),
                    [](const Referral& r, Values* values) { values->AddEnum(r.outcome()); });
    fields->Add("desk", Kind::kName,
                [](const Referral& r, Values* values) { values->Add(r.desk()); });
    fields->AddRepeated("sites", Kind::kName,
                        [](const Referral& r, Values* values) { values->AddTexts(r.sites()); });
    fields->Add("round", Kind::kNumber,
                [](const Referral& r, Values* values) { values->AddNumber(r.round()); });
    fields->Add("late", Kind::kBool,
                [](const Referral& r, Values* values) { values->AddNumber(r.late() ? 1 : 0); });
    fields->Add("title", Kind::kText,
                [](const Referral& r, Values* values) { values->Add(r.title()); });
    AddInstants(fields);
    return fields;
  }();
  return *kFields;
}

}  // namespace trialgate::routing
