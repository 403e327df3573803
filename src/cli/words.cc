#include "cli/words.h"

#include "config/nearest.h"

namespace sluice::cli {

std::string nearest_or_all(std::string_view word, const std::vector<std::string_view>& all) {
  const std::string_view near = config::nearest(word, all);
  if (!near.empty()) return "did you mean " + std::string(near) + "?";
  if (all.empty()) return "there is none";
  std::string listed = all.size() == 1 ? "there is " : "there are ";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) listed += i + 1 == all.size() ? " and " : ", ";
    listed += all[i];
  }
  return listed;
}

}  // namespace sluice::cli
