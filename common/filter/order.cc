#include "common/filter/order.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"
#include "common/filter/scanner.h"

namespace trialgate::filter {
namespace {

// How a value begins in a key. Texts end by kEnd, and a byte of theirs that is kEnd is followed by
// kGoesOn, so that no key is the beginning of another.
constexpr char kAbsent = 0;
constexpr char kPresent = 1;
constexpr char kEnd = 0;
constexpr char kGoesOn = '\xff';

void AppendText(absl::string_view text, std::string* bytes) {
  for (const char c : text.substr(0, Utf8PrefixLength(text.substr(0, kMaxOrderedBytes)))) {
    bytes->push_back(c);
    if (c == kEnd) bytes->push_back(kGoesOn);
  }
  bytes->push_back(kEnd);
  bytes->push_back(kEnd);
}

void AppendNumber(std::int64_t number, std::string* bytes) {
  // The sign's bit turned, so that negative numbers come first.
  const std::uint64_t shifted = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(shifted >> shift & 0xff));
  }
}

std::optional<Fault> TakeOrderField(absl::Span<const Field> fields, Scanner* scanner,
                                    std::vector<OrderField>* order) {
  scanner->SkipSpaces();
  const std::size_t start = scanner->offset();
  OrderField one{};
  if (auto fault = TakeField(fields, scanner, &one.field); fault.has_value()) return fault;
  const Field& field = fields[one.field];
  if (field.repeated || field.kind == Kind::kDays) {
    return Fault{start, absl::StrCat(field.path, " has several values: nothing is ordered by it")};
  }
  const bool twice = std::any_of(order->begin(), order->end(),
                                 [&](const OrderField& o) { return o.field == one.field; });
  if (twice) return Fault{start, absl::StrCat(field.path, " is named twice")};
  if (order->size() == kMaxOrderFields) {
    return Fault{start, absl::StrCat("must have at most ", kMaxOrderFields, " fields")};
  }
  if (scanner->SkipSpaces() > 0) {
    Scanner ahead = *scanner;
    if (ahead.TakePath() == "desc") {
      one.descending = true;
      *scanner = ahead;
      scanner->SkipSpaces();
    }
  }
  order->push_back(one);
  return std::nullopt;
}

}  // namespace

std::optional<Fault> ParseOrder(absl::string_view text, absl::Span<const Field> fields,
                                std::vector<OrderField>* order) {
  if (auto fault = CheckText(text, kMaxOrderBytes); fault.has_value()) return fault;
  Scanner scanner(text);
  scanner.SkipSpaces();
  bool more = !scanner.done();
  while (more) {
    if (auto fault = TakeOrderField(fields, &scanner, order); fault.has_value()) return fault;
    more = !scanner.done();
    if (more && scanner.rest().front() != ',') {
      return Fault{scanner.offset(), "a comma, \"desc\" or the end is expected here"};
    }
    if (more) scanner.Skip(1);
  }
  return std::nullopt;
}

void AppendToKey(const OrderField& field, const Values& values, std::string* key) {
  std::string bytes(1, values.all().empty() ? kAbsent : kPresent);
  if (!values.all().empty()) {
    const Value& value = values.all().front();
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      AppendNumber(*number, &bytes);
    } else {
      AppendText(std::get<std::string>(value), &bytes);
    }
  }
  if (field.descending) {
    for (char& byte : bytes) byte = static_cast<char>(~byte);
  }
  *key += bytes;
}

}  // namespace trialgate::filter
