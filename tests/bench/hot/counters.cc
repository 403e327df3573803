#include "bench/hot/counters.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cstdlib>
#include <new>

namespace {

bool counting = false;
sluice::bench::Counts counts;

void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) {
    ++counts.allocations;
    counts.allocated_bytes += size;
  }
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(size == 0 ? 1 : size)
                           : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void note_copy(std::size_t size) {
  if (counting) counts.copied_bytes += size;
}

using Byte = volatile unsigned char;  // else the compiler makes a call of memcpy() of the loop

void* copy_upwards(void* to, const void* from, std::size_t size) {
  auto* const target = static_cast<Byte*>(to);
  const auto* const source = static_cast<const Byte*>(from);
  for (std::size_t i = 0; i < size; ++i) target[i] = source[i];
  return to;
}

}  // namespace

namespace sluice::bench {

void start_counting() {
  counts = {};
  counting = true;
}

Counts stop_counting() {
  counting = false;
  return counts;
}

}  // namespace sluice::bench

// The other forms of new and delete end in these.
void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

extern "C" void* memcpy(void* __restrict to, const void* __restrict from,
                        std::size_t size) noexcept {
  note_copy(size);
  return copy_upwards(to, from, size);
}

extern "C" void* memmove(void* to, const void* from, std::size_t size) noexcept {
  note_copy(size);
  if (to <= from) return copy_upwards(to, from, size);
  auto* const target = static_cast<Byte*>(to);
  const auto* const source = static_cast<const Byte*>(from);
  for (std::size_t i = size; i > 0; --i) target[i - 1] = source[i - 1];
  return to;
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto lock = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  if (counting) ++counts.locks;
  return lock(mutex);
}
