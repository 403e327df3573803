#include "config/number_pattern.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sluice::config {
namespace {

std::string digit(char first, char last) {
  if (first == last) return {first};
  return {'[', first, '-', last, ']'};
}

std::string any_digits(std::size_t count) {
  if (count == 0) return {};
  return count == 1 ? "[0-9]" : "[0-9]{" + std::to_string(count) + "}";
}

// From one number to another with as many digits.
void add_of_one_length(const std::string& low, const std::string& high,
                       std::vector<std::string>& out) {
  const std::size_t size = low.size();
  const auto d = static_cast<std::size_t>(
      std::mismatch(low.begin(), low.end(), high.begin()).first - low.begin());
  if (d == size) {
    out.push_back(low);
    return;
  }
  // Whether all that begins with the digit where they part is above one and below the other.
  const bool whole_low = low.find_first_not_of('0', d + 1) == low.npos;
  const bool whole_high = high.find_first_not_of('9', d + 1) == high.npos;
  if (!whole_low) out.push_back(low);
  for (std::size_t i = size - 1; !whole_low && i > d; --i) {
    if (low[i] == '9') continue;
    out.push_back(low.substr(0, i) + digit(static_cast<char>(low[i] + 1), '9') +
                  any_digits(size - i - 1));
  }
  const auto first = static_cast<char>(low[d] + (whole_low ? 0 : 1));
  const auto last = static_cast<char>(high[d] - (whole_high ? 0 : 1));
  if (first <= last)
    out.push_back(low.substr(0, d) + digit(first, last) + any_digits(size - d - 1));
  for (std::size_t i = d + 1; !whole_high && i < size; ++i) {
    if (high[i] == '0') continue;
    out.push_back(high.substr(0, i) + digit('0', static_cast<char>(high[i] - 1)) +
                  any_digits(size - i - 1));
  }
  if (!whole_high) out.push_back(high);
}

}  // namespace

std::string number_pattern(std::uint64_t low, std::uint64_t high) {
  std::vector<std::string> parts;
  std::string from = std::to_string(low);
  const std::string to = std::to_string(high);
  for (; from.size() < to.size(); from = "1" + std::string(from.size(), '0')) {
    add_of_one_length(from, std::string(from.size(), '9'), parts);
  }
  add_of_one_length(from, to, parts);
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "(" : "|") + part;
  return out + ")";
}

}  // namespace sluice::config
