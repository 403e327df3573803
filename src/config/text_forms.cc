#include "config/text_forms.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::config {
namespace {

using std::string;
using std::string_view;

// What no text may hold.
constexpr string_view kNoReference = R"((?![\s\S]*\$\{))";
constexpr string_view kHost = R"((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}))";
// 1 to 65535; as parse_whole() takes it, without zeros in front.
constexpr string_view kPort =
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
// Visible ASCII but ? # % and \, and what is escaped.
constexpr string_view kPathCharacter = R"(([!"$&->@-\[\]-~]|%[0-9A-Fa-f]{2}))";
constexpr string_view kNoDotSegment = R"((?!.*/(\.|%2[eE]){1,2}(/|$)))";
constexpr string_view kTopic = R"((?!\.{1,2}$)[A-Za-z0-9_.-]{1,249})";
constexpr string_view kPlaceholder =
    R"(\{(key|topic|partition|offset|timestamp|header:[!-z|~]+|/([^~{}]|~[01])*)\})";

// Nothing but these, one behind the other.
string exactly(std::initializer_list<string_view> parts) {
  string out = "^";
  for (const string_view part : parts) out += part;
  return out + '$';
}

// Case does not matter to a header's name, and a pattern has no other way to say so.
string in_any_case(string_view word) {
  string out;
  for (const char c : word) {
    const bool letter = c >= 'a' && c <= 'z';
    out += letter ? string{'[', c, static_cast<char>(c - 'a' + 'A'), ']'} : string{c};
  }
  return out;
}

string header_pattern(string_view reserved) {
  string words;
  for (std::size_t at = 0; at < reserved.size();) {
    const std::size_t end = std::min(reserved.find(' ', at), reserved.size());
    words += (words.empty() ? "" : "|") + in_any_case(reserved.substr(at, end - at));
    at = end + 1;
  }
  const string not_those = words.empty() ? "" : "(?!(" + words + ")$)";
  return exactly({not_those, R"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})"});
}

// Those of parse_header_name() that every request sets itself.
constexpr string_view kOwnHeaders =
    "accept-encoding connection content-encoding content-length expect host keep-alive te trailer "
    "transfer-encoding proxy-connection upgrade";

string template_pattern(string_view in_between, string_view placeholder) {
  return "(" + string(in_between) + R"(|\{\{|\}\}|)" + string(placeholder) + ")*";
}

}  // namespace

const char* const kNamePattern = "^[A-Za-z0-9_.-]{1,64}$";
const char* const kLoopbackBroker =
    R"(^([lL][oO][cC][aA][lL][hH][oO][sS][tT]|127(\.[0-9]{1,3}){3}|\[[0:]*:0*1\]):)";
const char* const kClearUrl =
    R"(^http://(?!([lL][oO][cC][aA][lL][hH][oO][sS][tT]|127(\.[0-9]{1,3}){3}|\[[0:]*:0*1\])(:|/|$)))";

