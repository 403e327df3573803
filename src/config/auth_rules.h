// What the keys of an `auth` have to do with each other, as a JSON Schema says it. Private to this
// folder.
#pragma once

#include <string>
#include <string_view>

namespace sluice::config {

// Of a map of that type: Form::rules.
std::string auth_rules(std::string_view type);

}  // namespace sluice::config
