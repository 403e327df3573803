#include "config/names.h"

#include <regex.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text_template.h"
#include "config/values.h"

namespace sluice::config {
namespace {

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool all_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || others.find(c) != others.npos; });
}

Result<std::string> parse_simple_name(std::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest || !all_of(text, "_.-")) {
    return fail(in_quotes(text) + " is not a valid name",
                "use 1 to " + std::to_string(longest) + " of letters, digits, _ . and -");
  }
  return std::string(text);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// RFC 9110, 5.6.2.
bool is_header_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && all_of(text, "!#$%&'*+-.^_`|~");
}

tl::unexpected<Error> no_header_name(std::string_view text) {
  return fail(in_quotes(text) + " is not a header name", "use letters, digits and -");
}

}  // namespace

Result<std::string> parse_name(std::string_view text) { return parse_simple_name(text, 64); }

Result<std::string> parse_instance_id(std::string_view text) {
  return parse_simple_name(text, 128);
}

Result<std::string> parse_topic(std::string_view text) {
  if (text.starts_with('^') || text.find('*') != text.npos) {
    return fail(in_quotes(text) + " is not a topic name",
                "write a pattern between slashes, such as /^events\\..*/");
  }
  if (text.empty() || text.size() > 249 || text == "." || text == ".." || !all_of(text, "_.-")) {
    return fail(in_quotes(text) + " is not a topic name",
                "use 1 to 249 of letters, digits, _ . and -, as Kafka does");
  }
  return std::string(text);
}

Result<std::string> parse_topic_pattern(std::string_view text) {
  if (text.size() < 4 || !text.starts_with("/^") || !text.ends_with('/')) {
    return fail(in_quotes(text) + " is not a pattern of topics",
                "write it such as /^events\\..*/: between slashes, with ^ in front");
  }
  std::string pattern(text.substr(1, text.size() - 2));
  regex_t compiled{};
  const int error = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error == 0) {
    regfree(&compiled);
    return pattern;
  }
  std::array<char, 128> why{};
  regerror(error, nullptr, why.data(), why.size());
  return fail(in_quotes(text) + " is not a regular expression: " + why.data(),
              "use a POSIX extended regular expression, such as /^events\\..*/");
}

Result<std::string> parse_group(std::string_view text) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (text.empty() || text.size() > 255 || control) {
    return fail(in_quotes(text) + " is not a group name",
                "use 1 to 255 bytes without control characters");
  }
  return std::string(text);
}

Result<std::string> parse_header_name(std::string_view text) {
  constexpr std::array<std::string_view, 13> kReserved{"accept-encoding",
                                                       "connection",
                                                       "content-encoding",
                                                       "content-length",
                                                       "content-type",
                                                       "expect",
                                                       "host",
                                                       "keep-alive",
                                                       "te",
                                                       "trailer",
                                                       "transfer-encoding",
                                                       "proxy-connection",
                                                       "upgrade"};
  if (!is_header_name(text)) return no_header_name(text);
  if (std::find(kReserved.begin(), kReserved.end(), lower_case(text)) != kReserved.end()) {
    return fail(in_quotes(text) + " is a header that every request sets itself",
                "choose another name");
  }
  return std::string(text);
}

Result<std::string> parse_line(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(),
                                   [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  if (control) return fail("holds a control character", "write one line of text");
  return std::string(text);
}

bool same_header(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> parse_answer_header_name(std::string_view text) {
  if (!is_header_name(text)) return no_header_name(text);
  return lower_case(text);
}

Result<std::string> parse_group_by(std::string_view text) {
  using Kind = TextTemplate::Part::Kind;
  const auto parsed = TextTemplate::parse("{" + std::string(text) + "}");
  if (parsed && parsed->parts().size() == 1) {
    const Kind kind = parsed->parts().front().kind;
    if (kind == Kind::key || kind == Kind::header || kind == Kind::pointer) {
      return std::string(text);
    }
  }
  return fail(in_quotes(text) + " is nothing to group records by",
              "write key, header:NAME, or a JSON Pointer such as /account_id");
}

Result<std::string> parse_json_pointer(std::string_view text) {
  bool valid = text.starts_with('/');
  for (std::size_t at = text.find('~'); at != text.npos; at = text.find('~', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    valid = valid && (next == '0' || next == '1');
  }
  if (!valid) {
    return fail(in_quotes(text) + " is not a JSON Pointer",
                "begin with / and write ~0 for ~ and ~1 for /, such as /accepted/count");
  }
  return std::string(text);
}

}  // namespace sluice::config
