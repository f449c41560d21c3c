#include "common/filter/fields.h"

#include "google/protobuf/timestamp.pb.h"

namespace trialgate::filter {

void Values::Add(absl::string_view text) {
  if (!text.empty()) values_.emplace_back(std::string(text));
}

void Values::AddEnum(int value) {
  if (value != 0) AddNumber(value);
}

void Values::AddTime(const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  AddNumber(time.seconds() * kNanosPerSecond + time.nanos());
}

void Values::AddDays(absl::string_view first, absl::string_view last) {
  values_.emplace_back(std::string(first));
  values_.emplace_back(std::string(last));
}

}  // namespace trialgate::filter
