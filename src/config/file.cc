#include "config/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/wipe.h"
#include "config/values.h"

namespace sluice::config {
namespace {

tl::unexpected<Error> cannot_read(int error) {
  if (error == ENOENT) return fail("does not exist", "correct the path or create the file");
  if (error == EACCES) return fail("may not be read", "give this user the right to read it");
  return fail("cannot be read: " + std::string(std::strerror(error)), "see to the file");
}

Result<std::string> read_open_file(int fd, std::size_t most) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return cannot_read(errno);
  if (S_ISDIR(info.st_mode)) return fail("is a directory", "name a file in it");
  if (!S_ISREG(info.st_mode)) return fail("is not a regular file", "name a regular file");
  // One byte more than allowed, and never grown: a buffer that moves leaves a copy behind.
  std::string content(most + 1, '\0');
  std::size_t used = 0;
  while (used < content.size()) {
    const ssize_t got = ::read(fd, content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > most) {
    wipe(content);
    return fail("is larger than " + format_size(most), "name a smaller file");
  }
  std::string exact(content, 0, used);
  wipe(content);
  return exact;
}

}  // namespace

Result<std::string> read_regular_file(const std::string& path, std::size_t most) {
  // Not blocking: a pipe without a writer must not hold up the start.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return cannot_read(errno);
  auto content = read_open_file(fd, most);
  ::close(fd);
  return content;
}

}  // namespace sluice::config
