#include "codec/tenant.h"

#include <algorithm>

namespace sluice::codec {
namespace {

constexpr std::size_t kMostShown = 100;

void append_value(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '/') {
      out += "%2F";
    } else if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
}

void append_shown(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f) {
    out += c;
    return;
  }
  ((out += "\\x") += kDigits[byte >> 4U]) += kDigits[byte & 15U];
}

}  // namespace

std::string tenant_of(const Route& route, std::size_t values) {
  std::string name;
  for (std::size_t i = route.group.size() - std::min(values, route.group.size());
       i < route.group.size(); ++i) {
    if (i + values > route.group.size()) name += '/';
    append_value(route.group[i], name);
  }
  return name;
}

std::string shown_tenant(std::string_view name) {
  std::string shown;
  for (const char c : name.substr(0, kMostShown)) append_shown(c, shown);
  if (name.size() > kMostShown) shown += "...";
  return shown;
}

}  // namespace sluice::codec
