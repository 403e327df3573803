#include "codec/router.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/url_path.h"
#include "codec/json_grammar.h"

namespace sluice::codec {
namespace {

using Part = TextTemplate::Part;

std::string name_of(const Part& part) {
  switch (part.kind) {
    case Part::Kind::key:
      return "key";
    case Part::Kind::header:
      return "header " + part.text;
    case Part::Kind::timestamp:
      return "timestamp";
    case Part::Kind::pointer:
      return "value at " + part.text;
    case Part::Kind::text:
    case Part::Kind::topic:
    case Part::Kind::partition:
    case Part::Kind::offset:
      break;  // every record has these
  }
  return "value";
}

Rejection unroutable(std::string detail) {
  return {DeadLetterReason::unroutable, std::move(detail)};
}

// Which no header's value may begin or end with (RFC 9110, 5.5): HTTP/1.1 loses them on the way,
// HTTP/2 servers refuse the request.
bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

}  // namespace

Router::Router(TextTemplate path, std::vector<TextTemplate> headers,
               std::vector<TextTemplate> group_by)
    : path_(std::move(path)), headers_(std::move(headers)), group_by_(std::move(group_by)) {
  const auto take = [this](const TextTemplate& text) {
    fixed_ = fixed_ && text.fixed();
    for (const Part& part : text.parts()) {
      if (part.kind == Part::Kind::pointer) pointers_.push_back(part.text);
    }
  };
  take(path_);
  fixed_route_.path = path_.filled_with("");
  for (const TextTemplate& header : headers_) {
    take(header);
    fixed_route_.headers.push_back(header.filled_with(""));
  }
  for (const TextTemplate& by : group_by_) take(by);
  if (!pointers_.empty()) reader_.emplace(pointers_);
  groups_ = !path_.fixed() || !group_by_.empty();
}

std::optional<Rejection> Router::route(const RecordView& record, const TopicPartition& of,
                                       std::string_view value, Route& out) {
  if (auto rejection = read_value(value)) return rejection;
  if (auto rejection = fill(path_, true, record, of, out.path)) return rejection;
  if (has_dot_segment(out.path)) return unroutable("its path would have a . or .. segment");
  out.headers.resize(headers_.size());
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    if (auto rejection = fill(headers_[i], false, record, of, out.headers[i])) return rejection;
  }
  out.group.resize(group_by_.size());
  for (std::size_t i = 0; i < group_by_.size(); ++i) {
    fill_group(group_by_[i], record, of, out.group[i]);
  }
  return std::nullopt;
}

void Router::fill_group(const TextTemplate& by, const RecordView& record, const TopicPartition& of,
                        std::string& out) {
  out.clear();
  for (const Part& part : by.parts()) out += text_of(part, record, of).value_or("");
}

std::optional<Rejection> Router::read_value(std::string_view value) {
  if (pointers_.empty()) return std::nullopt;
  if (auto rejection = check_grammar(value)) return rejection;
  texts_ = &reader_->read(value);
  return std::nullopt;
}

std::string_view Router::written(std::int64_t number) {
  const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr;
  return {digits_.data(), end};
}

std::optional<std::string_view> Router::text_of(const Part& part, const RecordView& record,
                                                const TopicPartition& of) {
  switch (part.kind) {
    case Part::Kind::text:
      return part.text;
    case Part::Kind::topic:
      return of.topic;
    case Part::Kind::partition:
      return written(of.partition);
    case Part::Kind::offset:
      return written(record.offset);
    case Part::Kind::timestamp:
      if (record.timestamp_ms < 0) return std::nullopt;
      return written(record.timestamp_ms);
    case Part::Kind::key:
      return record.key;
    case Part::Kind::header: {
      const auto found = std::find_if(record.headers.begin(), record.headers.end(),
                                      [&](const auto& header) { return header.name == part.text; });
      return found == record.headers.end() ? std::nullopt : found->value;
    }
    case Part::Kind::pointer: {
      const auto at = std::find(pointers_.begin(), pointers_.end(), part.text);
      return (*texts_)[static_cast<std::size_t>(at - pointers_.begin())];
    }
  }
  return std::nullopt;
}

std::optional<Rejection> Router::fill(const TextTemplate& from, bool in_path,
                                      const RecordView& record, const TopicPartition& of,
                                      std::string& out) {
  out.clear();
  for (const Part& part : from.parts()) {
    const auto text = text_of(part, record, of);
    if (!text || text->empty()) {
      return unroutable("it has no " + name_of(part) +
                        (in_path ? " for its path" : " for a header"));
    }
    if (part.kind == Part::Kind::text || !in_path) {
      out += *text;
    } else {
      append_encoded(*text, out);
    }
  }
  if (out.size() > kLongest) {
    return unroutable(std::string("its ") + (in_path ? "path" : "header") +
                      " would be longer than " + std::to_string(kLongest) + " bytes");
  }
  if (!in_path && !is_one_line(out)) return unroutable("its header would not be one line");
  if (!in_path && (is_blank(out.front()) || is_blank(out.back()))) {
    return unroutable("its header would begin or end with a blank");
  }
  return std::nullopt;
}

}  // namespace sluice::codec
