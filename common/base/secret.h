// A text that must not be seen: a token, a password, a private key.
//
//   const Secret token(text);
//   Send(token.Reveal());
//
// Only Reveal() gives the bytes, so every place that reads them can be found. It has no stream
// operator, does not go into StrCat or a log line, and turns into nothing by itself.
#ifndef TRIALGATE_COMMON_BASE_SECRET_H_
#define TRIALGATE_COMMON_BASE_SECRET_H_

#include <openssl/crypto.h>

#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace trialgate {

// Copies and moves; what it held is overwritten when it goes, or is assigned to. Moved from, it is
// empty. As thread-safe as a std::string.
class Secret {
 public:
  Secret() = default;
  // Copies: wiping the source is for whom it belongs to.
  explicit Secret(absl::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  ~Secret() { Wipe(); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret other) noexcept {
    bytes_.swap(other.bytes_);  // `other` wipes what was held
    return *this;
  }

  // Valid as long as this is and is not assigned to. Copy nothing of it that lives longer.
  absl::string_view Reveal() const { return {bytes_.data(), bytes_.size()}; }
  bool empty() const { return bytes_.empty(); }

  // Not written, by intent.
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  void Wipe() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  // Not a std::string: a short one leaves a copy behind when it is moved.
  std::vector<char> bytes_;
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_SECRET_H_
