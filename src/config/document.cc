#include "config/document.h"

#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/utf8.h"

namespace sluice::config {
namespace {

Place to_place(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Builds the tree from the parser's events. Not from YAML::Node, which hides where an alias or an
// empty value stands and makes cycles of aliases. Throws ParserException like the parser itself.
class TreeBuilder final : public YAML::EventHandler {
 public:
  NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) throw YAML::ParserException(mark, "a second document begins here");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    open(Node::Kind::null, mark, anchor);
    close();
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (key_wanted()) {
      if (anchor != YAML::NullAnchor) throw YAML::ParserException(mark, "an anchor before a key");
      levels_.back().key = Entry{value, to_place(mark), nullptr};
      return;
    }
    Node& node = open(Node::Kind::scalar, mark, anchor);
    node.text = value;
    node.quoted = tag == "!";
    close();
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (key_wanted()) throw YAML::ParserException(mark, "an alias in place of a key");
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) throw YAML::ParserException(mark, "an alias inside its anchor");
    attach(found->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::optional<Entry> key;  // of a map: read, its value still to come
  };

  bool key_wanted() const {
    return !levels_.empty() && levels_.back().node->kind == Node::Kind::map && !levels_.back().key;
  }

  Node& open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (key_wanted()) throw YAML::ParserException(mark, "a key that is not a plain word");
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->place = to_place(mark);
    levels_.push_back({node, anchor, std::nullopt});
    return *node;
  }

  // An anchor is known only from here on, so that no node can come to hold itself.
  void close() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.anchor != YAML::NullAnchor) anchored_[level.anchor] = level.node;
    attach(level.node);
  }

  void attach(const NodePtr& node) {
    if (levels_.empty()) {
      root_ = node;
      return;
    }
    Level& parent = levels_.back();
    if (parent.node->kind == Node::Kind::sequence) {
      parent.node->items.push_back(node);
      return;
    }
    parent.key->value = node;
    parent.node->entries.push_back(std::move(*parent.key));
    parent.key.reset();
  }

  std::vector<Level> levels_;
  std::map<YAML::anchor_t, NodePtr> anchored_;
  NodePtr root_;
};

}  // namespace

tl::expected<NodePtr, DocumentError> parse_document(std::string_view text) {
  if (const auto bad = find_unprintable(text)) {
    return tl::unexpected(DocumentError{{bad->line, bad->column},
                                        "the file is not plain UTF-8 text here",
                                        "save it as UTF-8 without control characters"});
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    while (parser.HandleNextDocument(builder)) {
    }
    if (builder.root()) return builder.root();
    return tl::unexpected(DocumentError{{}, "the file is empty", "start from config/minimal.yaml"});
  } catch (const YAML::Exception& e) {
    return tl::unexpected(DocumentError{to_place(e.mark), "not valid YAML: " + e.msg,
                                        "correct the file's syntax here or on the line before"});
  }
}

}  // namespace sluice::config
