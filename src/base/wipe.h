// Leaves nothing behind of texts that are secret.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sluice {

// Overwrites every byte `text` owns, in a way the optimiser keeps, and leaves it empty.
void wipe(std::string& text) noexcept;

// Texts that are wiped when they go or when others take their place.
class SecretTexts {
 public:
  SecretTexts() = default;
  SecretTexts(const SecretTexts&) = default;
  SecretTexts(SecretTexts&&) = default;
  SecretTexts& operator=(SecretTexts other) noexcept {
    texts_.swap(other.texts_);
    return *this;
  }
  ~SecretTexts() {
    for (std::string& text : texts_) wipe(text);
  }

  void add(std::string text) { texts_.push_back(std::move(text)); }
  void add(const SecretTexts& others) {
    texts_.insert(texts_.end(), others.texts_.begin(), others.texts_.end());
  }
  const std::vector<std::string>& all() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

}  // namespace sluice
