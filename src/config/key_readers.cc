#include "config/key_readers.h"

#include <algorithm>
#include <cmath>

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

// A bare 0 needs no unit.
Form unit_form(const std::string& pattern, bool zero, const std::string& bounds) {
  Form form = pattern_form(pattern, "use " + bounds);
  if (zero) {
    constexpr std::string_view kText = R"("type":"string")";
    form.keywords.replace(form.keywords.find(kText), kText.size(),
                          R"("type":["string","integer"],"minimum":0,"maximum":0)");
  }
  form.bounds = bounds;
  return form;
}

}  // namespace

Form whole_form(std::uint64_t low, std::uint64_t high) {
  Form form;
  form.keywords = R"("type":"integer","minimum":)" + std::to_string(low) +
                  ",\"maximum\":" + std::to_string(high);
  form.bounds = std::to_string(low) + " to " + std::to_string(high);
  return form;
}

Form duration_form(Duration low, Duration high) {
  return unit_form(duration_pattern(low, high), low == Duration::zero(),
                   format_duration(low) + " to " + format_duration(high));
}

Form size_form(std::size_t low, std::size_t high) {
  return unit_form(size_pattern(low, high), low == 0,
                   format_size(low) + " to " + format_size(high));
}

Form percent_form() {
  Form form = pattern_form(R"(^(100(\.0+)?|[1-9][0-9]?(\.[0-9]+)?)%$)", "1% to 100%");
  form.bounds = "1% to 100%";
  return form;
}

Form boolean_form() {
  Form form;
  form.keywords = R"("type":"boolean")";
  return form;
}

Form with_default(Form form, std::uint32_t value) {
  form.fallback = std::to_string(value);
  return form;
}

Form with_default(Form form, std::size_t value) {
  form.fallback = json_quoted(format_size(value));
  return form;
}

Form with_default(Form form, double value) {
  form.fallback = json_quoted(std::to_string(std::lround(value * 100)) + "%");
  return form;
}

Form with_default(Form form, Duration value) {
  // Where 0 would be too short, it stands for none.
  if (value > Duration::zero()) form.fallback = json_quoted(format_duration(value));
  return form;
}

Form with_default(Form form, bool value) {
  form.fallback = value ? "true" : "false";
  return form;
}

Form with_default(Form form, const std::string& value) {
  if (!value.empty()) form.fallback = json_quoted(value);
  return form;
}

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

Form record_parts_form() { return one_or_list_form(record_part_text()); }

std::optional<std::string> read_json_pointer(Reader& reader, const Value& value) {
  if (value.is_scalar() && value.node->quoted && value.node->text.empty()) return "";
  const auto raw = reader.text(value);
  return raw ? reader.take(value, parse_json_pointer(*raw)) : std::nullopt;
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
