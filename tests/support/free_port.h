#pragma once

#include <cstdint>

namespace sluice::test {

// A TCP port of loopback that nobody listens on. Below the ports that the system hands out to
// clients (32768 and up): on those, a client that reconnects to a stopped server sooner or later
// connects to itself and holds the port. Another process may take it before it is used.
std::uint16_t free_port();

}  // namespace sluice::test
