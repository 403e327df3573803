#include <map>
#include <string>

#include "config/nearest.h"
#include "config/sections.h"
#include "config/values.h"

namespace sluice::config {
namespace {

using Pipelines = std::vector<Value>;

// The text of a value that is one; what else stands there its section has reported.
std::optional<Value> scalar_child(const Value& map, std::string_view name) {
  auto child = map.child(name);
  if (!child || !child->is_scalar()) return std::nullopt;
  return child;
}

void check_targets(Reader& reader, const Value& targets, const Pipelines& pipelines) {
  std::vector<std::string_view> names;
  for (const Entry& entry : targets.node->entries) names.emplace_back(entry.key);
  for (const Value& pipeline : pipelines) {
    const auto target = scalar_child(pipeline, "target");
    if (!target || target->node->text.empty() || targets.child(target->node->text)) continue;
    const std::string_view near = nearest(target->node->text, names);
    reader.problem(*target, "there is no target " + in_quotes(target->node->text),
                   near.empty() ? "add it to targets" : "did you mean " + std::string(near) + "?");
  }
}

void check_groups(Reader& reader, const Pipelines& pipelines) {
  std::map<std::string_view, const Value*> owners;
  for (const Value& pipeline : pipelines) {
    const auto group = scalar_child(pipeline, "group");
    if (!group) continue;
    const auto [owner, first] = owners.emplace(group->node->text, &pipeline);
    if (first || owner->second->key == pipeline.key) continue;
    reader.problem(*group,
                   in_quotes(group->node->text) + " is the group of " + owner->second->path +
                       " too, which would take partitions from this pipeline",
                   "give each pipeline its own group");
  }
}

void check_dead_letters(Reader& reader, const Pipelines& pipelines) {
  std::map<std::string_view, const Value*> readers;
  for (const Value& pipeline : pipelines) {
    const auto topics = pipeline.child("topics");
    if (!topics) continue;
    for (const NodePtr& topic : topics->node->items) readers.emplace(topic->text, &pipeline);
  }
  for (const Value& pipeline : pipelines) {
    const auto dead_letter = pipeline.child("dead_letter");
    const auto topic = dead_letter ? scalar_child(*dead_letter, "topic") : std::nullopt;
    const auto reader_of = topic ? readers.find(topic->node->text) : readers.end();
    if (reader_of == readers.end()) continue;
    reader.problem(*topic,
                   in_quotes(topic->node->text) + " is among the topics of " +
                       reader_of->second->path + ", so that a dead letter would come back",
                   "choose another topic");
  }
}

}  // namespace

void check_across(Reader& reader, const Value& file) {
  const auto pipelines = file.child("pipelines");
  if (!pipelines) return;
  const Pipelines all = pipelines->children();
  const auto targets = file.child("targets");
  if (targets && targets->is_map()) check_targets(reader, *targets, all);
  check_groups(reader, all);
  check_dead_letters(reader, all);
}

}  // namespace sluice::config
