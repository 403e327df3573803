// The pipelines as rows, and beneath a row why it stands still and, once it is opened, the rest.
import { spark } from "./chart.js";
import { count, duration, rate, tight } from "./format.js";
import { curvesOf } from "./curves.js";
import { h } from "./dom.js";
import { code, state, why } from "./marks.js";
import { fields, list } from "./model.js";
import { partitions } from "./partitions.js";
import { ago, lasts } from "./ticking.js";
import { records, workers } from "./workers.js";

const MOST_CAUSES = 3;

const figure = (label, value, title) =>
  h("span", { class: "figure", title }, h("span", { class: "label" }, label), h("span", { class: "value" }, value));

function heads() {
  const names = ["Pipeline", "State", "Throughput", "records/s", "Age p50", "Age p99", "Lag", "Oldest"];
  return h("div", { class: "row heads", "aria-hidden": "true", "data-key": "heads" }, names.map((name) => h("span", null, name)));
}

function states(one) {
  const { worst } = one;
  const part = one.partly && one.stalledPartitions > 0
    ? `${count(one.stalledPartitions)} of ${count(one.partitions.length)} partitions` : one.partly ? "in part" : null;
  return h("div", { class: "states" }, state(worst.tier, worst.word),
    part && h("span", { class: "below" }, part),
    h("span", { class: "below" }, worst.tier !== "flowing" && [code(worst.code), " "], worst.since !== null && ["for ", ago(worst.since)]));
}

function row(one, model, axis, open) {
  const id = "details-" + one.name;
  return h("div", { class: "row" },
    h("button", { type: "button", class: "name", "data-toggle": one.name, "aria-expanded": String(open), "aria-controls": open ? id : null },
      h("span", { class: "chevron", "aria-hidden": "true" }, "›"),
      h("span", { class: "names" }, h("b", null, one.name), h("span", { class: "below" }, "to " + (one.target || "–")))),
    states(one),
    spark(list(fields(model.curves[one.name]).records_per_second), axis.points),
    figure("records/s", rate(one.rates.records_per_second)),
    figure("Age p50", duration(one.age.p50), "from a record's time to the answer that delivered it: half of the last minute's batches"),
    figure("Age p99", duration(one.age.p99), "99 of 100 of the last minute's batches"),
    figure("Lag", tight(one.raw.lag), "records from what is committed to the end"),
    figure("Oldest", one.raw.oldest_undelivered_seconds === null ? "none" : duration(one.raw.oldest_undelivered_seconds),
      "how old the oldest record is that waits"));
}

// What of a pipeline stands still: all of it, or what is named.
const MOST_NAMES = 6;
function scope(kind, one) {
  const names = kind.of;
  if (names.length === 0 || names.length === one.partitions.length) return null;
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}

// What comes and goes within seconds is told in the row alone, which has its place for it.
const told = (kind) => kind.tier !== "waiting" || lasts(kind.since);

function reasons(one, again) {
  const kinds = one.kinds.filter(told);
  const more = kinds.length - MOST_CAUSES;
  return [kinds.slice(0, MOST_CAUSES).map((kind) => why(kind, {
    key: "w:" + kind.code + kind.detail, scope: scope(kind, one), named: kind.code === one.worst.code && kind.detail === one.worst.detail, again,
  })),
    more > 0 && h("p", { class: "more" }, `and ${count(more)} more causes: see the partitions`)];
}

function details(one, model, axis) {
  const curves = Object.hasOwn(model.curves, one.name) ? model.curves[one.name] : null;
  return h("div", { class: "details", id: "details-" + one.name, "data-key": "details" },
    curves !== null && curvesOf(curves, axis, "curves of " + one.name),
    partitions(one), workers(one), records(one));
}

// As during an outage: then what is below the first is told in less space.
const sameCause = (one, before) => before !== undefined && one.kinds.length === 1 && before.kinds.length === 1 &&
  one.target === before.target && one.worst.code === before.worst.code && one.worst.detail === before.worst.detail;

export function pipelines(model, axis, opened) {
  if (model.pipelines.length === 0) return null;
  return h("section", { class: "pipelines", "data-key": "pipelines", "aria-label": "Pipelines" },
    heads(),
    model.pipelines.map((one, i) => {
      const open = opened(one.name);
      return h("article", { class: "pipeline " + one.worst.tier, "data-key": "p:" + one.name, "data-pipeline": one.name, "aria-label": one.name },
        row(one, model, axis, open), reasons(one, sameCause(one, model.pipelines[i - 1])), open && details(one, model, axis));
    }));
}
