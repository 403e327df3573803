#include "config/secret_reference.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string>
#include <utility>

#include "config/file.h"
#include "config/values.h"

namespace sluice::config {
namespace {

constexpr std::string_view kForms =
    "write one of ${env:NAME}, ${file:/path}, ${dir:/path/KEY}, ${exec:command} and nothing else";

Result<Secret> from_environment(const std::string& name, const CommandLimits& /*limits*/) {
  const bool valid = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
                     std::all_of(name.begin(), name.end(),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!valid) return fail("is not the name of a variable", std::string(kForms));
  // No thread changes the environment.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return fail("is not set", "set the variable " + name);
  return Secret(value);
}

Result<Secret> from_file(const std::string& path, const CommandLimits& /*limits*/) {
  if (!path.starts_with('/')) return fail("is not an absolute path", "begin the path with /");
  auto content = read_regular_file(path, kMaxSecretBytes);
  if (!content) return fail(content.error().cause, content.error().remedy);
  return Secret(std::move(*content));
}

Result<Secret> from_command(const std::string& command, const CommandLimits& limits) {
  return run_command(command, limits);
}

struct Source {
  std::string_view prefix;
  Result<Secret> (*read)(const std::string& argument, const CommandLimits& limits);
};

constexpr std::array<Source, 4> kSources{{{"${env:", from_environment},
                                          {"${file:", from_file},
                                          {"${dir:", from_file},
                                          {"${exec:", from_command}}};

Result<Secret> check_value(const Secret& secret) {
  std::string_view value = secret.reveal();
  if (value.ends_with('\n')) value.remove_suffix(value.ends_with("\r\n") ? 2 : 1);
  if (value.empty()) return fail("is empty", "put the secret there");
  if (value.find('\0') != value.npos) return fail("holds a NUL byte", "use a text");
  return Secret(std::string(value));
}

}  // namespace

bool holds_reference(std::string_view text) { return text.find("${") != text.npos; }

std::optional<std::string> referenced_file(std::string_view text) {
  const auto source = std::find_if(kSources.begin(), kSources.end(),
                                   [&](const Source& s) { return text.starts_with(s.prefix); });
  if (source == kSources.end() || source->read != from_file || !text.ends_with('}')) {
    return std::nullopt;
  }
  return std::string(text.substr(source->prefix.size(), text.size() - source->prefix.size() - 1));
}

Result<Secret> resolve_reference(std::string_view text, const CommandLimits& limits) {
  const auto source = std::find_if(kSources.begin(), kSources.end(),
                                   [&](const Source& s) { return text.starts_with(s.prefix); });
  if (source == kSources.end() || !text.ends_with('}')) {
    return fail("is not one whole reference", std::string(kForms));
  }
  const std::string argument(
      text.substr(source->prefix.size(), text.size() - source->prefix.size() - 1));
  // A shell command may hold ${braces} of its own, but a second reference is a mistake.
  for (const Source& other : kSources) {
    if (argument.find(other.prefix) != argument.npos) {
      return fail("is more than one reference", std::string(kForms));
    }
  }
  auto value = source->read(argument, limits).and_then(check_value);
  if (value) return value;
  // A command line may hold a credential of its own.
  const std::string shown = source->read == from_command ? "${exec:...}" : std::string(text);
  return fail(in_quotes(shown) + " " + value.error().cause, value.error().remedy);
}

}  // namespace sluice::config
