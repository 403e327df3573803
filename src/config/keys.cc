#include "config/keys.h"

#include <algorithm>

#include "config/misplaced.h"
#include "config/nearest.h"

namespace sluice::config {
namespace {

// A key unlike all of ours may be a value that has lost its own, perhaps a secret: of what no key
// is made of, nothing is shown.
Value without_value(const Value& map, const Value& unknown) {
  constexpr std::size_t kLongest = 32;
  const std::size_t end =
      std::min(unknown.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), kLongest);
  if (end >= unknown.key.size()) return unknown;
  Value shown = unknown;
  shown.path =
      map.path + (map.path.empty() ? "" : ".") + std::string(unknown.key.substr(0, end)) + "...";
  return shown;
}

void report_unknown(Reader& reader, const Value& map, const Value& unknown,
                    std::span<const KeyInfo> keys) {
  std::vector<std::string_view> names;
  std::string all;
  for (const KeyInfo& known : keys) {
    names.push_back(known.name);
    if (known.need == Need::not_yet) continue;
    all += (all.empty() ? "" : ", ") + std::string(known.name);
  }
  const std::string_view near = nearest(unknown.key, names);
  if (const std::string places = places_of_key(unknown.key, map.path); !places.empty()) {
    reader.problem_of_key(unknown, "is a key of " + places + ", not of this map",
                          near.empty()
                              ? "move it there, or remove it; the keys here are " + all
                              : "move it there, or did you mean " + std::string(near) + "?");
  } else if (!near.empty()) {
    reader.problem_of_key(unknown, "unknown key", "did you mean " + std::string(near) + "?");
  } else {
    reader.problem_of_key(without_value(map, unknown), "unknown key",
                          "remove it; the keys here are " + all);
  }
}

void report_missing(Reader& reader, const Value& map, std::span<const KeyInfo> keys) {
  for (const KeyInfo& key : keys) {
    if (key.need != Need::required || map.child(key.name)) continue;
    Value missing = map;
    missing.path += (map.path.empty() ? "" : ".") + std::string(key.name);
    reader.problem_of_key(missing, "is missing", "add it, such as " + std::string(key.hint));
  }
}

}  // namespace

std::vector<KnownValue> known_values(Reader& reader, const Value& map,
                                     std::span<const KeyInfo> keys) {
  std::vector<KnownValue> out;
  for (const Value& value : reader.map(map)) {
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const KeyInfo& info) { return info.name == value.key; });
    if (key == keys.end()) {
      report_unknown(reader, map, value, keys);
    } else if (key->need == Need::not_yet) {
      reader.problem_of_key(value, "not yet supported", std::string(key->hint));
    } else if (value.node->kind == Node::Kind::null) {
      reader.problem_of_key(value, "is empty", "write a value or remove the key");
    } else {
      out.push_back({static_cast<std::size_t>(key - keys.begin()), value});
    }
  }
  if (map.is_map()) report_missing(reader, map, keys);
  return out;
}

}  // namespace sluice::config
