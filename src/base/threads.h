// Threads, of which the system may have none left: for a user, or for a container.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include "base/result.h"

namespace sluice {

// No thread could be started where `wanted` more were needed.
Error no_thread(std::size_t wanted);

// `name`: what tools show of it (`top -H`, gdb), cut to the 15 bytes that Linux keeps. Threads that
// it starts inherit it.
Result<std::thread> start_thread(const std::string& name, std::function<void()> body);

// Whether so many more threads can run at once. Ask before a library starts its own: they end the
// process, or stand still without a word, when one cannot be started. Starts that many and ends
// them, so nothing is left to chance but what other processes do in between.
Result<void> require_threads(std::size_t count);

}  // namespace sluice
