#include "config/misplaced.h"

#include <algorithm>
#include <array>
#include <vector>

#include "config/schema.h"

namespace sluice::config {
namespace {

struct Owner {
  std::string_view prefix;   // of what is below one of these
  std::string_view pattern;  // one of these
  std::string_view word;
};
constexpr std::array<Owner, 2> kOwners{
    {{"pipelines.", "pipelines.*", "the pipeline"}, {"targets.", "targets.*", "the target"}}};

// "targets.*.auth" of "targets.*.auth(hmac)", "pipelines.*.verdicts" of "pipelines.*.verdicts[]".
std::string without_kinds(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    inside = inside || c == '(' || c == '[';
    if (!inside) out += c;
    inside = inside && c != ')' && c != ']';
  }
  return out;
}

// `map`: a pattern; `path`: of the map that somebody reads the words in.
std::string words_of_map(const std::string& map, std::string_view path) {
  if (map.empty()) return "the top level of the file";
  std::string words = map;
  for (const Owner& owner : kOwners) {
    if (!path.starts_with(owner.prefix)) continue;
    if (map == owner.pattern) return std::string(owner.word);
    if (map.starts_with(std::string(owner.pattern) + ".")) {
      words = map.substr(owner.pattern.size() + 1);
    }
  }
  for (std::size_t star = words.find('*'); star != words.npos; star = words.find('*')) {
    words.replace(star, 1, "NAME");
  }
  return words;
}

}  // namespace

std::string places_of_key(std::string_view key, std::string_view path) {
  std::vector<std::string> places;
  for (const KeyInSchema& known : all_keys()) {
    const std::size_t dot = known.path.rfind('.');
    const std::size_t name = dot == known.path.npos ? 0 : dot + 1;
    if (known.path.substr(name) != key) continue;
    auto place = words_of_map(without_kinds(known.path.substr(0, name == 0 ? 0 : dot)), path);
    if (std::find(places.begin(), places.end(), place) == places.end()) {
      places.push_back(std::move(place));
    }
  }
  std::string out;
  for (std::size_t i = 0; i < places.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == places.size() ? " or " : ", ") + places[i];
  }
  return out;
}

}  // namespace sluice::config
