#include "cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/result.h"
#include "cli/cli.h"

namespace sluice::cli {
namespace {

// Of the first write to standard output that failed; 0: none did. stdio keeps only that one did.
int failed_write = 0;

bool noted(bool written) {
  if (!written && failed_write == 0) failed_write = errno == 0 ? EIO : errno;
  return failed_write == 0;
}

}  // namespace

void open_standard_streams() {
  // The lowest number that is free is taken each time.
  int fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::open("/dev/null", O_RDWR);
  if (fd >= 0) ::close(fd);
}

bool print(std::string_view text) {
  errno = 0;
  noted(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
  return flush_output();
}

bool flush_output() {
  errno = 0;
  return noted(std::fflush(stdout) == 0 && std::ferror(stdout) == 0);
}

int finish_output(int code) {
  flush_output();
  const int error = failed_write;
  failed_write = 0;
  std::clearerr(stdout);
  if (error == 0 || error == EPIPE) return code;
  const Error unwritten{std::string("standard output cannot be written: ") + std::strerror(error),
                        "make room there, or send it elsewhere"};
  std::fprintf(stderr, "sluice: %s\n", unwritten.text().c_str());
  return code == kOk ? kFailed : code;
}

void leave_at_once(int code) {
  const int last = finish_output(code);
  std::fflush(nullptr);
  ::_exit(last);
}

}  // namespace sluice::cli
