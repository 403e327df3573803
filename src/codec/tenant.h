// What a tenant is called: by the values that its records have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "codec/router.h"

namespace sluice::codec {

// The last `values` of what the route is grouped by, with "/" between them. A "/" within a value is
// written "%2F" and a "%" "%25", so that no two tenants share a name. A value that the record does
// not have is an empty one.
std::string tenant_of(const Route& route, std::size_t values);

// For people: such a name comes from records, so it may be anything. At most 100 bytes of it, one
// line of printable ASCII.
std::string shown_tenant(std::string_view name);

}  // namespace sluice::codec
