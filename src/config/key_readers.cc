#include "config/key_readers.h"

#include <algorithm>

#include "config/file.h"
#include "config/names.h"
#include "config/sizes.h"

namespace sluice::config {
namespace {

template <class T, class Format>
void store_bounded(Reader& reader, const Value& value, std::optional<T> number, T low, T high,
                   Format format, auto& out) {
  if (!number) return;
  if (*number < low || *number > high) {
    reader.problem(value, in_quotes(value.node->text) + " is out of bounds",
                   "use " + format(low) + " to " + format(high));
    return;
  }
  out = static_cast<std::remove_reference_t<decltype(out)>>(*number);
}

}  // namespace

void read_bounded(Reader& reader, const Value& value, std::uint32_t low, std::uint32_t high,
                  std::uint32_t& out) {
  const auto raw = reader.plain(value);
  if (!raw) return;
  store_bounded<std::uint64_t>(
      reader, value, reader.take(value, parse_whole(*raw)), low, high,
      [](std::uint64_t n) { return std::to_string(n); }, out);
}

void read_bounded(Reader& reader, const Value& value, Duration low, Duration high, Duration& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  store_bounded(reader, value, reader.take(value, parse_duration(*raw)), low, high, format_duration,
                out);
}

void read_bounded(Reader& reader, const Value& value, std::size_t low, std::size_t high,
                  std::size_t& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  store_bounded(reader, value, reader.take(value, parse_size(*raw)), low, high, format_size, out);
}

void read_percent(Reader& reader, const Value& value, double& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  const auto share = reader.take(value, parse_percent(*raw));
  if (!share) return;
  if (*share < 0.01 || *share > 1) {
    reader.problem(value, in_quotes(*raw) + " is out of bounds", "use 1% to 100%");
    return;
  }
  out = *share;
}

void read_record_parts(Reader& reader, const Value& value, std::vector<std::string>& out) {
  for (const Value& item : reader.one_or_list(value, "[/account_id]")) {
    const auto raw = reader.text(item);
    auto by = raw ? reader.take(item, parse_group_by(*raw)) : std::nullopt;
    if (!by) continue;
    if (std::find(out.begin(), out.end(), *by) != out.end()) {
      reader.problem(item, in_quotes(*by) + " stands here a second time", "keep one of the two");
    } else {
      out.push_back(std::move(*by));
    }
  }
}

std::optional<std::string> read_pem_path(Reader& reader, const Value& value) {
  constexpr std::size_t kMaxPemBytes = kMiB;
  const auto raw = reader.text(value);
  if (!raw) return std::nullopt;
  std::string path = reader.file_path(*raw);
  if (auto content = read_regular_file(path, kMaxPemBytes); !content) {
    reader.problem(value, in_quotes(path) + " " + content.error().cause, content.error().remedy);
    return std::nullopt;
  }
  return path;
}

}  // namespace sluice::config
