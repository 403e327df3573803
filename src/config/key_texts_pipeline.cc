// What the keys of a pipeline mean.
#include "config/key_text_tables.h"

namespace sluice::config {
namespace {

constexpr KeyText kPipelineTexts[] = {
    {"pipelines.*.topics", "",
     "list of names and of patterns such as `/^events\\..*/`: POSIX extended regular expressions "
     "between slashes, with `^` in front. A topic that comes later is found within 30 s and read "
     "from its beginning. A pattern never matches a dead-letter topic of this configuration (of "
     "another one it does: name topics so that it cannot), nor one of Kafka's own (`__...`)"},
    {"pipelines.*.group", "", "consumer group; no two pipelines may share one"},
    {"pipelines.*.target", "", "a name in `targets`"},
    {"pipelines.*.path", "",
     "appended to `base_url`; begins with `/`, no query, no `.` or `..` segments; may hold "
     "[placeholders](#placeholders)"},
    {"pipelines.*.method", "", "{words}"},
    {"pipelines.*.start", "",
     "`earliest`, `latest`, or a time (RFC 3339: `2026-11-25T08:00:00Z`, `2026-11-25`): the first "
     "record with that timestamp or a later one. A time to come is refused. Only for a group "
     "without offsets; a topic that comes to it later is read from its beginning"},
    {"pipelines.*.workers", "", "threads, each a member of the group"},
    {"pipelines.*.batch.max_records", "", "records of one request at most"},
    {"pipelines.*.batch.max_bytes", "", "bytes of its body at most"},
    {"pipelines.*.batch.linger", "", "how long a batch waits to fill"},
    {"pipelines.*.max_record_bytes", "= `batch.max_bytes`",
     "a larger record is dead-lettered as `too_large`; one between the two limits goes alone"},
    {"pipelines.*.body", "",
     "`json_array`, `ndjson`, or `json`: one record a request, so `batch.max_records` is 1"},
    {"pipelines.*.order", "", "what is kept in [order](#order-and-groups): {words}"},
    {"pipelines.*.group_by", "",
     "what records of one request have in common: `key`, `header:NAME`, a JSON Pointer into the "
     "value, or a list of those"},
    {"pipelines.*.weight", "",
     "against the other pipelines of the target, when they want more than it takes"},
    {"pipelines.*.max_unconfirmed_batches", "",
     "for each partition: how much is repeated at most after a crash"},
    {"pipelines.*.null_values", "", "records without a value: {words}"},
    {"pipelines.*.schema", "",
     "file with a JSON Schema, draft 4 to 7; records that do not fit are dead-lettered. As every "
     "file name here, relative to the folder of the configuration"},
    {"pipelines.*.success", "",
     "statuses that mean delivered: `200`, `200-299`, or a list of those"},
    {"pipelines.*.expect", "",
     "JSON Pointer into the answer, `\"\"` for all of it; the number there must be the number of "
     "records sent"},
    {"pipelines.*.results", "", "where an answer tells what became of [single records](#results)"},
    {"pipelines.*.verdicts", "`[]`",
     "what answers mean where it is not [what they mean by default](#verdicts)"},
    {"pipelines.*.retry.initial", "", "first wait after a failure; at most `retry.max`"},
    {"pipelines.*.retry.max", "", "longest wait"},
    {"pipelines.*.retry.multiplier", "", "by how much each wait is longer than the last"},
    {"pipelines.*.retry.jitter", "", "waits are drawn anew from 0 to that: {words}"},
    {"pipelines.*.retry.attempts", "",
     "of a record alone, counted only while its neighbours are delivered; an outage spends none"},
    {"pipelines.*.on_exhausted", "", "a record that used them up: {words}"},
    {"pipelines.*.max_age", "",
     "an older record, by its timestamp, is not sent. A request without an answer may have been "
     "taken: it is sent again as it was until all its records are older"},
    {"pipelines.*.on_expired", "", "what becomes of it: {words}; only with `max_age`"},
    {"pipelines.*.refusal_guard", "as below",
     "a map of the two keys below, or `none`: dead-letter whatever the API refuses, and be it "
     "everything"},
    {"pipelines.*.refusal_guard.share", "",
     "once so much of the last `refusal_guard.of` records was refused, the pipeline parks"},
    {"pipelines.*.refusal_guard.of", "", "over how many records"},
    {"pipelines.*.dead_letter", "",
     "where refused records go: a map of the keys below, or `none` to park at such a record"},
    {"pipelines.*.dead_letter.topic", "", "not one that a pipeline reads"},
    {"pipelines.*.dead_letter.max_bytes", "", "of a dead letter"},
    {"pipelines.*.dead_letter.oversized", "",
     "a larger one: `reference` leaves the value out and names the record, `park` stops"},
    {"pipelines.*.dead_letter.response_excerpt", "", "of the API's answer, kept in a header"},
    {"pipelines.*.drain_timeout", "",
     "how long a partition that is taken away may finish its batches"},
};

constexpr KeyText kVerdictsTexts[] = {
    {"pipelines.*.verdicts[].status", "", "a status, a range, or a list of those; without it any"},
    {"pipelines.*.verdicts[].header.name", "", "of the answer, in any case"},
    {"pipelines.*.verdicts[].header.equals", "",
     "what the header must be: a text, or a list of texts, one of which it must be"},
    {"pipelines.*.verdicts[].header.contains", "",
     "what must stand in it. With neither of the two it need only be there"},
    {"pipelines.*.verdicts[].body.pointer", "",
     "JSON Pointer to a string, number or boolean of the answer, `\"\"` where it is nothing else; "
     "without it the body as it is, and only `contains`"},
    {"pipelines.*.verdicts[].body.equals", "",
     "what must stand there: a text, or a list of texts, one of which it must be"},
    {"pipelines.*.verdicts[].body.contains", "",
     "what must stand in it. With neither of the two there need only be something"},
    {"pipelines.*.verdicts[].verdict", "", "{words}"},
};

constexpr KeyText kResultsTexts[] = {
    {"pipelines.*.results.pointer", "",
     "JSON Pointer from the answer to the list, `\"\"` where the answer is the list; the others "
     "lead on "
     "from an item of it, `\"\"` where the item itself is the value"},
    {"pipelines.*.results.index", "", "number of the record in the request, from 0"},
    {"pipelines.*.results.id", "",
     "text that stands in the record, too; not together with `index`"},
    {"pipelines.*.results.record_id", "= `results.id`",
     "JSON Pointer into the record's value to that text"},
    {"pipelines.*.results.status", "", "status of that record; one of `success`: it is delivered"},
    {"pipelines.*.results.retryable", "", "`true`: it is sent again; otherwise it is refused"},
};

}  // namespace

std::span<const KeyText> pipeline_texts() { return kPipelineTexts; }
std::span<const KeyText> verdicts_texts() { return kVerdictsTexts; }
std::span<const KeyText> results_texts() { return kResultsTexts; }

}  // namespace sluice::config
