#include "config/key_texts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/key_text_tables.h"

namespace sluice::config {
namespace {

const KeyText* find_in(std::span<const KeyText> texts, std::string_view path) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](const KeyText& text) { return text.path == path; });
  return found == texts.end() ? nullptr : &*found;
}

const KeyText* find_exactly(std::string_view path) {
  for (const KeySection& section : key_sections()) {
    if (const KeyText* const text = find_in(section.keys, path)) return text;
  }
  return find_in(other_keys(), path);
}

}  // namespace

std::span<const KeySection> key_sections() {
  static const std::vector<KeySection> kSections{
      {"the process", "", process_texts()},
      {"kafka's credentials", "kafka.", kafka_texts()},
      {"targets", "targets.*.", target_texts()},
      {"hmac", "targets.*.auth(hmac).", hmac_texts()},
      {"oauth2", "targets.*.auth(oauth2).", oauth2_texts()},
      {"pipelines", "pipelines.*.", pipeline_texts()},
      {"verdicts", "pipelines.*.verdicts[].", verdicts_texts()},
      {"results", "pipelines.*.", results_texts()},
  };
  return kSections;
}

std::span<const KeyText> other_keys() { return other_texts(); }

std::string meaning_of(const KeyText& text, std::string_view words) {
  constexpr std::string_view kWords = "{words}";
  std::string out(text.meaning);
  if (const std::size_t at = out.find(kWords); at != out.npos)
    out.replace(at, kWords.size(), words);
  return out;
}

const KeyText* find_key_text(std::string_view path) {
  if (const KeyText* const text = find_exactly(path)) return text;
  const std::size_t open = path.find('(');
  const std::size_t close = path.find(')');
  if (open == path.npos || close == path.npos) return nullptr;
  // What credentials of all types have.
  return find_exactly(std::string(path.substr(0, open)) + "(*)" +
                      std::string(path.substr(close + 1)));
}

}  // namespace sluice::config
