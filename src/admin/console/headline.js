// What one glance has to tell: does everything flow, and if not, what stands still and why.
import { count, duration, elapsed, isNumber, rate } from "./format.js";
import { most, sum } from "./chart.js";
import { h } from "./dom.js";
import { mark } from "./marks.js";
import { ago, lasts, serverNow } from "./ticking.js";

const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

function named(pipelines, total) {
  if (pipelines.length === 1) return pipelines[0].name;
  return pipelines.length === total ? `All ${count(total)} pipelines` : `${count(pipelines.length)} of ${count(total)} pipelines`;
}

// "All of them: the target fails", or the first and how many other causes there are.
function causes(pipelines) {
  const first = pipelines[0].worst;
  const others = new Set(pipelines.map((one) => one.worst.code + "\n" + one.worst.detail));
  const earliest = pipelines.map((one) => one.worst.since).filter(isNumber).sort((a, b) => a - b)[0] ?? null;
  return [first.word, earliest !== null && [" for ", ago(earliest)], first.detail && ": " + first.detail,
    others.size > 1 && `, and ${plural(others.size - 1, "other cause", "other causes")}`];
}

function totals(model) {
  const { pipelines } = model;
  const partitions = sum(pipelines.map((one) => one.partitions.length));
  const known = (values) => values.filter(isNumber);
  const late = known(pipelines.map((one) => one.age.p99));
  return [plural(pipelines.length, "pipeline", "pipelines"), plural(partitions, "partition", "partitions"),
    `${rate(sum(known(pipelines.map((one) => one.rates.records_per_second))))} records/s`,
    late.length > 0 && `99 % delivered within ${duration(most(late))}`,
    model.started !== null && `up ${elapsed(serverNow() - model.started)}`].filter(Boolean).join(" · ");
}

// {tier, title, detail}; the title is what the browser's tab says too.
export function headline(model) {
  const { pipelines } = model;
  const total = pipelines.length;
  const of = (tier) => pipelines.filter((one) => one.worst.tier === tier);
  const stands = (which) => (which.every((one) => one.partly) ? "in part" : "");
  if (total === 0) {
    return { tier: "waiting", title: "No pipelines", detail: "This Sluice runs no pipeline: its configuration has none, or it is still starting." };
  }
  const [trouble, waiting, held] = [of("trouble"), of("waiting").filter((one) => lasts(one.worst.since)), of("held")];
  const verb = (which, one, many) => (which.length === 1 ? one : many);
  const say = (which, tier, words) => ({ tier, title: `${named(which, total)} ${words}`.trim(), detail: causes(which) });
  if (trouble.length > 0) {
    return say(trouble, "trouble", `${verb(trouble, "stands", "stand")} still ${stands(trouble)}`);
  }
  if (waiting.length > 0) {
    return say(waiting, "waiting", `${verb(waiting, "waits", "wait")} ${stands(waiting)}`);
  }
  if (held.length > 0) return say(held, "held", held.every((one) => one.worst.code === "paused") ? verb(held, "is paused", "are paused") : "held");
  return { tier: "flowing", title: "Everything flows", detail: totals(model) };
}

export function headlineNodes({ tier, title, detail }) {
  return h("div", null, h("h1", { class: tier, "aria-live": "polite" }, mark(tier), " ", title), h("p", null, detail));
}
