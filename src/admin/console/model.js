// /status as the page needs it: any key may be missing, and what stands still is found wherever it
// is told, at the pipeline, its workers, partitions or tenants.
import { isNumber, time } from "./format.js";
import { reason } from "./words.js";

export const list = (value) => (Array.isArray(value) ? value : []);
export const text = (value) => (value === null || value === undefined ? "" : String(value));
export const fields = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
const objects = (value) => list(value).map(fields);

// `code`: the word of the list, which has another key at pipelines. A tenant is named by either.
function condition(raw, code, of) {
  return {
    ...reason(text(code) || "flowing"),
    of,
    detail: text(raw.detail),
    since: time(raw.since),
    next: text(raw.next),
    nextAt: time(raw.next_at),
    release: list(raw.release).map(text).filter(Boolean),
  };
}

const same = (a, b) => a.code === b.code && a.detail === b.detail;

// The first of each kind, with all it is told of.
function distinct(conditions) {
  const kinds = [];
  for (const one of conditions) {
    if (one.tier === "flowing") continue;
    const kind = kinds.find((other) => same(other, one));
    if (kind === undefined) kinds.push({ ...one, of: one.of ? [one.of] : [] });
    else if (one.of) kind.of.push(one.of);
  }
  return kinds;
}

function partition(raw, worker) {
  const name = `${text(raw.topic)} / ${text(raw.partition)}`;
  return { ...raw, name, worker, condition: condition(raw, raw.reason, name) };
}

function worker(raw) {
  const number = text(raw.worker);
  return {
    ...raw,
    number,
    condition: condition(raw, raw.reason, ""),
    partitions: objects(raw.partitions).map((one) => partition(one, number)),
  };
}

const byName = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });

export function pipeline(raw) {
  const workers = objects(raw.workers).map(worker);
  const partitions = workers.flatMap((one) => one.partitions).sort(byName);
  const own = condition(raw, raw.state, "");
  const told = [
    own,
    ...workers.map((one) => one.condition),
    ...partitions.map((one) => one.condition),
    ...objects(raw.tenants).map((one) => condition(one, one.state ?? one.reason, "tenant " + text(one.name))),
  ];
  const kinds = distinct(told).sort((a, b) => b.rank - a.rank);
  const worst = own.tier !== "flowing" && own.rank >= (kinds[0]?.rank ?? 0) ? own : kinds[0] ?? own;
  return {
    raw,
    name: text(raw.name),
    target: text(raw.target),
    group: text(raw.group),
    workers,
    partitions,
    kinds,
    worst,
    partly: own.tier === "flowing" && worst.tier !== "flowing",
    stalledPartitions: partitions.filter((one) => one.condition.tier !== "flowing").length,
    rates: fields(raw.rates),
    age: fields(raw.delivery_age_seconds),
    requests: fields(raw.request_seconds),
    records: fields(raw.records),
    deadLetters: Object.entries(fields(raw.dead_letters)).filter(([, n]) => isNumber(n) && n > 0),
  };
}

export function target(raw) {
  return {
    ...raw,
    name: text(raw.name),
    breaker: text(raw.breaker) || "closed",
    condition: condition(raw, raw.reason, ""),
    throttledUntil: time(raw.throttled_until),
    budgets: objects(raw.budgets),
    credentials: objects(raw.credentials),
  };
}

// Pipelines in trouble come first, and stay there while a request tries whether it is over; else they
// keep their places, whatever else changes.
const CALM = 15000;
const troubled = new Map();  // when it was seen in trouble, by name
function note(pipelines, now) {
  for (const one of pipelines) if (one.worst.tier === "trouble") troubled.set(one.name, now);
  return (one) => (now - (troubled.get(one.name) ?? -Infinity) < CALM ? 0 : 1);
}

export function digest(raw) {
  const document = fields(raw);
  const history = fields(document.history);
  const now = time(document.time) ?? Date.now();
  const pipelines = objects(document.pipelines).map(pipeline);
  const place = note(pipelines, now);
  return {
    now,
    started: time(document.started),
    version: text(document.version),
    pipelines: pipelines.sort((a, b) => place(a) - place(b) || byName(a, b)),
    targets: objects(document.targets).map(target).sort(byName),
    failures: objects(document.failures),
    every: isNumber(history.every_seconds) ? history.every_seconds : 5,
    curves: fields(history.pipelines),
  };
}
