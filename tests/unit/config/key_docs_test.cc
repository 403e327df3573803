// docs/configuration.md: its tables of keys are made from the loader's own. After a change,
// SLUICE_UPDATE_GOLDEN=1 in the environment of this test writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "config/key_texts.h"
#include "config/schema.h"

namespace sluice::config {
namespace {

constexpr const char* kDocs = SLUICE_SOURCE_DIR "/docs/configuration.md";

std::string read_docs() {
  std::ifstream in(kDocs, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::map<std::string, KeyInSchema> keys_by_path() {
  std::map<std::string, KeyInSchema> out;
  for (const KeyInSchema& key : all_keys()) out[key.path] = key;
  return out;
}

// JSON's way to write it made YAML's: without quotes.
std::string fallback_of(const KeyText& text, const KeyInSchema& key) {
  if (!text.fallback.empty()) return std::string(text.fallback);
  if (key.required) return "required";
  if (key.fallback.empty()) return "none";
  const bool quoted = key.fallback.front() == '"';
  const bool number = std::isdigit(static_cast<unsigned char>(key.fallback.front())) != 0;
  const std::string bare = quoted ? key.fallback.substr(1, key.fallback.size() - 2) : key.fallback;
  return number ? bare : "`" + bare + "`";
}

std::string table_of(const KeySection& section, const std::map<std::string, KeyInSchema>& keys) {
  std::string table = "| key | default | meaning |\n| --- | --- | --- |\n";
  for (const KeyText& text : section.keys) {
    const auto found = keys.find(std::string(text.path));
    if (found == keys.end()) {
      ADD_FAILURE() << "there is a text, but no key " << text.path;
      continue;
    }
    const KeyInSchema& key = found->second;
    table += "| `" + key.path.substr(section.prefix.size()) + "` | " + fallback_of(text, key) +
             " | " + meaning_of(text, key.words) + (key.bounds.empty() ? "" : "; " + key.bounds) +
             " |\n";
  }
  return table;
}

std::string renewed(std::string docs) {
  const auto keys = keys_by_path();
  for (const KeySection& section : key_sections()) {
    const std::string begin =
        "<!-- keys of " + std::string(section.name) + ", made by unit_config -->\n";
    const std::size_t from = docs.find(begin);
    const std::size_t to = docs.find("<!-- end -->", from);
    if (from == docs.npos || to == docs.npos) {
      ADD_FAILURE() << kDocs << " has no place for the keys of " << section.name;
      continue;
    }
    docs.replace(from + begin.size(), to - from - begin.size(), table_of(section, keys));
  }
  return docs;
}

TEST(KeyDocs, AreWhatTheLoaderKnows) {
  const std::string wanted = renewed(read_docs());
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(kDocs) << wanted;
  EXPECT_EQ(read_docs(), wanted) << "if it is meant, run with SLUICE_UPDATE_GOLDEN=1";
}

TEST(KeyDocs, EveryKeyHasATextAndEveryTextAKey) {
  std::set<const KeyText*> used;
  for (const KeyInSchema& key : all_keys()) {
    const KeyText* const text = find_key_text(key.path);
    EXPECT_NE(text, nullptr) << "add " << key.path << " to src/config/key_texts_*.cc";
    used.insert(text);
  }
  for (const KeySection& section : key_sections()) {
    for (const KeyText& text : section.keys) EXPECT_TRUE(used.contains(&text)) << text.path;
  }
  for (const KeyText& text : other_keys()) EXPECT_TRUE(used.contains(&text)) << text.path;
}

// One that holds others needs none of its own; where it also takes a word, the map has its row.
TEST(KeyDocs, OnlyMapsAndCredentialsHaveNoRow) {
  const auto keys = keys_by_path();
  for (const KeyText& text : other_keys()) {
    const bool credential = text.path.find('(') != text.path.npos;
    EXPECT_TRUE(credential || keys.at(std::string(text.path)).map) << text.path;
  }
}

}  // namespace
}  // namespace sluice::config
