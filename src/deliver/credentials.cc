#include "deliver/credentials.h"

#include <algorithm>
#include <utility>

#include "codec/tenant.h"

namespace sluice::deliver {

Credentials::Credentials(std::string target, const config::Tenants& rules, Tenants tenants)
    : target_(std::move(target)),
      by_(rules.by),
      unknown_(rules.unknown),
      tenants_(std::move(tenants)) {}

std::string Credentials::tenant_of(const codec::Route& route) const {
  return codec::tenant_of(route, by_.size());
}

std::shared_ptr<Tenant> Credentials::find(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? nullptr : found->second;
}

Error Credentials::unknown(const std::string& tenant) const {
  const std::string key = "targets." + target_ + ".tenants";
  if (tenant.find_first_not_of('/') == std::string::npos) {
    std::string by;
    for (const std::string& part : by_) by += (by.empty() ? "" : ", ") + part;
    return {"has no tenant (" + key + ".by: " + by + ")", "set " + key + ".unknown: dead_letter"};
  }
  return {"tenant " + codec::shown_tenant(tenant) + " is not in " + key,
          "add it and reload, or set unknown: dead_letter"};
}

Credentials::Tenants Credentials::all() const {
  const std::lock_guard lock(mutex_);
  return tenants_;
}

void Credentials::set(Tenants tenants) {
  const std::lock_guard lock(mutex_);
  tenants_ = std::move(tenants);
  ++moves_;
}

std::size_t Credentials::open_now(const std::string& pipeline) const {
  std::size_t held = 0;
  for (const auto& [name, tenant] : all()) held += tenant->open_now(pipeline);
  return held;
}

std::size_t Credentials::reset_breakers() const {
  std::size_t open = 0;
  for (const auto& [name, tenant] : all()) open += tenant->reset_breakers();
  return open;
}

}  // namespace sluice::deliver
