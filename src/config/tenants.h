// The tenants of a target: whose credentials sign which records. Plain data; part of config.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/auth.h"

namespace sluice::config {

struct Tenant {
  Auths auth;          // all that its requests carry: the target's own first, none of it oauth2
  Duration overlap{};  // as Target::overlap
  bool operator==(const Tenant&) const = default;
};

// What becomes of a record whose tenant is not known.
enum class UnknownTenant : std::uint8_t { park, dead_letter };

struct Tenants {
  std::vector<std::string> by;       // as Pipeline::group_by; at least one
  std::map<std::string, Tenant> of;  // by name, as codec/tenant.h makes it; at least one
  UnknownTenant unknown = UnknownTenant::park;
  bool operator==(const Tenants&) const = default;
};

}  // namespace sluice::config
