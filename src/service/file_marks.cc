#include "service/file_marks.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "base/wipe.h"

namespace sluice::service {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

std::uint64_t mark_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return 0;
  std::string content;
  std::array<char, 4096> part{};
  while (content.size() < kMostBytes &&
         (file.read(part.data(), part.size()) || file.gcount() > 0)) {
    content.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  const std::uint64_t mark = std::hash<std::string_view>()(content);
  wipe(content);
  return std::max<std::uint64_t>(mark, 1);
}

template <class Tls>
void add_files_of(const Tls& tls, std::set<std::string>& files) {
  for (const auto& file : {tls.ca, tls.cert, tls.key}) {
    if (file) files.insert(*file);
  }
}

}  // namespace

FileMarks mark_files(const std::set<std::string>& paths) {
  FileMarks marks;
  for (const std::string& path : paths) marks[path] = mark_of(path);
  return marks;
}

std::set<std::string> tls_files_of(const config::Config& config) {
  std::set<std::string> files;
  for (const auto& [name, target] : config.targets) add_files_of(target.tls, files);
  return files;
}

std::set<std::string> kafka_files_of(const config::Config& config) {
  std::set<std::string> files;
  add_files_of(config.kafka.tls, files);
  return files;
}

std::set<std::string> schema_files_of(const config::Config& config) {
  std::set<std::string> files;
  for (const auto& pipeline : config.pipelines) {
    if (pipeline.schema) files.insert(*pipeline.schema);
  }
  return files;
}

bool FileWatch::changed() {
  FileMarks now = mark_files(paths_);
  const bool still = now == last_;
  last_ = std::move(now);
  if (!still || last_ == settled_) return false;
  settled_ = last_;
  return true;
}

}  // namespace sluice::service
