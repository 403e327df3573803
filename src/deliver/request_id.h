#pragma once

#include <string>
#include <vector>

#include "http/client.h"

namespace sluice::deliver {

// The API's own name of a request, from the header that it, or the gateway in front of it, gives it
// in: what its operators ask for. At most 128 printable characters, without the `secrets`; empty
// where there is none.
std::string request_id_of(const http::Answer& answer, const std::vector<std::string>& secrets);

}  // namespace sluice::deliver
