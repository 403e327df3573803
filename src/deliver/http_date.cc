#include "deliver/http_date.h"

#include <array>
#include <ctime>

namespace sluice::deliver {

std::optional<std::chrono::seconds> parse_http_date(const std::string& text) {
  // IMF-fixdate, RFC 850 and asctime.
  static constexpr std::array kForms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %d %H:%M:%S %Y"};
  for (const char* form : kForms) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    // Not up to a NUL byte: to the end.
    if (end == text.c_str() + text.size()) return std::chrono::seconds(timegm(&parts));
  }
  return std::nullopt;
}

}  // namespace sluice::deliver
