#include "admin/actions.h"

#include <array>
#include <cstddef>

namespace sluice::admin {
namespace {

constexpr std::string_view kPipelines = "/-/pipelines/";
constexpr std::string_view kTargets = "/-/targets/";
constexpr std::string_view kProcess = "/-/";
constexpr std::array<std::string_view, 2> kOfProcess{"log-level", "reload"};
constexpr std::string_view kScheme = "bearer ";

bool is_bearer(std::string_view authorization) {
  if (authorization.size() < kScheme.size()) return false;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != kScheme[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<ActionRequest> parse_action_path(std::string_view path) {
  ActionRequest request;
  for (const std::string_view name : kOfProcess) {
    if (!path.starts_with(kProcess) || path.substr(kProcess.size()) != name) continue;
    request.name = name;
    return request;
  }
  const bool of_target = path.starts_with(kTargets);
  if (!of_target && !path.starts_with(kPipelines)) return std::nullopt;
  path.remove_prefix(of_target ? kTargets.size() : kPipelines.size());
  const std::size_t slash = path.find('/');
  if (slash == path.npos || slash == 0 || slash + 1 == path.size()) return std::nullopt;
  const std::string_view name = path.substr(slash + 1);
  if (name.find('/') != name.npos) return std::nullopt;
  (of_target ? request.target : request.pipeline) = path.substr(0, slash);
  request.name = name;
  return request;
}

bool knows_token(std::string_view authorization, std::string_view token) {
  if (token.empty() || !is_bearer(authorization)) return false;
  const std::string_view given = authorization.substr(kScheme.size());
  // Every byte of what was given is looked at, whatever the first difference is.
  std::size_t difference = given.size() ^ token.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i] ^ token[i % token.size()]);
  }
  return difference == 0;
}

}  // namespace sluice::admin
