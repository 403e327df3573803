// What the HTTP port takes from operators besides questions.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::admin {

// POST /-/pipelines/<pipeline>/<name>?<parameters>, /-/targets/<target>/<name>, or
// /-/log-level and /-/reload of the whole process.
struct ActionRequest {
  std::string pipeline = {};  // it or the next, or neither
  std::string target = {};
  std::string name = {};
  std::map<std::string, std::string> parameters = {};
};

struct ActionReply {
  int status = 200;  // of HTTP
  std::string text;  // one line for people, without its end
};

struct ActionPort {
  // What callers have to know; empty: nobody may act. Both may be called by several threads at
  // once.
  std::function<std::string()> token = [] { return std::string(); };
  // May take seconds, as may the next one.
  std::function<ActionReply(const ActionRequest&)> perform;
  // POST /-/reload; empty: there is none.
  std::function<ActionReply()> reload;
  // Told of each action that was asked for and that neither was done nor found nothing to do (a
  // status but 200 and 409): a wrong token, a wrong name, a worker that does not answer.
  std::function<void(const ActionRequest&, const ActionReply&)> refused = [](const auto&,
                                                                             const auto&) {};
};

// The pipeline and name in a path; nullopt where it is no action's.
std::optional<ActionRequest> parse_action_path(std::string_view path);

// Whether an Authorization header says "Bearer <token>". Takes as long for a wrong one as for the
// right one.
bool knows_token(std::string_view authorization, std::string_view token);

}  // namespace sluice::admin
