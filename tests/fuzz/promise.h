// How a fuzz target says that a promise is broken.
#ifndef TRIALGATE_TESTS_FUZZ_PROMISE_H_
#define TRIALGATE_TESTS_FUZZ_PROMISE_H_

#include <cstdio>
#include <cstdlib>

// Ends the process, which keeps the input, unless `condition` holds.
#define TRIALGATE_PROMISE(condition)                                               \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

#endif  // TRIALGATE_TESTS_FUZZ_PROMISE_H_
