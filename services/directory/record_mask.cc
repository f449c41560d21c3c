#include "services/directory/record_mask.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxPaths = 100;

// `message` with one field only.
std::unique_ptr<Message> Only(const Message& message, const std::string& name) {
  std::unique_ptr<Message> only(message.New());
  only->CopyFrom(message);
  std::vector<const FieldDescriptor*> given;
  message.GetReflection()->ListFields(message, &given);
  for (const FieldDescriptor* field : given) {
    if (field->name() != name) only->GetReflection()->ClearField(only.get(), field);
  }
  return only;
}

bool SameField(const Message& a, const Message& b, const std::string& name) {
  return Only(a, name)->SerializeAsString() == Only(b, name)->SerializeAsString();
}

// Works one update out.
class Merge {
 public:
  Merge(const Message& wanted, const EditableFields& fields, absl::string_view field,
        Message* record, Faults* faults)
      : wanted_(wanted),
        fields_(fields),
        place_{"", std::string(field)},
        record_(record),
        faults_(faults) {}

  // A path that the mask names.
  void Named(const std::string& name, const Place& path) {
    if (wanted_.GetDescriptor()->FindFieldByName(name) == nullptr) {
      faults_->Add(path, v1::ERROR_REASON_UNKNOWN_FIELD,
                   absl::StrCat("\"", ShortenUtf8(name, 80), "\" is no field of ",
                                wanted_.GetDescriptor()->name(), "; whole fields are named"));
      return;
    }
    Take(name, path, /*named=*/true);
  }

  // A field that is given, where the mask names none.
  void Given(const std::string& name) { Take(name, place_.Field(name), /*named=*/false); }

  absl::StatusOr<std::set<std::string>> Done() const {
    if (denied_.empty()) return changed_;
    return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
                 absl::StrCat("your role may change ", absl::StrJoin(fields_.editable, ", "),
                              " here, not ", absl::StrJoin(denied_, ", ")))
        .WithMetadata("fields", absl::StrJoin(denied_, ","));
  }

 private:
  void Take(const std::string& name, const Place& place, bool named) {
    if (name == "name") return;
    if (name == "etag" || fields_.set_by_server.count(name) != 0) {
      if (named) {
        faults_->Add(place, v1::ERROR_REASON_FIELD_NOT_EDITABLE,
                     absl::StrCat("\"", name, "\" is set by the server"));
      }
      return;
    }
    const bool same = SameField(wanted_, *record_, name);
    const auto fixed = fields_.fixed.find(name);
    if (fixed != fields_.fixed.end()) {
      if (named || !same) {
        faults_->Add(place, v1::ERROR_REASON_FIELD_NOT_EDITABLE,
                     absl::StrCat(named ? absl::StrCat("\"", name, "\" ") : "", fixed->second));
      }
    } else if (fields_.editable.count(name) == 0) {
      if (named || !same) denied_.insert(name);
    } else if (!same) {
      const FieldDescriptor* field = wanted_.GetDescriptor()->FindFieldByName(name);
      record_->GetReflection()->ClearField(record_, field);
      record_->MergeFrom(*Only(wanted_, name));
      changed_.insert(name);
    }
  }

  const Message& wanted_;
  const EditableFields& fields_;
  const Place place_;
  Message* const record_;
  Faults* const faults_;
  std::set<std::string> changed_;
  std::set<std::string> denied_;
};

}  // namespace

absl::StatusOr<std::set<std::string>> MergeEdit(const google::protobuf::FieldMask& mask,
                                                const Message& wanted, const EditableFields& fields,
                                                absl::string_view field, Message* record,
                                                Faults* faults) {
  const Place paths{"", "update_mask"};
  if (mask.paths_size() > kMaxPaths) {
    faults->Add(paths.Field("paths"), v1::ERROR_REASON_TOO_MANY,
                absl::StrCat("must have at most ", kMaxPaths, " elements"));
    return std::set<std::string>();
  }
  Merge merge(wanted, fields, field, record, faults);
  const bool all = mask.paths_size() == 1 && mask.paths(0) == "*";
  if (all || mask.paths().empty()) {
    std::vector<const FieldDescriptor*> given;
    wanted.GetReflection()->ListFields(wanted, &given);
    std::set<std::string> names;
    for (const FieldDescriptor* one : given) names.insert(one->name());
    if (all) names.insert(fields.editable.begin(), fields.editable.end());
    for (const std::string& name : names) merge.Given(name);
    return merge.Done();
  }
  for (int i = 0; i < mask.paths_size(); ++i) {
    merge.Named(mask.paths(i), paths.Element("paths", i));
  }
  return merge.Done();
}

}  // namespace trialgate::directory
