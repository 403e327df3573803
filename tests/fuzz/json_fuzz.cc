// Record validation: the fast proof accepts exactly what RapidJSON accepts, whatever follows in the
// buffer.
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstring>
#include <optional>
#include <string>

#include "codec/json_check.h"
#include "codec/json_grammar.h"
#include "fuzz/fuzz_input.h"

namespace {

using namespace sluice;
using fuzz::require;

// UTF-8 of half a surrogate pair: what RapidJSON makes of "\uDC00", which is no Unicode text.
struct Surrogates : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Surrogates> {
  bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    for (rapidjson::SizeType i = 0; i + 1 < length; ++i) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if (text[i] == '\xED' && second >= 0xA0 && second <= 0xBF) return false;
    }
    return true;
  }
};

// nullopt: RapidJSON cannot tell, since no double holds the number.
std::optional<bool> is_json(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Surrogates handler;
  const auto result = reader.Parse < rapidjson::kParseIterativeFlag |
                      rapidjson::kParseValidateEncodingFlag > (stream, handler);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) return std::nullopt;
  return !result.IsError() && stream.Tell() == text.size();
}

bool accepts(codec::JsonCheck& check, std::string_view text, char behind) {
  const std::string padded = std::string(text) + std::string(codec::JsonCheck::kPadding, behind);
  const auto rejection = check.check(std::string_view(padded).substr(0, text.size()));
  if (!rejection) return true;
  require(rejection->reason == DeadLetterReason::not_json, "the reason is that it is not JSON");
  require(fuzz::is_one_line(rejection->detail), "a detail is one line", rejection->detail);
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static codec::JsonCheck warm;  // as it runs: what one record leaves behind is no one's business
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool accepted = accepts(warm, text, '\0');
  for (const char behind : {'7', '"', ']', '}', ' '}) {
    require(accepts(warm, text, behind) == accepted, "what follows a record does not count", text);
  }
  codec::JsonCheck fresh;
  require(accepts(fresh, text, '\0') == accepted, "records before it do not count", text);
  require(!codec::check_grammar(text) == accepted, "both proofs agree", text);
  const auto expected = is_json(text);
  require(!expected || *expected == accepted, "it agrees with RapidJSON", text);
  return 0;
}
