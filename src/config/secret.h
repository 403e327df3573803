// A value that must never be printed.
#pragma once

#include <string>
#include <string_view>

namespace sluice::config {

// Owns the bytes, wipes them when it goes, and has no way to a stream, a log or a dump:
// only reveal(), which is called where a request is signed and nowhere else.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // Between our own values only: how long it takes tells where they differ.
  bool operator==(const Secret&) const = default;
  bool empty() const { return value_.empty(); }
  std::string_view reveal() const { return value_; }

 private:
  std::string value_;
};

}  // namespace sluice::config
