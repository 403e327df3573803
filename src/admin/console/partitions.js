// Lag by partition. Those that stand still come first; else they keep their places.
import { most } from "./chart.js";
import { count, duration, isNumber } from "./format.js";
import { h } from "./dom.js";
import { state } from "./marks.js";
import { ago, until } from "./ticking.js";

const inOrder = (a, b) => (a.condition.tier === "flowing" ? 1 : 0) - (b.condition.tier === "flowing" ? 1 : 0);

function bar(lag, top) {
  const part = isNumber(lag) && top > 0 ? (lag / top) * 100 : 0;
  return h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "fill", "width%": part.toFixed(1) }));
}

function says(one, shared) {
  const { condition } = one;
  const isNew = condition.detail !== "" && condition.detail !== shared;
  return [state(condition.tier, condition.word), condition.tier !== "flowing" && condition.since !== null && [" ", ago(condition.since)],
    condition.nextAt !== null && [", ", until(condition.nextAt)],
    isNew && h("p", { class: "detail" }, condition.detail)];
}

function row(one, top, shared) {
  const cell = (label, ...content) => h("td", { class: "number", "data-label": label }, content);
  return h("tr", { "data-key": `${one.worker} ${one.name}`, class: one.condition.tier },
    h("th", { scope: "row" }, one.name),
    h("td", { class: "bar" }, bar(one.lag, top)),
    cell("lag", count(one.lag)),
    cell("oldest", one.oldest_undelivered_seconds === null ? "none" : duration(one.oldest_undelivered_seconds)),
    cell("committed", count(one.committed)),
    cell("end", count(one.log_end)),
    cell("unconfirmed", count(one.unconfirmed_batches)),
    h("td", { class: "says" }, says(one, shared)));
}

export function partitions(pipeline) {
  const all = [...pipeline.partitions].sort(inOrder);
  if (all.length === 0) return h("p", { class: "none", "data-key": "partitions" }, "It has no partitions at the moment.");
  const top = most(all.map((one) => one.lag).filter(isNumber));
  const heads = ["Partition", "", "Lag", "Oldest", "Committed", "End", "Unconfirmed", "State"];
  return h("div", { class: "part", "data-key": "partitions" },
    h("h3", null, `Lag by partition, in records (${count(all.length)})`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Partitions of " + pipeline.name },
      h("table", { class: "partitions" },
        h("thead", null, h("tr", null, heads.map((name, i) => h("th", { scope: "col", class: i > 1 && i < 7 ? "number" : null }, name)))),
        h("tbody", null, all.map((one) => row(one, top, pipeline.worst.detail))))));
}
