#include "cli/act_refusal.h"

#include <string_view>
#include <vector>

#include "cli/words.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

bool is_of_target(const ActWords& words) { return words.action == "reset-breaker"; }

}  // namespace

std::string in_words_of_commands(std::string text) {
  replace_all(text, "/status (sluice status)", "sluice status");
  replace_all(text, "see /status", "see sluice status");
  return text;
}

bool is_unknown_name(int status, const ActWords& words) {
  return status == kNotFound && !words.name.empty();
}

Error unknown_name(const ActWords& words, const glance::Document& there) {
  std::vector<std::string_view> names;
  if (is_of_target(words)) {
    for (const glance::Target& target : there.targets) names.push_back(target.name);
  } else {
    for (const glance::Pipeline& pipeline : there.pipelines) names.push_back(pipeline.name);
  }
  const char* const kind = is_of_target(words) ? "target " : "pipeline ";
  return {std::string("there is no ") + kind + config::in_quotes(words.name),
          nearest_or_all(words.name, names)};
}

std::string refusal(int status, const std::string& url, const std::string& text) {
  if (status == kUnauthorized) {
    return Error{"the token is not that of the Sluice at " + url,
                 "set SLUICE_ADMIN_TOKEN to its admin.token, or name its configuration with "
                 "--config FILE"}
        .text();
  }
  if (status == kForbidden) {
    return Error{"the Sluice at " + url + " takes no actions: it has no admin.token",
                 "set admin.token in its configuration"}
        .text();
  }
  if (status == kNotFound) {
    return Error{"who answers at " + url + " knows no such action",
                 "check that it is a Sluice of this version and that the address is admin.listen's"}
        .text();
  }
  return text.empty() ? "it answered " + std::to_string(status) : in_words_of_commands(text);
}

}  // namespace sluice::cli
