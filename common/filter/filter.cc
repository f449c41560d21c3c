#include "common/filter/filter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/literal.h"
#include "common/filter/scanner.h"

namespace trialgate::filter {
namespace {

constexpr absl::string_view kAnd = "AND";

bool IsKeyword(absl::string_view word) { return word == kAnd || word == "OR" || word == "NOT"; }

// The operators that a field takes, as they are told.
absl::string_view OperatorsOf(const Field& field) {
  if (field.repeated || field.kind == Kind::kDays) return ":";
  switch (field.kind) {
    case Kind::kText:
      return "=, != and :";
    case Kind::kNumber:
    case Kind::kDate:
    case Kind::kTime:
      return "=, !=, < and >";
    default:
      return "= and !=";
  }
}

bool Takes(const Field& field, Operator op) {
  if (field.repeated || field.kind == Kind::kDays) return op == Operator::kHas;
  switch (op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
      return true;
    case Operator::kLess:
    case Operator::kGreater:
      return field.kind == Kind::kNumber || field.kind == Kind::kDate || field.kind == Kind::kTime;
    case Operator::kHas:
      return field.kind == Kind::kText;
  }
  return false;
}

std::optional<Fault> TakeOperator(const Field& field, Scanner* scanner, Operator* op) {
  constexpr std::pair<absl::string_view, Operator> kOperators[] = {{"!=", Operator::kNotEqual},
                                                                   {"=", Operator::kEqual},
                                                                   {"<", Operator::kLess},
                                                                   {">", Operator::kGreater},
                                                                   {":", Operator::kHas}};
  const absl::string_view rest = scanner->rest();
  if (absl::StartsWith(rest, "<=") || absl::StartsWith(rest, ">=")) {
    return Fault{scanner->offset(), "<= and >= are not permitted; take < or >"};
  }
  for (const auto& [text, one] : kOperators) {
    if (!absl::StartsWith(rest, text)) continue;
    if (!Takes(field, one)) {
      return Fault{scanner->offset(), absl::StrCat(field.path, " takes ", OperatorsOf(field))};
    }
    scanner->Skip(text.size());
    *op = one;
    return std::nullopt;
  }
  return Fault{scanner->offset(), absl::StrCat("an operator is expected here: ", field.path,
                                               " takes ", OperatorsOf(field))};
}

// The text between double quotes; the scanner stands at the first.
std::optional<Fault> TakeQuoted(Scanner* scanner, std::string* text) {
  const std::size_t start = scanner->offset();
  scanner->Skip(1);
  while (!scanner->done()) {
    const char c = scanner->rest().front();
    if (c == '"') {
      scanner->Skip(1);
      return std::nullopt;
    }
    if (c == '\\') {
      const absl::string_view escaped = scanner->rest().substr(0, 2);
      if (escaped != "\\\"" && escaped != "\\\\") {
        return Fault{scanner->offset(), "after \\ stands \" or \\"};
      }
      scanner->Skip(1);
    }
    text->push_back(scanner->rest().front());
    scanner->Skip(1);
  }
  return Fault{start, "the text that begins here has no end: a \" is missing"};
}

std::optional<Fault> TakeText(Scanner* scanner, std::string* text) {
  if (absl::StartsWith(scanner->rest(), "\"")) return TakeQuoted(scanner, text);
  const std::size_t start = scanner->offset();
  const absl::string_view bare = scanner->TakeBare();
  if (bare.empty()) return Fault{start, "a value is expected here"};
  if (IsKeyword(bare)) {
    return Fault{start,
                 absl::StrCat("a value is expected here; as a value ", bare, " stands in quotes")};
  }
  *text = std::string(bare);
  return std::nullopt;
}

std::optional<Fault> TakeValue(const Field& field, Scanner* scanner, Comparison* comparison) {
  const std::size_t start = scanner->offset();
  std::string text;
  if (auto fault = TakeText(scanner, &text); fault.has_value()) return fault;
  if (text.empty()) {
    if (comparison->op == Operator::kEqual || comparison->op == Operator::kNotEqual) {
      return std::nullopt;
    }
    return Fault{start, "only = and != take the empty text, which is what is absent"};
  }
  const bool folded = field.kind == Kind::kText && comparison->op == Operator::kHas;
  if (folded) {
    text = FoldedWords(text);
    if (text.empty()) return Fault{start, "must have a letter or a digit"};
  }
  auto value = ParseLiteral(field, text);
  if (!value.ok()) {
    return Fault{start, absl::StrCat(field.path, " ", std::string(value.status().message()))};
  }
  comparison->value = *std::move(value);
  return std::nullopt;
}

std::optional<Fault> TakeComparison(absl::Span<const Field> fields, Scanner* scanner,
                                    Comparison* comparison) {
  if (auto fault = TakeField(fields, scanner, &comparison->field); fault.has_value()) return fault;
  const Field& field = fields[comparison->field];
  scanner->SkipSpaces();
  if (auto fault = TakeOperator(field, scanner, &comparison->op); fault.has_value()) return fault;
  scanner->SkipSpaces();
  return TakeValue(field, scanner, comparison);
}

// Nothing follows, or AND and, after it, another comparison.
std::optional<Fault> TakeAnd(Scanner* scanner, bool* more) {
  const std::size_t spaces = scanner->SkipSpaces();
  *more = !scanner->done();
  if (!*more) return std::nullopt;
  Scanner ahead = *scanner;
  const Fault expected{scanner->offset(), "AND, or the end, is expected here"};
  if (spaces == 0 || ahead.TakePath() != kAnd) return expected;
  if (!ahead.done() && ahead.SkipSpaces() == 0) return expected;
  *scanner = ahead;
  return std::nullopt;
}

bool HasValue(const Field& field, const std::vector<Value>& values, const Value& wanted) {
  if (field.kind == Kind::kDays) {
    const auto& day = std::get<std::string>(wanted);
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      const auto& first = std::get<std::string>(values[i]);
      const auto& last = std::get<std::string>(values[i + 1]);
      if (first <= day && (last.empty() || day <= last)) return true;
    }
    return false;
  }
  if (field.kind == Kind::kText) {
    const auto& words = std::get<std::string>(wanted);
    return std::any_of(values.begin(), values.end(), [&](const Value& value) {
      return absl::StrContains(std::get<std::string>(value), words);
    });
  }
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

bool Meets(const Field& field, const Comparison& comparison, const std::vector<Value>& values,
           const std::vector<Value>& folded) {
  if (comparison.op == Operator::kHas) {
    return HasValue(field, field.kind == Kind::kText ? folded : values, *comparison.value);
  }
  const bool absent = values.empty();
  const bool equal =
      comparison.value.has_value() ? !absent && values.front() == *comparison.value : absent;
  switch (comparison.op) {
    case Operator::kEqual:
      return equal;
    case Operator::kNotEqual:
      return !equal;
    case Operator::kLess:
      return !absent && values.front() < *comparison.value;
    default:
      return !absent && values.front() > *comparison.value;
  }
}

}  // namespace

std::optional<Fault> ParseFilter(absl::string_view text, absl::Span<const Field> fields,
                                 std::vector<Comparison>* comparisons) {
  if (auto fault = CheckText(text, kMaxFilterBytes); fault.has_value()) return fault;
  Scanner scanner(text);
  scanner.SkipSpaces();
  bool more = !scanner.done();
  while (more) {
    if (comparisons->size() == kMaxComparisons) {
      return Fault{scanner.offset(),
                   absl::StrCat("must have at most ", kMaxComparisons, " comparisons")};
    }
    Comparison comparison{};
    if (auto fault = TakeComparison(fields, &scanner, &comparison); fault.has_value()) return fault;
    comparisons->push_back(std::move(comparison));
    if (auto fault = TakeAnd(&scanner, &more); fault.has_value()) return fault;
  }
  std::stable_sort(comparisons->begin(), comparisons->end(),
                   [](const Comparison& a, const Comparison& b) { return a.field < b.field; });
  return std::nullopt;
}

bool Matches(absl::Span<const Comparison> comparisons, absl::Span<const Field> fields,
             absl::FunctionRef<Values(std::size_t)> read) {
  Values values;
  std::vector<Value> folded;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const Comparison& comparison = comparisons[i];
    const Field& field = fields[comparison.field];
    if (i == 0 || comparisons[i - 1].field != comparison.field) {
      values = read(comparison.field);
      folded.clear();
    }
    // Folding costs more than all else: once for each field.
    if (field.kind == Kind::kText && comparison.op == Operator::kHas && folded.empty()) {
      for (const Value& value : values.all()) {
        folded.emplace_back(FoldedWords(std::get<std::string>(value)));
      }
    }
    if (!Meets(field, comparison, values.all(), folded)) return false;
  }
  return true;
}

}  // namespace trialgate::filter
