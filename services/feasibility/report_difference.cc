#include "services/feasibility/report_difference.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"

namespace trialgate::feasibility {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using Path = std::vector<MessageDifferencer::SpecificField>;

// "eligible[3].score"; of an element that only one has, the list: "eligible".
std::string Words(const Path& path, bool in_both) {
  std::string words;
  for (std::size_t i = 0; i < path.size(); ++i) {
    absl::StrAppend(&words, i == 0 ? "" : ".", path[i].field->name());
    if (path[i].index >= 0 && (in_both || i + 1 < path.size())) {
      absl::StrAppend(&words, "[", path[i].index, "]");
    }
  }
  return words;
}

// Keeps the paths that it is told of, each once.
class Paths : public MessageDifferencer::Reporter {
 public:
  explicit Paths(std::size_t most) : most_(most) {}

  std::vector<std::string> Take() { return std::move(paths_); }

  void ReportAdded(const Message& /*a*/, const Message& /*b*/, const Path& path) override {
    Tell(Words(path, /*in_both=*/false));
  }
  void ReportDeleted(const Message& /*a*/, const Message& /*b*/, const Path& path) override {
    Tell(Words(path, /*in_both=*/false));
  }
  // Comes for a message, too, after its fields.
  void ReportModified(const Message& /*a*/, const Message& /*b*/, const Path& path) override {
    if (path.back().field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return;
    Tell(Words(path, /*in_both=*/true));
  }

 private:
  void Tell(std::string words) {
    if (paths_.size() < most_ && (paths_.empty() || paths_.back() != words)) {
      paths_.push_back(std::move(words));
    }
  }

  const std::size_t most_;
  std::vector<std::string> paths_;
};

}  // namespace

std::vector<std::string> DifferingFields(const v1::FeasibilityReport& a,
                                         const v1::FeasibilityReport& b, std::size_t most) {
  Paths paths(most);
  MessageDifferencer differencer;
  differencer.ReportDifferencesTo(&paths);
  differencer.Compare(a, b);
  return paths.Take();
}

}  // namespace trialgate::feasibility