Form any_text() { return pattern_form(exactly({kNoReference, R"([\s\S]+)"}), "a text", true); }
Form line_text() {
  return pattern_form(exactly({kNoReference, R"([^\x00-\x1f\x7f]+)"}), "one line of text", true);
}
Form user_text() {
  return pattern_form(exactly({kNoReference, R"([^\x00-\x1f\x7f:]+)"}), "a name without a colon",
                      true);
}
Form instance_text() {
  return pattern_form("^[A-Za-z0-9_.-]{1,128}$", "1 to 128 of letters, digits, _ . and -", true);
}
Form topic_text() {
  return pattern_form(exactly({kTopic}), "a topic: 1 to 249 of letters, digits, _ . and -", true);
}
Form topics_text() {
  return pattern_form(exactly({kNoReference, "(", kTopic, R"(|/\^[\s\S]+/))"}),
                      "a topic, or a pattern such as /^events\\..*/", true);
}
Form group_text() {
  return pattern_form(exactly({kNoReference, R"([^\x00-\x1f\x7f]{1,255})"}),
                      "1 to 255 bytes without control characters", true);
}
Form header_text() {
  return pattern_form(header_pattern(string(kOwnHeaders) + " content-type"),
                      "the name of a header that no request sets itself");
}
std::string own_header_pattern() { return header_pattern(kOwnHeaders); }
Form answer_header_text() { return pattern_form(header_pattern(""), "the name of a header"); }
Form record_part_text() {
  return pattern_form(exactly({kNoReference, "(key|header:[^{}]+|/([^~{}]|~[01])*)"}),
                      "key, header:NAME or a JSON Pointer such as /account_id");
}
Form json_pointer_text() {
  return pattern_form(exactly({kNoReference, "(/([^~]|~[01])*)?"}),
                      "a JSON Pointer, such as /accepted/count; \"\" is all of it");
}
Form host_port_text() {
  return pattern_form(exactly({kHost, ":(0|", kPort, ")"}),
                      "host:port, an IPv6 address in brackets");
}
Form broker_text() {
  return pattern_form(exactly({kHost, ":", kPort}), "host:port, an IPv6 address in brackets");
}
Form base_url_text() {
  return pattern_form(exactly({kNoReference, kNoDotSegment, "https?://", kHost, "(:", kPort, ")?(/",
                               kPathCharacter, "*)?"}),
                      "https://host[:port][/path], without user, query or fragment");
}
Form secure_url_text() {
  return with_keywords(base_url_text(), "\"not\":{\"pattern\":" + json_quoted(kClearUrl) + "}");
}
Form proxy_url_text() {
  return pattern_form(exactly({"(https?|socks5h?)://", kHost, ":", kPort, "/?"}),
                      "http://, https://, socks5:// or socks5h://, a host and a port");
}
Form path_text() {
  return pattern_form(exactly({kNoReference, kNoDotSegment, "/", kPathCharacter, "*"}),
                      "a path from /, percent-encoded, without query or . and .. segments");
}
Form path_template_text() {
  const string text = template_pattern(R"(([!"$&->@-\[\]-z|~]|%[0-9A-Fa-f]{2}))", kPlaceholder);
  return pattern_form(
      exactly({kNoReference, kNoDotSegment, "/", text}),
      "a path from /, without query or . and .. segments; placeholders such as {/user/id}");
}
Form header_value_text() {
  const string text = template_pattern(R"([^{}\x00-\x1f\x7f])", kPlaceholder);
  return pattern_form(exactly({kNoReference, "(?! )(?!.* $)(?!$)", text}),
                      "one line; placeholders such as {key} or {/user/id}", true);
}
Form signature_value_text() {
  const string text = template_pattern(R"([^{}\x00-\x1f\x7f])", R"(\{(signature|timestamp|id)\})");
  return pattern_form(exactly({kNoReference, R"((?! )(?!.* $)(?=.*\{signature\}))", text}),
                      "one line with {signature}, and perhaps {timestamp} and {id}");
}
Form signed_text() {
  const string text =
      template_pattern("[^{}]", R"(\{(timestamp|method|path|query|host|id|body|body_hash)\})");
  return pattern_form(exactly({kNoReference, R"((?=[\s\S]*\{body(_hash)?\}))", text}),
                      "a text with {body} or {body_hash}; also {timestamp}, {method}, {path}, "
                      "{query}, {host}, {id}");
}
Form start_text() {
  constexpr string_view kDate = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
  constexpr string_view kTimeOfDay =
      R"([Tt]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)(\.[0-9]+)?)?)";
  constexpr string_view kZone = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
  return pattern_form(exactly({"(earliest|latest|", kDate, "(", kTimeOfDay, kZone, ")?)"}),
                      "earliest, latest or a time such as 2026-11-25T08:00:00Z");
}
Form secret_text() {
  constexpr string_view kNoSecond = R"((?![\s\S]*\$\{(env|file|dir|exec):))";
  constexpr string_view kSource =
      R"((env:[A-Za-z_][A-Za-z0-9_]*|(file|dir):/[\s\S]*|exec:[\s\S]+))";
  Form form =
      pattern_form(exactly({R"(\$\{)", kNoSecond, kSource, R"(\})"}),
                   "a reference: ${env:NAME}, ${file:/path}, ${dir:/path/KEY} or ${exec:command}");
  form.definition = "secret";
  return form;
}

}  // namespace sluice::config
