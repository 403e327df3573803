#include "codec/json_grammar.h"

#include <cstring>
#include <string>

#include "codec/rapidjson.h"

namespace sluice::codec {
namespace {

// Shows RapidJSON the text with at most two digits of each run of digits outside strings. That
// keeps the grammar exactly (one digit, a leading zero, more than one) and takes away what
// RapidJSON refuses beyond the grammar: numbers that no double can hold.
class ShortNumberStream {
 public:
  using Ch = char;

  explicit ShortNumberStream(std::string_view text) : text_(text) {}

  // RapidJSON's convention: NUL is the end. An embedded one therefore ends the parse early, which
  // the caller sees by Tell().
  Ch Peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  std::size_t Tell() const { return position_; }

  Ch Take() {
    const Ch c = Peek();
    if (position_ < text_.size()) ++position_;
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (is_digit(c) && is_digit(Peek())) {
      if (in_run_) skip_run();
      in_run_ = !in_run_;
    } else {
      in_run_ = false;
    }
    return c;
  }

  // Only for RapidJSON's in-situ parsing, which is not used.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  static bool is_digit(Ch c) { return c >= '0' && c <= '9'; }

  void skip_run() {
    while (is_digit(Peek())) ++position_;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_run_ = false;  // the byte taken last was the first digit of a run that goes on
};

// RapidJSON decodes a low surrogate that follows no high one ("\uDC00") into bytes that are no
// UTF-8; in the text itself it has refused those.
struct SurrogateCheck : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, SurrogateCheck> {
  bool String(const char* text, rapidjson::SizeType length, bool) {
    const char* const end = text + length;
    while (text != end) {
      const void* found = std::memchr(text, '\xED', static_cast<std::size_t>(end - text));
      if (found == nullptr) return true;
      text = static_cast<const char*>(found) + 1;
      if (text != end && static_cast<unsigned char>(*text) >= 0xA0) return false;
    }
    return true;
  }
};

Rejection not_json(std::string_view what, std::size_t position) {
  return {DeadLetterReason::not_json, std::string(what) + " at byte " + std::to_string(position)};
}

std::string_view describe(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "no value";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "more than one value";
    case rapidjson::kParseErrorObjectMissName:
      return "an object's key is missing";
    case rapidjson::kParseErrorObjectMissColon:
      return "':' is missing behind a key";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "',' or '}' is missing";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "',' or ']' is missing";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "a wrong \\u escape";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
    case rapidjson::kParseErrorTermination:  // by SurrogateCheck
      return "half a surrogate pair";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "a wrong escape or a raw control character";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "a string does not end";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "invalid UTF-8";
    case rapidjson::kParseErrorNumberMissFraction:
      return "no digit behind the decimal point";
    case rapidjson::kParseErrorNumberMissExponent:
      return "no digit in the exponent";
    default:
      return "a wrong value";
  }
}

}  // namespace

std::optional<Rejection> check_grammar(std::string_view json) {
  ShortNumberStream stream(json);
  SurrogateCheck handler;
  rapidjson::CrtAllocator allocator;  // else the reader puts one onto the heap
  rapidjson::Reader reader(&allocator);
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (result.IsError()) return not_json(describe(result.Code()), result.Offset());
  if (stream.Tell() != json.size()) return not_json("a NUL byte", stream.Tell());
  return std::nullopt;
}

}  // namespace sluice::codec
