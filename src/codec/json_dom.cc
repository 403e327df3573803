#include "codec/json_dom.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

namespace sluice::codec {
namespace {

// Passes events on to the document, counting on the way.
class Builder {
 public:
  Builder(rapidjson::Document& document, std::size_t max_depth)
      : document_(document), max_depth_(max_depth) {}

  const DomShape& shape() const { return shape_; }

  bool Null() { return count() && document_.Null(); }
  bool Bool(bool b) { return count() && document_.Bool(b); }
  bool Int(int i) { return Int64(i); }
  bool Uint(unsigned u) { return Int64(u); }
  bool Int64(std::int64_t i) { return count() && document_.Int64(i); }
  bool Uint64(std::uint64_t u) {
    return std::in_range<std::int64_t>(u) ? Int64(static_cast<std::int64_t>(u))
                                          : Double(static_cast<double>(u));
  }
  bool Double(double d) {
    constexpr double kBeyondInt64 = 0x1p63;
    if (std::abs(d) < kBeyondInt64 && d == std::trunc(d)) {
      return Int64(static_cast<std::int64_t>(d));
    }
    return count() && document_.Double(d);
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }  // flag is not used
  bool String(const char* text, rapidjson::SizeType length, bool copy) {
    return count() && document_.String(text, length, copy);
  }
  bool Key(const char* text, rapidjson::SizeType length, bool copy) {
    shape_.longest_key = std::max<std::size_t>(shape_.longest_key, length);
    return document_.Key(text, length, copy);
  }
  bool StartObject() { return count() && ++depth_ <= max_depth_ && document_.StartObject(); }
  bool StartArray() { return count() && ++depth_ <= max_depth_ && document_.StartArray(); }
  bool EndObject(rapidjson::SizeType members) {
    --depth_;
    return document_.EndObject(members);
  }
  bool EndArray(rapidjson::SizeType elements) {
    --depth_;
    return document_.EndArray(elements);
  }

 private:
  bool count() {
    ++shape_.values;
    return true;
  }

  rapidjson::Document& document_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
  DomShape shape_;
};

// The number nearest to `token` that a double holds, where RapidJSON might refuse the token.
void append_number(std::string_view token, std::string& out) {
  constexpr std::size_t kAlwaysFits = 300;
  if (token.size() < kAlwaysFits && token.find_first_of("eE") == token.npos) {
    out += token;
    return;
  }
  constexpr double kLargest = std::numeric_limits<double>::max();
  const double number = std::strtod(std::string(token).c_str(), nullptr);
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                 std::clamp(number, -kLargest, kLargest));
  out.append(text.data(), end.ptr);
}

std::size_t string_end(std::string_view json, std::size_t quote) {
  std::size_t i = quote + 1;
  while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return i + 1;
}

rapidjson::ParseResult parse(std::string_view json, Builder& builder, rapidjson::Document& out) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  rapidjson::Reader reader;
  rapidjson::ParseResult result;
  rapidjson::MemoryStream stream(json.data(), json.size());
  auto generate = [&](rapidjson::Document&) {
    result = reader.Parse<kFlags>(stream, builder);
    return !result.IsError();
  };
  out.Populate(generate);
  return result;
}

}  // namespace

std::string with_representable_numbers(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    std::size_t end = i + 1;
    if (c == '-' || (c >= '0' && c <= '9')) {
      end = std::min(json.find_first_not_of("+-.0123456789eE", i), json.size());
      append_number(json.substr(i, end - i), out);
    } else {
      if (c == '"') end = string_end(json, i);
      out += json.substr(i, end - i);
    }
    i = end;
  }
  return out;
}

std::optional<DomShape> parse_dom(std::string_view json, std::size_t max_depth,
                                  rapidjson::Document& out) {
  Builder builder(out, max_depth);
  const rapidjson::ParseResult result = parse(json, builder, out);
  if (!result.IsError()) return builder.shape();
  if (result.Code() != rapidjson::kParseErrorNumberTooBig) return std::nullopt;
  Builder again(out, max_depth);
  if (parse(with_representable_numbers(json), again, out).IsError()) return std::nullopt;
  return again.shape();
}

}  // namespace sluice::codec
