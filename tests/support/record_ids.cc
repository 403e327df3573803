#include "support/record_ids.h"

#include <algorithm>

namespace sluice::test {

std::vector<std::string> ids_in(std::string_view text) {
  constexpr std::string_view kBefore = R"({"id":")";
  std::vector<std::string> ids;
  for (std::size_t at = text.find(kBefore); at != text.npos; at = text.find(kBefore, at)) {
    at += kBefore.size();
    const std::size_t end = std::min(text.find('"', at), text.size());
    ids.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return ids;
}

}  // namespace sluice::test
