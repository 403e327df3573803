#include "config/tenants_section.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/auth_headers.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr Choice<UnknownTenant> kUnknown[] = {{"park", UnknownTenant::park},
                                              {"dead_letter", UnknownTenant::dead_letter}};

void read_by(Reader& reader, const Value& value, Tenants& out) {
  read_record_parts(reader, value, out.by);
}

bool is_oauth2(const Auth& auth) { return std::holds_alternative<OAuth2Auth>(auth); }

void read_tenant(Reader& reader, const Value& value, Tenants& out) {
  Tenant tenant;
  read_auths(reader, value, tenant.auth, tenant.overlap);
  const auto type = value.child("type");
  if (type && type->is_scalar() && type->node->text == "none") {
    reader.problem(*type, "none proves no tenant",
                   "write the credentials of this tenant, or remove it");
  }
  if (std::any_of(tenant.auth.begin(), tenant.auth.end(), is_oauth2)) {
    reader.problem_of_key(value, "is of type oauth2, which no tenant can be yet",
                          "give this tenant a target of its own");
  }
  out.of.emplace(value.key, std::move(tenant));
}

void read_of(Reader& reader, const Value& value, Tenants& out) {
  const auto tenants = reader.map(value);
  if (value.is_map() && value.node->entries.empty()) {
    reader.problem(value, "has no tenant", "add one with its credentials");
  }
  for (const Value& tenant : tenants) read_tenant(reader, tenant, out);
}

Form of_form() {
  constexpr std::string_view kOther =
      R"({"properties":{"type":{"not":{"enum":["none","oauth2"]}}}})";
  Form form = named_form(auths_form(), "^(?!.*%(?!2F|25))[^/]+(/[^/]+)*$");
  form.needs_one = true;
  form.below = std::string(kOther) + R"(,{"items":)" + std::string(kOther) + "}";
  return form;
}

constexpr Key<Tenants> kTenantsKeys[] = {
    {"by", {read_by, record_parts_form}, Need::required, "by: /account_id"},
    {"of",
     {read_of, of_form},
     Need::required,
     "of: {acme: {type: bearer, token: \"${env:ACME_TOKEN}\"}}"},
    {"unknown", choice<&Tenants::unknown, kUnknown>},
};

std::string counted_parts(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " part" : " parts");
}

// Only a name that a record can have is of use.
Result<std::string> parse_tenant(std::string_view name, std::size_t values) {
  const auto slashes = static_cast<std::size_t>(std::count(name.begin(), name.end(), '/'));
  if (slashes + 1 != values) {
    return fail(in_quotes(name) + " has " + counted_parts(slashes + 1) + " where by has " +
                    counted_parts(values),
                "write the values of by with / between them, and %2F for a / within one");
  }
  const bool empty_part =
      name.empty() || name.front() == '/' || name.back() == '/' || name.find("//") != name.npos;
  if (empty_part) {
    return fail(in_quotes(name) + " has an empty part", "write each value that records hold");
  }
  for (std::size_t at = name.find('%'); at != name.npos; at = name.find('%', at + 1)) {
    const std::string_view code = name.substr(at + 1, 2);
    if (code != "2F" && code != "25") {
      return fail(in_quotes(name) + " has a % that stands for nothing",
                  "write %2F for a / and %25 for a % within a value");
    }
  }
  return std::string(name);
}

}  // namespace

Form tenants_form() { return or_words(map_form<kTenantsKeys>(), {"none"}); }

void read_tenants(Reader& reader, const Value& value, Target& out) {
  if (value.is_scalar()) {
    if (value.node->text == "none") return;
    reader.problem(value, "is neither none nor a map",
                   "write {by: /account_id, of: {acme: {type: bearer, ...}}}");
    return;
  }
  Tenants tenants;
  read_keys(reader, value, kTenantsKeys, tenants);
  if (const auto of = value.child("of"); of && !tenants.by.empty()) {
    for (const Value& tenant : of->children()) {
      reader.take_key(tenant, parse_tenant(tenant.key, tenants.by.size()));
    }
  }
  out.tenants = std::move(tenants);
}

void join_tenants(Reader& reader, const Value& target_value, Target& target) {
  if (!target.tenants) return;
  const auto auth_value = target_value.child("auth");
  if (std::any_of(target.auth.begin(), target.auth.end(), is_oauth2)) {
    reader.problem_of_key(*auth_value, "is of type oauth2, which does not go with tenants yet",
                          "give each tenant a target of its own");
    return;
  }
  const auto tenants_value = target_value.child("tenants");
  const auto of = tenants_value->child("of");
  for (auto& [name, tenant] : target.tenants->of) {
    for (const Auth& own : tenant.auth) {
      for (const Auth& shared : target.auth) {
        check_beside(reader, *of->child(name), own, *auth_value, shared);
      }
    }
    tenant.auth.insert(tenant.auth.begin(), target.auth.begin(), target.auth.end());
    tenant.overlap = std::max(tenant.overlap, target.overlap);
  }
}

}  // namespace sluice::config
