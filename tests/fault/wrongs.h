#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace sluice::fault {

// What is wrong, by kind: how often, and some examples.
class Wrongs {
 public:
  void add(const std::string& kind, const std::string& example) {
    Kind& it = kinds_[kind];
    ++it.count;
    if (it.examples.size() < kEnough) it.examples.push_back(example);
  }
  std::vector<std::string> in_words() const {
    std::vector<std::string> words;
    for (const auto& [kind, it] : kinds_) {
      std::string line = std::to_string(it.count) + " " + kind + ": ";
      for (const std::string& example : it.examples) line += example + "; ";
      line += it.count > it.examples.size() ? "..." : "";
      words.push_back(line);
    }
    return words;
  }

 private:
  static constexpr std::size_t kEnough = 5;
  struct Kind {
    std::size_t count = 0;
    std::vector<std::string> examples;
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace sluice::fault
