#include "base/wipe.h"

#include <cstring>

namespace sluice {

void wipe(std::string& text) noexcept {
  // Up to the capacity, which resize() may reach without a reallocation: what a string once held
  // stays beyond its end, and in the short buffer of a string that was moved from.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace sluice
