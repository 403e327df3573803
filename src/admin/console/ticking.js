// Times that go on between polls: elements that tell how long ago, or in how long.
import { clock, countdown, elapsed } from "./format.js";
import { h } from "./dom.js";

// Of the server, as last told; the reader's own may be wrong.
let ahead = 0;
let last = Date.now();
let stopped = null;

export function setServerTime(at) {
  ahead = at - Date.now();
  last = at;
  stopped = null;
}
export const serverNow = () => stopped ?? Date.now() + ahead;
// Nothing is known of what came later.
export function stopTime() {
  stopped = last;
  tick();
}

// What is over within seconds is no news.
const LASTING = 10000;
export const lasts = (from) => from === null || serverNow() - from >= LASTING;

// "03:00:12 1 min 24 s"
export function since(at) {
  if (at === null) return null;
  return h("span", { class: "since" }, h("span", null, clock(at, serverNow())), " ",
    h("span", { class: "tick", "data-since": at }, elapsed(serverNow() - at)));
}

export function ago(at) {
  return at === null ? null : h("span", { class: "tick", "data-since": at }, elapsed(serverNow() - at));
}

export function until(at) {
  return at === null ? null : h("span", { class: "tick countdown", "data-until": at }, countdown(at - serverNow()));
}

export function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("[data-since], [data-until]")) {
    const { since: from, until: to } = element.dataset;
    const told = from === undefined ? countdown(Number(to) - now) : elapsed(now - Number(from));
    if (element.textContent !== told) element.firstChild.data = told;
  }
}
