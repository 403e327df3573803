// The requests that failed lately, and the records that were set aside.
import { clock, count, isNumber, time } from "./format.js";
import { h } from "./dom.js";
import { fields, text } from "./model.js";
import { ago, serverNow } from "./ticking.js";
import { deadLetter, verdict } from "./words.js";

function place(one) {
  const [first, last] = [one.first_offset, one.last_offset];
  const offsets = first === last ? `offset ${text(first)}` : `offsets ${text(first)} to ${text(last)}`;
  return `${text(one.topic)} / ${text(one.partition)}, ${offsets}`;
}

function failure(one) {
  const at = time(one.time);
  return h("tr", { "data-key": [one.pipeline, one.verdict, one.status, one.detail].map(text).join("\n") },
    h("td", { class: "when" }, clock(at, serverNow()), at !== null && h("span", { class: "below" }, ago(at), " ago")),
    h("td", { class: "number times" }, "×" + count(one.count ?? 1)),
    h("td", { class: "where" }, h("b", null, text(one.pipeline)), h("span", { class: "below" }, place(one))),
    h("td", { class: "verdict" }, h("code", { class: "word" }, text(one.verdict)), h("span", { class: "below" }, verdict(text(one.verdict)))),
    h("td", { class: "number status" }, isNumber(one.status) ? one.status : "no answer"),
    h("td", { class: "says" }, text(one.detail), text(one.batch_id) && h("span", { class: "below" }, "batch ", h("code", null, text(one.batch_id)))));
}

export function failures(model) {
  const heads = ["Last", "Times", "Pipeline", "Verdict", "Status", "What was said"];
  return h("section", { "data-key": "failures" }, h("h2", null, "Recent failures"),
    model.failures.length === 0
      ? h("p", { class: "card none" }, "No request has failed lately.")
      : h("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Recent failures" },
        h("table", { class: "failures" },
          h("thead", null, h("tr", null, heads.map((name, i) => h("th", { scope: "col", class: i === 1 || i === 4 ? "number" : null }, name)))),
          h("tbody", null, model.failures.map((one) => failure(fields(one)))))));
}

export function deadLetters(model) {
  const rows = model.pipelines.flatMap((one) => one.deadLetters.map(([why, n]) => ({ name: one.name, why, n })))
    .sort((a, b) => b.n - a.n || a.name.localeCompare(b.name));
  const heads = ["Pipeline", "Reason", "Records"];
  return h("section", { "data-key": "dead-letters" }, h("h2", null, "Dead letters since the start"),
    rows.length === 0
      ? h("p", { class: "card none" }, "None.")
      : h("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Dead letters" },
        h("table", { class: "dead-letters" },
          h("thead", null, h("tr", null, heads.map((name, i) => h("th", { scope: "col", class: i === 2 ? "number" : null }, name)))),
          h("tbody", null, rows.map(({ name, why, n }) => h("tr", { "data-key": name + "\n" + why },
            h("th", { scope: "row" }, name),
            h("td", null, h("code", { class: "word" }, why), h("span", { class: "below" }, deadLetter(why))),
            h("td", { class: "number" }, count(n))))))),
    rows.length > 0 && h("p", { class: "below" }, "To read them: ", h("code", null, "sluice dlq list CONFIG --pipeline NAME")));
}
