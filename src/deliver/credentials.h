// Whose credential signs which batch of a target.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "codec/router.h"
#include "config/config.h"
#include "deliver/live_credential.h"
#include "deliver/tenant.h"

namespace sluice::deliver {

// The target's one credential, or one for each of its tenants. Shared by all workers of the target;
// thread-safe. Tenants come and go while requests are under way.
class Credentials {
 public:
  using Tenants = std::map<std::string, std::shared_ptr<Tenant>>;

  // `of_all` outlives it.
  explicit Credentials(LiveCredential& of_all) : of_all_(&of_all) {}
  // What `rules` say of whom there is stands in `tenants`.
  Credentials(std::string target, const config::Tenants& rules, Tenants tenants);

  // Null: each tenant has its own.
  LiveCredential* of_all() const { return of_all_; }
  std::string tenant_of(const codec::Route& route) const;
  // Null: it is not known, or known no more.
  std::shared_ptr<Tenant> find(const std::string& tenant) const;
  // Records of tenants that are not known are for the dead-letter topic.
  bool refuses_unknown() const { return unknown_ == config::UnknownTenant::dead_letter; }
  // What is wrong with a record whose tenant is not known, and what to do.
  Error unknown(const std::string& tenant) const;

  Tenants all() const;
  void set(Tenants tenants);
  // As Tenant says, of all of them. Returns how many were held.
  std::size_t open_now(const std::string& pipeline) const;
  std::size_t reset_breakers() const;

  // A number that grows with everything that lets records go which stood still before.
  std::uint64_t moves() const { return moves_; }
  void moved() { ++moves_; }

 private:
  LiveCredential* const of_all_ = nullptr;
  const std::string target_;
  const std::vector<std::string> by_;
  const config::UnknownTenant unknown_ = config::UnknownTenant::park;
  std::atomic<std::uint64_t> moves_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  Tenants tenants_;
};

}  // namespace sluice::deliver
