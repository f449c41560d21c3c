#include "common/base/ids.h"

#include <sys/random.h>

#include <cstdlib>

namespace trialgate {
namespace {

constexpr int kIdBytes = 16;
constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

}  // namespace

std::string RandomIds::NewId() {
  unsigned char bytes[kIdBytes];
  // A request of up to 256 bytes is never cut short once the system's pool is ready.
  if (getrandom(bytes, sizeof(bytes), 0) != static_cast<ssize_t>(sizeof(bytes))) std::abort();
  std::string id;
  unsigned int pending = 0;
  int pending_bits = 0;
  for (const unsigned char byte : bytes) {
    pending = (pending << 8) | byte;
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      id.push_back(kAlphabet[(pending >> pending_bits) & 31]);
    }
  }
  // 128 bits are 25 characters of five bits and three bits left.
  id.push_back(kAlphabet[(pending << (5 - pending_bits)) & 31]);
  return id;
}

}  // namespace trialgate
