// Macros that pass an error on to the caller:
//
//   absl::Status Save(const Thing& thing) {
//     ABSL_RETURN_IF_ERROR(Check(thing));
//     ABSL_ASSIGN_OR_RETURN(std::string bytes, Encode(thing));
//     return Write(bytes);
//   }
//
// Same names and shape as in newer Abseil (absl/status/status_macros.h), which replaces this file.
#ifndef TRIALGATE_COMMON_BASE_STATUS_MACROS_H_
#define TRIALGATE_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TRIALGATE_STATUS_CONCAT_INNER_(a, b) a##b
#define TRIALGATE_STATUS_CONCAT_(a, b) TRIALGATE_STATUS_CONCAT_INNER_(a, b)

// Returns the status of `expr` (an absl::Status) from the enclosing function unless it is OK.
#define ABSL_RETURN_IF_ERROR(expr)                                                               \
  do {                                                                                           \
    if (absl::Status trialgate_status = (expr); !trialgate_status.ok()) return trialgate_status; \
  } while (false)

// Assigns the value of `rexpr` (an absl::StatusOr<T>) to `lhs`, which may declare a variable, or
// returns its status from the enclosing function. More than one statement: not usable as the
// body of an `if` without braces. A comma in `lhs` needs parentheses or `auto`.
#define ABSL_ASSIGN_OR_RETURN(lhs, ...)                                                           \
  TRIALGATE_ASSIGN_OR_RETURN_IMPL_(TRIALGATE_STATUS_CONCAT_(trialgate_status_or_, __LINE__), lhs, \
                                   __VA_ARGS__)

#define TRIALGATE_ASSIGN_OR_RETURN_IMPL_(result, lhs, ...) \
  auto result = (__VA_ARGS__);                             \
  if (!result.ok()) return std::move(result).status();     \
  lhs = std::move(result).value()

#endif  // TRIALGATE_COMMON_BASE_STATUS_MACROS_H_
