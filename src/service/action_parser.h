// What a request for an action asks for.
#pragma once

#include <optional>
#include <string_view>

#include "admin/actions.h"
#include "base/result.h"
#include "pipeline/action.h"
#include "pipeline/operator_pause.h"

namespace sluice::service {

// pause, drain and resume; nullopt: another action.
std::optional<pipeline::PauseWish> pause_wish(std::string_view name);

// Any other of a pipeline; the error says what to write.
Result<pipeline::Action> parse_action(const admin::ActionRequest& request);

}  // namespace sluice::service
