// For LD_PRELOAD: counts the C++ allocator's calls in the file that COUNT_NEW_FILE names: one
// number of 64 bits, true at any time, since Sluice may leave without a destructor. What C
// libraries (librdkafka, libcurl) allocate by malloc() is not among them.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

using Counter = std::atomic<std::uint64_t>;

Counter of_the_start{0};  // before the file is there
Counter* allocations = &of_the_start;

[[gnu::constructor]] void count_in_file() {
  const char* const name = std::getenv("COUNT_NEW_FILE");
  const int file =
      name != nullptr ? ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
  if (file < 0 || ::ftruncate(file, sizeof(Counter)) != 0) return;
  void* const memory =
      ::mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (memory != MAP_FAILED) allocations = new (memory) Counter(of_the_start.load());
}

}  // namespace

// The other forms of new end in it, but for those with an alignment, which stay as they are.
void* operator new(std::size_t size) {
  allocations->fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
