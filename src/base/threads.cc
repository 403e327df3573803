#include "base/threads.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <latch>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace sluice {
namespace {

// A thread that was joined counts until the kernel has put it away, which is soon.
void wait_until_gone(pid_t thread) {
  constexpr int kMostTurns = 10'000;  // an id may be in use again
  for (int turn = 0; turn < kMostTurns && ::tgkill(::getpid(), thread, 0) == 0; ++turn) {
    std::this_thread::yield();
  }
}

}  // namespace

Error no_thread(std::size_t wanted) {
  return {"cannot start a thread: " + std::generic_category().message(EAGAIN),
          "raise the limit of processes (ulimit -u, or pids.max / the pod's pid limit); " +
              std::to_string(wanted) + (wanted == 1 ? " more thread is" : " more threads are") +
              " needed"};
}

Result<std::thread> start_thread(const std::string& name, std::function<void()> body) {
  constexpr std::size_t kMostOfName = 15;
  try {
    return std::thread([name = name.substr(0, kMostOfName), body = std::move(body)] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      body();
    });
  } catch (const std::system_error&) {
    return tl::unexpected(no_thread(1));
  }
}

Result<void> require_threads(std::size_t count) {
  std::latch all_there(1);
  std::vector<pid_t> ids(count);
  std::vector<std::thread> threads;
  for (pid_t& id : ids) {
    auto thread = start_thread("counted", [&all_there, &id] {
      id = ::gettid();
      all_there.wait();
    });
    if (!thread) break;
    threads.push_back(std::move(*thread));
  }
  all_there.count_down();
  for (auto& thread : threads) thread.join();
  const bool enough = threads.size() == count;
  ids.resize(threads.size());
  for (const pid_t id : ids) wait_until_gone(id);
  if (!enough) return tl::unexpected(no_thread(count));
  return {};
}

}  // namespace sluice
