// What `sluice act` says where an action was not done, in words of its own options. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/act_request.h"
#include "glance/document.h"

namespace sluice::cli {

// Of a text of the admin port; "/status" is another command's.
std::string in_words_of_commands(std::string text);

// Whether an answer says that there is no pipeline or target of that name.
bool is_unknown_name(int status, const ActWords& words);
// The names that there are, or the nearest. `there`: the /status of the process that was asked.
Error unknown_name(const ActWords& words, const glance::Document& there);

// Of any other answer. `url`: who was asked; `text`: what it said.
std::string refusal(int status, const std::string& url, const std::string& text);

}  // namespace sluice::cli
