#include "codec/json_pointer.h"

#include <array>

#include "codec/json_dom.h"
#include "codec/json_grammar.h"

namespace sluice::codec {
namespace {

// What stands at the path; nothing also where a map on the way has the name twice: which of the two
// counts is for each reader to choose, and ours may not be the API's.
const rapidjson::Value* only_value_at(const rapidjson::Pointer& path,
                                      const rapidjson::Value& root) {
  const rapidjson::Value* value = &root;
  for (std::size_t i = 0; i < path.GetTokenCount() && value != nullptr; ++i) {
    const auto& token = path.GetTokens()[i];
    const rapidjson::Value* next = nullptr;
    if (value->IsArray() && token.index < value->Size()) {
      next = &(*value)[token.index];
    } else if (value->IsObject()) {
      for (const auto& member : value->GetObject()) {
        if (std::string_view(member.name.GetString(), member.name.GetStringLength()) !=
            std::string_view(token.name, token.length)) {
          continue;
        }
        if (next != nullptr) return nullptr;
        next = &member.value;
      }
    }
    value = next;
  }
  return value;
}

// Of a value that numbers were parsed into as strings.
std::optional<std::string_view> text_of(const rapidjson::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsBool()) return value->GetBool() ? "true" : "false";
  if (!value->IsString()) return std::nullopt;
  return std::string_view(value->GetString(), value->GetStringLength());
}

std::optional<std::string_view> text_at(const rapidjson::Value& root,
                                        const rapidjson::Pointer& path) {
  return text_of(path.IsValid() ? only_value_at(path, root) : nullptr);
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::vector<rapidjson::Pointer> parsed(const std::vector<std::string>& pointers) {
  std::vector<rapidjson::Pointer> paths;
  paths.reserve(pointers.size());
  for (const std::string& pointer : pointers) paths.emplace_back(pointer.data(), pointer.size());
  return paths;
}

// Numbers as they are written.
void parse_texts(std::string_view json, rapidjson::Document& document) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  document.Parse<kFlags>(json.data(), json.size());
  if (!document.HasParseError()) return;
  const std::string tamed = with_representable_numbers(json);
  document.Parse<kFlags>(tamed.data(), tamed.size());
}

}  // namespace

std::string shown_pointer(const std::string& pointer) {
  return pointer.empty() ? "the whole answer" : pointer;
}

std::optional<std::int64_t> integer_at(std::string_view json, const std::string& pointer) {
  const rapidjson::Pointer path(pointer.data(), pointer.size());
  if (!path.IsValid() || check_grammar(json)) return std::nullopt;
  rapidjson::Document document;
  if (!parse_dom(json, kAnyDepth, document)) return std::nullopt;
  const rapidjson::Value* value = path.Get(document);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

struct TextReader::Impl {
  static constexpr std::size_t kMostKept = 16384;  // a value that takes more takes it anew

  std::vector<rapidjson::Pointer> paths;
  std::array<char, kMostKept> kept;
  rapidjson::Document::AllocatorType memory{kept.data(), kept.size()};
  rapidjson::Document document{&memory};
  Texts texts;
};

TextReader::TextReader(const std::vector<std::string>& pointers) : impl_(std::make_unique<Impl>()) {
  impl_->paths = parsed(pointers);
}

TextReader::~TextReader() = default;
TextReader::TextReader(TextReader&& other) noexcept = default;
TextReader& TextReader::operator=(TextReader&& other) noexcept = default;

const TextReader::Texts& TextReader::read(std::string_view json) {
  rapidjson::Document& document = impl_->document;
  document.SetNull();
  impl_->memory.Clear();
  parse_texts(json, document);
  impl_->texts.clear();
  for (const rapidjson::Pointer& path : impl_->paths) {
    impl_->texts.push_back(document.HasParseError() ? std::nullopt : text_at(document, path));
  }
  return impl_->texts;
}

std::vector<std::optional<std::string>> texts_at(std::string_view json,
                                                 const std::vector<std::string>& pointers) {
  TextReader reader(pointers);
  std::vector<std::optional<std::string>> texts;
  for (const auto& text : reader.read(json)) texts.push_back(owned(text));
  return texts;
}

std::optional<std::vector<std::vector<std::optional<std::string>>>> items_at(
    std::string_view json, const std::string& list, const std::vector<std::string>& pointers) {
  const rapidjson::Pointer path(list.data(), list.size());
  if (!path.IsValid() || check_grammar(json)) return std::nullopt;
  rapidjson::Document document;
  parse_texts(json, document);
  if (document.HasParseError()) return std::nullopt;
  const rapidjson::Value* found = only_value_at(path, document);
  if (found == nullptr || !found->IsArray()) return std::nullopt;
  const std::vector<rapidjson::Pointer> paths = parsed(pointers);
  std::vector<std::vector<std::optional<std::string>>> items;
  for (const auto& item : found->GetArray()) {
    auto& texts = items.emplace_back();
    for (const rapidjson::Pointer& at : paths) texts.push_back(owned(text_at(item, at)));
  }
  return items;
}

}  // namespace sluice::codec
