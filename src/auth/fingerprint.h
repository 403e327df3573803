// Tells secrets apart without saying them.
#pragma once

#include <string>
#include <string_view>

namespace sluice::auth {

// The first 16 digits of SHA-256 in hex. Of a secret that can be guessed it says too much to be
// shown.
std::string fingerprint(std::string_view bytes);

}  // namespace sluice::auth
