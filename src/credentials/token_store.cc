#include "credentials/token_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/file.h"

namespace sluice::credentials {
namespace {

constexpr std::string_view kVersion = "sluice refresh token 1";
constexpr std::size_t kMostBytes = std::size_t{128} * 1024;
constexpr mode_t kMode = 0600;

// With what errno says.
tl::unexpected<Error> failed(const char* what, const std::string& path) {
  const int error = errno;  // before anything else can change it
  return fail(std::string("auth.store: ") + what + " " + path + ": " +
                  std::generic_category().message(error),
              "let it be a file in a folder that this process may write to");
}

// Closed by itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, kMode)) {}
  // Leaves errno as it was.
  ~File() {
    const int error = errno;
    if (fd_ >= 0) ::close(fd_);
    errno = error;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// On the disk when it returns; false: errno says why.
bool write_file(const std::string& path, std::string_view bytes) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  // One that was left there may have another mode.
  return file.get() >= 0 && ::fchmod(file.get(), kMode) == 0 && write_all(file.get(), bytes) &&
         ::fsync(file.get()) == 0;
}

// The rename itself, too, has to be on the disk.
bool sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const File handle(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  return handle.get() >= 0 && ::fsync(handle.get()) == 0;
}

// The next line of `text`, which loses it; nullopt where there is no whole one.
std::optional<std::string_view> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

Result<TokenStore> TokenStore::open(const std::string& path, const std::string& line) {
  const std::string lock_path = path + ".lock";
  File lock(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (lock.get() < 0) return failed("cannot open", lock_path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("cannot lock", lock_path);
    return fail("auth.store: " + path +
                    " is in use: one process alone, and one target of it, may use a refresh token, "
                    "since the token server replaces it and takes a second use for a theft",
                "stop the other one, or give this one a refresh_token and a store of its own");
  }
  TokenStore store(path, line, lock.release());
  if (auto read = store.read(); !read) return tl::unexpected(std::move(read.error()));
  return store;
}

TokenStore::TokenStore(TokenStore&& other) noexcept
    : path_(std::move(other.path_)),
      line_(std::move(other.line_)),
      lock_(std::exchange(other.lock_, -1)),
      kept_(std::move(other.kept_)) {}

TokenStore::~TokenStore() {
  // The file stays: whoever waits for its lock would be left with one that nobody else sees.
  if (lock_ >= 0) ::close(lock_);
}

Result<void> TokenStore::read() {
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) return {};
  auto content = config::read_regular_file(path_, kMostBytes);
  if (!content) {
    return fail("auth.store: " + path_ + " " + content.error().cause, content.error().remedy);
  }
  const config::Secret bytes(std::move(*content));
  std::string_view left = bytes.reveal();
  const auto version = next_line(left);
  const auto line = next_line(left);
  const auto token = next_line(left);
  if (version != kVersion || !line || !token || token->empty() || !left.empty()) {
    return fail("auth.store: " + path_ + " is something else than what Sluice wrote there",
                "name another file, or remove it and put a new refresh token where refresh_token "
                "refers to");
  }
  if (*line == line_) kept_ = config::Secret(std::string(*token));
  return {};
}

Result<void> TokenStore::keep(const config::Secret& token) {
  const std::string fresh = path_ + ".new";
  std::string text(kVersion);
  text.reserve(kVersion.size() + line_.size() + token.reveal().size() + 3);
  text.append("\n").append(line_).append("\n").append(token.reveal()).append("\n");
  const config::Secret bytes(std::move(text));
  if (!write_file(fresh, bytes.reveal()) || ::rename(fresh.c_str(), path_.c_str()) != 0) {
    auto error = failed("cannot write", path_);
    ::unlink(fresh.c_str());
    return error;
  }
  if (!sync_folder_of(path_)) return failed("cannot write the folder of", path_);
  return {};
}

}  // namespace sluice::credentials
