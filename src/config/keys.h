// Tables of keys: what a map of the file may hold, and who reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/form.h"
#include "config/reader.h"

namespace sluice::config {

enum class Need : std::uint8_t { optional, required, not_yet };

// `hint` of a required key: an example of it. Of one that is not there yet: what to do meanwhile.
struct KeyInfo {
  std::string_view name;
  Need need = Need::optional;
  std::string_view hint = {};
};

// How a value is read, and what it may be.
template <class T>
struct Reads {
  void (*read)(Reader&, const Value&, T&);
  Form (*form)();
  void operator()(Reader& reader, const Value& value, T& out) const { read(reader, value, out); }
};

template <class T>
struct Key {
  std::string_view name;
  Reads<T> read;
  Need need = Need::optional;
  std::string_view hint = {};
};

struct KnownValue {
  std::size_t key = 0;  // index in the table
  Value value;
};

// What of `map` can be read. Reports the rest: unknown keys (with the nearest of the table),
// duplicates, empty values, keys that are not there yet and required ones that are missing.
std::vector<KnownValue> known_values(Reader& reader, const Value& map,
                                     std::span<const KeyInfo> keys);

template <class T, std::size_t n>
void read_keys(Reader& reader, const Value& map, const Key<T> (&keys)[n], T& out) {
  std::vector<KeyInfo> infos;
  for (const Key<T>& key : keys) infos.push_back({key.name, key.need, key.hint});
  for (const KnownValue& known : known_values(reader, map, infos)) {
    keys[known.key].read(reader, known.value, out);
  }
}

// What read_keys() takes.
template <class T, std::size_t n>
Form form_of_keys(const Key<T> (&keys)[n]) {
  Form form;
  for (const Key<T>& key : keys) {
    if (key.need == Need::not_yet) continue;
    form.keys.push_back({std::string(key.name), key.need == Need::required, key.read.form()});
  }
  return form;
}

template <const auto& kKeys>
Form map_form() {
  return form_of_keys(kKeys);
}

}  // namespace sluice::config
