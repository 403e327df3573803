// The small things that several parts of the page show.
import { h, svg } from "./dom.js";
import { since, until } from "./ticking.js";

// A shape for each tier: colour is never the only difference.
const SHAPES = {
  flowing: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
  waiting: "M8 2 15 14H1z",
  trouble: "M2.5 2.5h11v11h-11z",
  held: "M3 2.5h3.5v11H3zM9.5 2.5H13v11H9.5z",
};

// Of the browser's tab. It comes from here, for the server may be gone when it is wanted.
const COLOURS = { flowing: "1a8a5f", waiting: "d08700", trouble: "d0342c", held: "5a6fc0" };
export const icon = (tier) => "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="${SHAPES[tier]}" fill="#${COLOURS[tier]}"/></svg>`);

export const mark = (tier) =>
  svg("svg", { class: "mark", viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" },
    svg("path", { d: SHAPES[tier] ?? SHAPES.waiting }));

export const state = (tier, word) => h("span", { class: "state " + tier }, mark(tier), h("span", null, word));

export const code = (word) => h("code", { class: "word" }, word);

// Broken between its words only, where they are not very long.
const words = (line) => line.split(" ").map((word, i) => [i > 0 && " ", h("span", { class: word.length < 28 ? "whole" : null }, word)]);

export const command = (line) =>
  h("span", { class: "command", "data-key": "c:" + line }, h("code", null, words(line)),
    h("button", { type: "button", "data-copy": line, "aria-label": "Copy: " + line }, "Copy"));

const item = (name, ...content) => h("div", { class: "item" }, h("dt", null, name), h("dd", null, content));

function next(condition) {
  if (!condition.next && condition.nextAt === null) {
    return condition.tier === "held" ? "nothing before it is told so" : "nothing before the cause is mended";
  }
  return [condition.next || "it goes on", condition.nextAt !== null && [" ", until(condition.nextAt)]];
}

function release(condition) {
  if (condition.release.length > 0) return condition.release.map(command);
  return condition.tier === "trouble" ? "Mend the cause; no command releases it" : "Nothing; it goes on by itself";
}

// Why something stands still, since when, what comes next, and what to do. `named`: its word is told
// elsewhere. `scope`: what it is about, where that is not plain. `again`: the one above says the same.
export function why(condition, { key, scope = null, named = false, again = false }) {
  const look = condition.look && "look at " + condition.look;
  return h("div", { class: `why ${condition.tier}${again ? " again" : ""}`, "data-key": key },
    h("dl", null,
      item("Why", !named && h("p", { class: "cause" }, h("b", null, condition.word), " ", code(condition.code)),
        h("p", { class: "detail" }, condition.detail || condition.word),
        h("p", { class: "look" }, [scope, look].filter(Boolean).join("; "))),
      item("Since", since(condition.since) ?? "–"),
      item("Next", next(condition)),
      item("Do", release(condition))));
}
