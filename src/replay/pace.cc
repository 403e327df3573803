#include "replay/pace.h"

#include <string>

#include "config/values.h"

namespace sluice::replay {
namespace {

double seconds_in(std::string_view unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  return unit == "h" ? 3600 : 0;
}

}  // namespace

Result<double> parse_rate(std::string_view text) {
  constexpr double kHighest = 1e6;
  const std::size_t slash = text.find('/');
  const auto number = config::parse_decimal(text.substr(0, slash));
  if (number && *number > 0 && slash == std::string_view::npos) {
    const std::string bare(text);
    return fail(config::in_quotes(text) + " has no unit",
                "write " + bare + "/s, " + bare + "/m or " + bare + "/h");
  }
  const double seconds = slash == std::string_view::npos ? 0 : seconds_in(text.substr(slash + 1));
  if (!number || seconds == 0 || *number <= 0 || *number / seconds > kHighest) {
    return fail("no rate is " + config::in_quotes(text), "write one like 100/s, 600/m or 1000/h");
  }
  return *number / seconds;
}

}  // namespace sluice::replay
