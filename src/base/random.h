// Randomness comes in by constructor, so that jitter is exact in tests.
#pragma once

#include <cstdint>

namespace sluice {

class Random {
 public:
  virtual ~Random() = default;
  // Uniform in [0, 1).
  virtual double next_unit() = 0;
};

// splitmix64 (Steele, Lea, Flood 2014): the same seed gives the same sequence on every machine.
// Not thread-safe and not for secrets: it spreads retries, nothing else.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next_bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  double next_unit() override {
    return static_cast<double>(next_bits() >> 11) * 0x1.0p-53;  // the 53 bits a double holds
  }

 private:
  std::uint64_t state_;
};

}  // namespace sluice
