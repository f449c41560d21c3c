#include "tools/cli/form.h"

#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"
#include "tools/cli/yaml.h"

namespace trialgate::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kFaultMark = "# !! ";
constexpr int kCommentWidth = 90;
// Messages of the API hold no message of their own kind; deeper ones are not asked for.
constexpr int kDeepest = 4;

class FormWriter {
 public:
  explicit FormWriter(const FormSpec& spec) : spec_(spec) {}

  // The fields of `message`, each line at `margin`; `first` stands before the first field.
  void Fields(const Message& message, const std::string& parent, const std::string& margin,
              std::string first) {
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string path = parent.empty() ? field.name() : parent + "." + field.name();
      if (!IsAsked(field, path)) continue;
      Note(field, path, first.empty() ? margin : first);
      absl::StrAppend(&text_, first.empty() ? margin : first, field.name(), ":");
      first.clear();
      Value(message, field, path, margin);
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  static std::size_t DepthOf(absl::string_view path) {
    std::size_t depth = 0;
    for (const char c : path) depth += c == '.' ? 1 : 0;
    return depth;
  }

  bool IsAsked(const FieldDescriptor& field, const std::string& path) const {
    if (spec_.hidden.count(path) > 0 || DepthOf(path) > kDeepest) return false;
    return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
           field.message_type() != google::protobuf::Timestamp::descriptor();
  }

  void Comment(absl::string_view words, absl::string_view margin) {
    // Within a list's element a comment stands before its "- ".
    const std::string spaces(margin.size(), ' ');
    for (const std::string& line : Wrap(CleanLines(words), kCommentWidth)) {
      absl::StrAppend(&text_, spaces, "# ", line, "\n");
    }
  }

  void Note(const FieldDescriptor& field, const std::string& path, absl::string_view margin) {
    std::vector<std::string> words;
    const auto note = spec_.notes.find(path);
    if (note != spec_.notes.end()) words.push_back(note->second);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      words.push_back((field.is_repeated() ? "of: " : "one of: ") + Choices(*field.enum_type()));
    }
    if (field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      words.push_back("a list; each has: " + FieldsOf(*field.message_type(), path));
    }
    if (!words.empty() && !quiet_) Comment(absl::StrJoin(words, "; "), margin);
  }

  std::string FieldsOf(const google::protobuf::Descriptor& type, const std::string& path) const {
    std::vector<std::string> names;
    for (int i = 0; i < type.field_count(); ++i) {
      if (IsAsked(*type.field(i), path + "." + type.field(i)->name())) {
        names.push_back(type.field(i)->name());
      }
    }
    return Joined(names);
  }

