#include "demo/record_id.h"

#include <charconv>

namespace sluice::demo {
namespace {

constexpr std::size_t kDigits = 10;

std::string_view prefix_of(const simulator::EventType& type) {
  return type.id_field == "user_id" ? "player" : type.name;
}

}  // namespace

std::string record_id(const simulator::EventType& type, std::uint64_t number) {
  const std::string digits = std::to_string(number);
  const std::size_t zeros = digits.size() < kDigits ? kDigits - digits.size() : 0;
  return std::string(prefix_of(type)) + '-' + std::string(zeros, '0') + digits;
}

std::optional<std::uint64_t> record_number(const simulator::EventType& type, std::string_view id) {
  const std::size_t skip = prefix_of(type).size() + 1;
  if (id.size() < skip) return std::nullopt;
  std::uint64_t number = 0;
  std::from_chars(id.data() + skip, id.data() + id.size(), number);
  if (record_id(type, number) != id) return std::nullopt;
  return number;
}

}  // namespace sluice::demo
