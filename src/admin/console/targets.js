// The targets: breaker, budgets and credentials.
import { count, percent, time } from "./format.js";
import { h } from "./dom.js";
import { state, why } from "./marks.js";
import { text } from "./model.js";
import { ago, serverNow, until } from "./ticking.js";
import { breaker } from "./words.js";

const SOON = 14 * 86400 * 1000;

function budget(one) {
  const used = typeof one.used === "number" ? Math.max(0, one.used) : null;
  const tier = used !== null && used >= 0.9 ? "waiting" : "flowing";
  return h("li", { "data-key": text(one.path) + " " + text(one.limit) },
    h("span", { class: "over" }, h("span", null, text(one.path) || "whole target", " ", h("span", { class: "below" }, text(one.limit))),
      h("b", null, used === null ? "–" : percent(used) + " used")),
    h("span", { class: "track " + tier, "aria-hidden": "true" }, h("span", { class: "fill", "width%": Math.min(100, (used ?? 0) * 100).toFixed(1) })));
}

function expiry(at) {
  if (at === null) return "no expiry known";
  if (at <= serverNow()) return state("trouble", "expired");
  if (at - serverNow() > SOON) return "expires " + new Date(at).toISOString().slice(0, 10);
  return [state("waiting", "expires"), " ", until(at)];
}

function credential(one) {
  const used = time(one.in_use_since);
  return h("li", { "data-key": "t:" + text(one.tenant) },
    h("span", null, text(one.tenant) ? "tenant " + text(one.tenant) : "of the target"),
    h("span", { class: "below" }, used === null ? "not in use yet" : ["in use for ", ago(used)], ", ", expiry(time(one.expires))),
    one.newest_refused === true && h("span", null, state("waiting", "newest was refused; the one before is in use")));
}

function part(title, entries, none) {
  return h("div", { class: "part" }, h("h4", null, title),
    entries.length > 0 ? h("ul", { class: "plain scroll", tabindex: "0" }, entries) : h("p", { class: "none" }, none));
}

function card(one) {
  const { tier, word } = breaker(one.breaker);
  const { condition } = one;
  const stalled = condition.tier !== "flowing";
  return h("article", { class: "card target", "data-key": one.name, "data-target": one.name },
    h("h3", null, one.name || "–"),
    h("p", { class: "breaker" }, h("span", { class: "label" }, "Breaker"), " ", state(tier, word), " ",
      condition.since !== null && h("span", { class: "below" }, "for ", ago(condition.since))),
    one.throttledUntil !== null && one.throttledUntil > serverNow() &&
      h("p", null, state("waiting", "asked us to wait"), " goes on ", until(one.throttledUntil)),
    stalled && why(condition, { key: "why" }),
    h("p", { class: "flight" }, h("b", null, count(one.in_flight)), " of ", h("b", null, count(one.concurrency_limit)),
      " requests under way, ", h("b", null, count(one.waiting)), " waiting"),
    part("Budgets", one.budgets.map(budget), "No limit is configured."),
    part("Credentials", one.credentials.map(credential), "None."));
}

export function targets(model) {
  if (model.targets.length === 0) return null;
  return h("section", { "data-key": "targets" }, h("h2", null, "Targets"), h("div", { class: "cards" }, model.targets.map(card)));
}