  void Value(const Message& message, const FieldDescriptor& field, const std::string& path,
             const std::string& margin) {
    const Reflection& reflection = *message.GetReflection();
    const bool nested = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field.is_repeated() && !nested) return Scalar(OneAsText(message, field, -1), margin);
    if (!field.is_repeated()) {
      text_ += '\n';
      return Fields(reflection.GetMessage(message, &field), path, margin + "  ", "");
    }
    const int size = reflection.FieldSize(message, &field);
    text_ += size == 0 ? " []\n" : "\n";
    for (int i = 0; i < size; ++i) {
      if (nested) {
        // What is noted of the first element holds of all.
        const bool before = std::exchange(quiet_, quiet_ || i > 0);
        Fields(reflection.GetRepeatedMessage(message, &field, i), path, margin + "    ",
               margin + "  - ");
        quiet_ = before;
      } else {
        absl::StrAppend(&text_, margin, "  -");
        Scalar(OneAsText(message, field, i), margin + "  ");
      }
    }
  }

  // What stands after "key:" or "-"; a text over several lines as a block.
  void Scalar(const std::string& yaml, const std::string& margin) {
    if (!yaml.empty())
      absl::StrAppend(&text_, " ", absl::StrJoin(absl::StrSplit(yaml, '\n'), "\n" + margin + "  "));
    text_ += '\n';
  }

  // A value as YAML; index -1: of a field that is not repeated, empty where it is not set.
  static std::string OneAsText(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& reflection = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = one ? reflection.GetString(message, &field)
                                     : reflection.GetRepeatedString(message, &field, index);
        return text.empty() ? "" : YamlText(text);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int number = one ? reflection.GetEnumValue(message, &field)
                               : reflection.GetRepeatedEnumValue(message, &field, index);
        return EnumChoice(*field.enum_type(), number);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        // Of several fields one is given: a false would be one.
        if (one && field.containing_oneof() != nullptr && !reflection.HasField(message, &field)) {
          return "";
        }
        return (one ? reflection.GetBool(message, &field)
                    : reflection.GetRepeatedBool(message, &field, index))
                   ? "true"
                   : "false";
      case FieldDescriptor::CPPTYPE_INT32:
        return Number(one ? reflection.GetInt32(message, &field)
                          : reflection.GetRepeatedInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_INT64:
        return Number(one ? reflection.GetInt64(message, &field)
                          : reflection.GetRepeatedInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        // Of several fields one is given: a zero would be one.
        if (one && field.containing_oneof() != nullptr && reflection.HasField(message, &field)) {
          return absl::StrCat(reflection.GetDouble(message, &field));
        }
        return Number(one ? reflection.GetDouble(message, &field)
                          : reflection.GetRepeatedDouble(message, &field, index));
      default:
        return "";
    }
  }

  template <typename T>
  static std::string Number(T number) {
    return number == 0 ? "" : absl::StrCat(number);
  }

  const FormSpec& spec_;
  std::string text_;
  bool quiet_ = false;
};

bool IsFault(absl::string_view line) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), kFaultMark);
}

std::string PlaceOf(const FormSpec& spec, std::string path) {
  if (!spec.prefix.empty() && absl::StartsWith(path, spec.prefix + ".")) {
    path = path.substr(spec.prefix.size() + 1);
  }
  return spec.place ? spec.place(path) : path;
}

}  // namespace

std::string RenderForm(const Message& message, const FormSpec& spec) {
  std::string text;
  for (const std::string& line : Wrap(CleanLines(spec.title), kCommentWidth)) {
    absl::StrAppend(&text, "# ", line, "\n");
  }
  absl::StrAppend(&text,
                  spec.may_be_complete
                      ? "# Save and close to send it. Left empty, nothing is sent; left as it is, "
                        "you are asked.\n"
                      : "# Save and close to send it. Left empty or as it is, nothing is sent.\n",
                  "# Lines that begin with # are not read.\n\n");
  FormWriter writer(spec);
  writer.Fields(message, "", "", "");
  return text + writer.Take();
}

std::string WithFaults(absl::string_view form, const FormSpec& spec,
                       const std::vector<FieldViolation>& faults) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(form, '\n')) {
    if (!IsFault(line)) lines.emplace_back(line);
  }
  const std::string clean = absl::StrJoin(lines, "\n");
  std::string top;
  std::map<int, std::vector<std::string>> at;
  for (const FieldViolation& fault : faults) {
    const std::string place = PlaceOf(spec, fault.field);
    const int line = LineOfField(clean, place);
    const std::string words = Clean(fault.description);
    if (line < 0) {
      absl::StrAppend(&top, kFaultMark, Clean(place), place.empty() ? "" : ": ", words, "\n");
    } else {
      at[line].push_back(absl::StrCat(Clean(place), ": ", words));
    }
  }
  std::string text = top;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string margin(lines[i].size() - absl::StripLeadingAsciiWhitespace(lines[i]).size(),
                             ' ');
    for (const std::string& words : at[static_cast<int>(i)]) {
      absl::StrAppend(&text, margin, kFaultMark, words, "\n");
    }
    absl::StrAppend(&text, lines[i], i + 1 == lines.size() ? "" : "\n");
  }
  return text;
}

bool IsEmptyForm(absl::string_view form) {
  for (absl::string_view line : absl::StrSplit(form, '\n')) {
    const absl::string_view words = absl::StripAsciiWhitespace(line);
    if (!words.empty() && words.front() != '#') return false;
  }
  return true;
}

}  // namespace trialgate::cli
