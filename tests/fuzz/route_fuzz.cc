// Paths and headers that are made from records: wherever a record's values lead a request, it stays
// at the target's origin and below its path. libcurl, which sends it, is the judge.
#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text_template.h"
#include "base/url_path.h"
#include "codec/router.h"
#include "config/address.h"
#include "fuzz/fuzz_input.h"

namespace {

using namespace sluice;
using fuzz::require;

class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url(), curl_url_cleanup) {
    valid_ = curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  }
  bool valid() const { return valid_; }
  // Empty where there is none.
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), which, &text, 0) != CURLUE_OK) return {};
    const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
    return text;
  }

 private:
  std::unique_ptr<CURLU, void (*)(CURLU*)> url_;
  bool valid_ = false;
};

void check_url(const std::string& base_url, const std::string& path) {
  const Url base(base_url);
  const Url url(base_url + path);
  if (!base.valid()) return;  // a host that libcurl takes for none
  require(url.valid(), "a path makes no URL invalid", base_url + path);
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT, CURLUPART_USER,
                               CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    require(url.part(part) == base.part(part), "a request stays at its origin", base_url + path);
  }
  std::string prefix = base.part(CURLUPART_PATH);
  while (prefix.ends_with('/')) prefix.pop_back();
  const std::string resolved = url.part(CURLUPART_PATH);
  require(resolved == prefix + path, "libcurl finds nothing to resolve in it", resolved);
  require(!has_dot_segment(resolved), "nor do servers", resolved);
}

std::size_t slashes(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += c == '/' ? 1U : 0U;
  return count;
}

void check_header(const std::string& value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    require((byte >= 0x20 || c == '\t') && byte != 0x7f, "a header is one line", value);
  }
  require(!value.empty() && value.front() != ' ' && value.back() != ' ',
          "no blank of a header is lost on the way", value);
}

struct Templates {
  TextTemplate path;
  TextTemplate header;
  std::string base_url;
};

// nullopt: refused when the configuration is read.
std::optional<Templates> read_templates(fuzz::Input& input) {
  const std::string_view base_url = input.line();
  const std::string_view of_path = input.line();
  const std::string_view of_header = input.line();
  if (!fuzz::is_one_line(of_path) || !fuzz::is_one_line(of_header)) return std::nullopt;
  const auto base = config::parse_base_url(base_url);
  auto path = TextTemplate::parse(of_path);
  auto header = TextTemplate::parse(of_header);
  if (!base || !path || !header || header->filled_with("x").empty()) return std::nullopt;
  if (!config::parse_path(path->filled_with("x"))) return std::nullopt;
  return Templates{std::move(*path), std::move(*header), base->url};
}

}  // namespace

// base_url, path, a header's value; the record's key and header "tenant"; then its value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto templates = read_templates(input);
  if (!templates) return 0;
  codec::Router router(templates->path, {templates->header});
  const std::string key = input.text();
  const std::string tenant = input.text();
  const std::array<RecordHeader, 1> headers{{{"tenant", tenant}}};
  const std::string value(input.rest());
  const RecordView record{17, 1'700'000'000'123, key, value, headers};
  codec::Route route;
  const auto rejection = router.route(record, {"events", 3}, value, route);
  if (rejection) {
    require(rejection->reason == DeadLetterReason::unroutable ||
                rejection->reason == DeadLetterReason::not_json,
            "a record goes nowhere for one of two reasons");
    require(fuzz::is_one_line(rejection->detail), "a detail is one line", rejection->detail);
    return 0;
  }
  require(config::parse_path(route.path).has_value(), "a path is what a fixed one may be",
          route.path);
  require(slashes(route.path) == slashes(templates->path.filled_with("x")),
          "a record's values make no segments", route.path);
  require(route.path.size() <= codec::Router::kLongest, "a path has a length", route.path);
  check_url(templates->base_url, route.path);
  check_header(route.headers.front());
  return 0;
}
