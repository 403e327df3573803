// Throughput, latency and lag: of one pipeline, and of all together.
import { chart, most, sum, together } from "./chart.js";
import { count, duration, rate, short } from "./format.js";
import { h } from "./dom.js";
import { fields, list } from "./model.js";

const curve = (curves, name) => list(fields(curves)[name]);

function trio(key, { every, points }, { throughput, p50, p99, lag }, ages) {
  return h("div", { class: "curves", "data-key": key },
    chart({ id: key + "-t", title: "Throughput", unit: "records/s", every, points, write: short, tell: rate,
      lines: [{ name: "", values: throughput, kind: "first" }] }),
    chart({ id: key + "-a", title: "Delivery age", unit: ages, every, points, write: duration, tell: duration,
      lines: [{ name: "p50", values: p50, kind: "first" }, { name: "p99", values: p99, kind: "second" }] }),
    chart({ id: key + "-l", title: "Lag", unit: "records", every, points, write: short, tell: count,
      lines: [{ name: "", values: lag, kind: "first" }] }));
}

export function curvesOf(raw, axis, key) {
  return trio(key, axis, {
    throughput: curve(raw, "records_per_second"),
    p50: curve(raw, "delivery_age_p50"),
    p99: curve(raw, "delivery_age_p99"),
    lag: curve(raw, "lag"),
  }, "p50 and p99");
}

// Quantiles cannot be added up: those of the slowest pipeline are shown.
export function curvesOfAll(model, axis) {
  const all = Object.values(model.curves);
  if (all.length === 0) return null;
  const of = (name) => all.map((raw) => curve(raw, name));
  const several = all.length > 1;
  return trio("all", axis, {
    throughput: together(of("records_per_second"), sum),
    p50: together(of("delivery_age_p50"), most),
    p99: together(of("delivery_age_p99"), most),
    lag: together(of("lag"), sum),
  }, several ? "of the slowest pipeline" : "p50 and p99");
}
