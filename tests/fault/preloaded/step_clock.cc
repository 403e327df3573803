// For LD_PRELOAD: a wall clock that steps for one process, as if somebody had set the machine's.
// STEP_CLOCK_FILE: eight bytes, seconds ahead of the true time. libfaketime cannot stand in for it:
// waits until a time of day (C11's cnd_timedwait, which librdkafka uses) it lets the kernel end by
// the true clock, an hour late or at once.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kNanos = 1'000'000'000;
constexpr std::int64_t kSlice = 50'000'000;  // how late a wait may notice a step

const std::atomic<std::int64_t>* map_offset() {
  static std::atomic<std::int64_t> none{0};
  const char* path = std::getenv("STEP_CLOCK_FILE");
  const int fd = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return &none;
  void* memory = ::mmap(nullptr, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return memory == MAP_FAILED ? &none : static_cast<const std::atomic<std::int64_t>*>(memory);
}

std::int64_t offset_seconds() {
  static const std::atomic<std::int64_t>* const offset = map_offset();
  return offset->load();
}

std::int64_t nanos_of(const timespec& time) { return time.tv_sec * kNanos + time.tv_nsec; }

timespec true_time() {
  timespec now{};
  ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now;
}

timespec stepped_time() {
  timespec now = true_time();
  now.tv_sec += offset_seconds();
  return now;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    time->tv_sec += offset_seconds();
  }
  return result;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  const timespec now = stepped_time();
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* seconds) noexcept {
  const time_t now = stepped_time().tv_sec;
  if (seconds != nullptr) *seconds = now;
  return now;
}

int timespec_get(timespec* time, int base) noexcept {
  if (base != TIME_UTC) return 0;
  *time = stepped_time();
  return base;
}

// Wakes up without cause now and then, as it may; the caller looks and waits again.
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  using Wait = int (*)(cnd_t*, mtx_t*, const timespec*);
  static const auto wait = reinterpret_cast<Wait>(::dlsym(RTLD_NEXT, "cnd_timedwait"));
  const std::int64_t left = nanos_of(*until) - nanos_of(stepped_time());
  const std::int64_t end = nanos_of(true_time()) + std::clamp(left, std::int64_t{0}, kSlice);
  const timespec slice{end / kNanos, end % kNanos};
  const int result = wait(condition, mutex, &slice);
  return result == thrd_timedout && left > kSlice ? thrd_success : result;
}

}  // extern "C"
