// The formats of JSON Schema that are checked, as RFC 3339 has them.
#pragma once

#include <string_view>

namespace sluice::codec {

bool is_date(std::string_view text);       // 2026-02-28
bool is_time(std::string_view text);       // 23:59:60.5+02:00; the zone is required
bool is_date_time(std::string_view text);  // date, T, time

}  // namespace sluice::codec
