// The workers of a pipeline, and what became of its records.
import { bytes, count, time } from "./format.js";
import { h } from "./dom.js";
import { state } from "./marks.js";
import { text } from "./model.js";
import { ago } from "./ticking.js";

function row(one) {
  const failed = text(one.last_error);
  const limit = one.memory_limit_bytes;
  return h("tr", { "data-key": one.number, class: one.condition.tier },
    h("th", { scope: "row" }, one.number || "–"),
    h("td", null, state(one.condition.tier, one.condition.word)),
    h("td", null, one.joined === true ? "member" : one.joined === false ? "not a member" : "–"),
    h("td", { class: "number", "data-label": "in flight" }, count(one.requests_in_flight)),
    h("td", { class: "number", "data-label": "memory" }, bytes(one.memory_bytes), limit ? " of " + bytes(limit) : ""),
    h("td", { class: "says" }, failed ? [failed, time(one.last_error_at) !== null && [", ", ago(time(one.last_error_at)), " ago"]] : "none"));
}

export function workers(pipeline) {
  if (pipeline.workers.length === 0) return null;
  const heads = ["Worker", "State", `Group ${pipeline.group}`, "In flight", "Memory", "Last error"];
  return h("div", { class: "part", "data-key": "workers" },
    h("h3", null, `Workers (${count(pipeline.workers.length)})`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Workers of " + pipeline.name },
      h("table", { class: "workers" },
        h("thead", null, h("tr", null, heads.map((name, i) => h("th", { scope: "col", class: i === 3 || i === 4 ? "number" : null }, name)))),
        h("tbody", null, pipeline.workers.map(row)))));
}

export function records(pipeline) {
  const names = [["consumed", "read"], ["delivered", "delivered"], ["dead_lettered", "dead-lettered"], ["dropped", "dropped"]];
  return h("p", { class: "records", "data-key": "records" }, "Records since the start: ",
    names.map(([key, word], i) => [i > 0 && ", ", h("b", null, count(pipeline.records[key])), " " + word]), ".");
}
