// Walks the tree and collects what is wrong, with the full path of the key.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/document.h"
#include "config/loader.h"

namespace sluice::config {

// A value of the file and what to call it. Borrows the tree.
struct Value {
  const Node* node = nullptr;
  std::string_view key;
  Place key_place;   // of its key; of itself where it has none
  std::string path;  // "pipelines.deposits.batch.linger"; empty: the whole file

  Place place() const;  // of the value; of its key where the value is empty
  bool is_map() const { return node->kind == Node::Kind::map; }
  bool is_scalar() const { return node->kind == Node::Kind::scalar; }
  // Of a map, with the keys that stand twice; none of anything else.
  std::vector<Value> children() const;
  // Of a list; none of anything else.
  std::vector<Value> items() const;
  // The first of that key, if this is a map that has it.
  std::optional<Value> child(std::string_view name) const;
};

// Every reading function says what is wrong with the value and then leaves `out` as it was.
class Reader {
 public:
  Reader(std::string file, const LoadOptions& options);

  const LoadOptions& options() const { return options_; }

  // The name of a file that the configuration names: relative ones are to the configuration's own
  // folder, so that it works wherever it is started from.
  std::string file_path(const std::string& name) const;

  // Blames the value, or its key. The path goes in front of the cause.
  void problem(const Value& at, const std::string& cause, std::string remedy);
  void problem_of_key(const Value& at, const std::string& cause, std::string remedy);
  // In the order of the file.
  std::vector<Problem> take_problems();

  // The children of a map; empty, with a problem, where it is none. Duplicates and children
  // without a value are reported and left out.
  std::vector<Value> map(const Value& value);
  // The items of a list of at least one.
  std::vector<Value> list(const Value& value, const std::string& example);
  // The items of a list, or the one value that stands there without brackets.
  std::vector<Value> one_or_list(const Value& value, const std::string& example);
  // Text that is not empty and holds no ${reference}.
  std::optional<std::string> text(const Value& value);
  // A number, a word: text that is not in quotes.
  std::optional<std::string> plain(const Value& value);
  void boolean(const Value& value, bool& out);
  // The index in `names` of the text, which is shown in the message.
  std::optional<std::size_t> choice(const Value& value, std::span<const std::string_view> names);
  // From now on secret() leaves `out` as it was for what does not stand below one of these keys.
  void look_up_only_below(std::vector<std::string> keys);
  // A reference, resolved; a literal only where the options allow it.
  void secret(const Value& value, Secret& out);
  // The files that secrets were to be read from.
  std::set<std::string> take_secret_files() { return std::move(secret_files_); }

  // The result of a parser, or its error as a problem of the value, or of its key.
  template <class T>
  std::optional<T> take(const Value& value, Result<T> result) {
    if (result) return std::move(*result);
    problem(value, result.error().cause, result.error().remedy);
    return std::nullopt;
  }
  template <class T>
  std::optional<T> take_key(const Value& value, Result<T> result) {
    if (result) return std::move(*result);
    problem_of_key(value, result.error().cause, result.error().remedy);
    return std::nullopt;
  }

 private:
  void add(Place place, const std::string& path, const std::string& cause, std::string remedy);
  // The text of a scalar, empty or not.
  std::optional<std::string> scalar(const Value& value);
  bool looks_up(const Value& value) const;

  std::string file_;
  LoadOptions options_;
  std::optional<std::vector<std::string>> looked_up_below_;  // nullopt: everywhere
  std::vector<Problem> problems_;
  std::set<std::string> secret_files_;
};

}  // namespace sluice::config
