// A flat JSON object in the making.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::demo {

// Texts are the generator's own: nothing in them needs an escape. Names are literals.
class Fields {
 public:
  void text(std::string_view name, std::string_view value) {
    json(name, '"' + std::string(value) + '"');
  }
  // A number, an object: as it stands. A name that is there already gets the new value.
  void json(std::string_view name, std::string value) {
    const auto found = find(name);
    if (found == fields_.end()) {
      fields_.emplace_back(name, std::move(value));
    } else {
      found->second = std::move(value);
    }
  }
  // The value as JSON; empty where there is no such field.
  std::string get(std::string_view name) {
    const auto found = find(name);
    return found == fields_.end() ? std::string() : found->second;
  }
  void remove(std::string_view name) {
    const auto found = find(name);
    if (found != fields_.end()) fields_.erase(found);
  }

  std::string to_json() const {
    std::string all = "{";
    for (const auto& [name, value] : fields_) {
      if (all.size() > 1) all += ',';
      all.append("\"").append(name).append("\":").append(value);
    }
    return all + '}';
  }

 private:
  using Field = std::pair<std::string_view, std::string>;

  std::vector<Field>::iterator find(std::string_view name) {
    return std::find_if(fields_.begin(), fields_.end(),
                        [&](const Field& field) { return field.first == name; });
  }

  std::vector<Field> fields_;
};

}  // namespace sluice::demo
