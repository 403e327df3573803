// Curves of the last minutes: the lines are SVG stretched to the space there is, the words beside
// them HTML, so that nothing has to be measured.
import { h, svg } from "./dom.js";
import { isNumber } from "./format.js";
import { fields, list } from "./model.js";

const WIDE = 600;
const HIGH = 100;

// The next of 1, 2, 5 x 10^n, so that the axis moves seldom.
function roundUp(value) {
  if (!(value > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((n) => n * size).find((n) => n >= value * 0.9999);
}

// Gaps where nothing is known. A point alone is a short line.
function path(values, points, top) {
  const step = WIDE / Math.max(1, points - 1);
  const first = points - values.length;
  let drawn = "";
  let pen = false;
  values.forEach((value, i) => {
    if (!isNumber(value)) { pen = false; return; }
    const x = ((first + i) * step).toFixed(1);
    const y = (HIGH - (Math.min(value, top) / top) * HIGH).toFixed(1);
    drawn += pen ? `L${x} ${y}` : `M${x} ${y}`;
    if (!pen && !isNumber(values[i + 1])) drawn += `h${step.toFixed(1)}`;
    pen = true;
  });
  return drawn;
}

const highest = (lines) => roundUp(Math.max(0, ...lines.flatMap((line) => line.values).filter(isNumber)));

function picture(lines, points, top, label) {
  return svg("svg", {
    viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label,
  },
  [0.5, 1].map((part) => svg("path", { class: "grid", d: `M0 ${HIGH * (1 - part)}H${WIDE}` })),
  lines.map((line) => svg("path", { class: "curve " + line.kind, d: path(line.values, points, top) })));
}

const latest = (values) => (values.length > 0 ? values[values.length - 1] : null);

// How many points are shown: two, five or ten minutes at 5 s, as far as the longest goes.
export function pointsFor(curves) {
  const longest = most(Object.values(curves).flatMap((raw) => Object.values(fields(raw)).map((values) => list(values).length)));
  return [24, 60].find((n) => longest <= n) ?? 120;
}

// What each chart was drawn of, by its id.
export const drawn = new Map();

// `lines`: [{name, values, kind}], oldest first, `every` seconds apart, `points` of them in
// the width, ending now. `write` makes the
// numbers of the axis, `tell` those of the legend.
export function chart({ id, title, unit, lines, every, points, write, tell }) {
  drawn.set(id, { lines, every, points, tell });
  const top = highest(lines);
  const minutes = Number(((points * every) / 60).toFixed(1));
  const told = lines.map((line) => `${line.name ? line.name + " " : ""}${tell(latest(line.values))}`);
  return h("figure", { class: "chart", "data-key": id, "data-chart": id },
    h("figcaption", null, h("span", { class: "title" }, title), h("span", { class: "unit" }, unit),
      h("span", { class: "legend" }, lines.map((line, i) =>
        h("span", { class: "key" }, lines.length > 1 && sample(line.kind), h("b", null, told[i]))))),
    h("div", { class: "plot" },
      h("div", { class: "y", "aria-hidden": "true" },
        [1, 0.5, 0].map((part) => h("span", null, write(top * part)))),
      picture(lines, points, top, `${title}, ${unit}, the last ${minutes} minutes; now ${told.join(", ")}`)),
    h("div", { class: "x", "aria-hidden": "true" },
      [`−${minutes} min`, `−${minutes / 2} min`, "now"].map((label) => h("span", null, label))));
}

const sample = (kind) =>
  svg("svg", { class: "sample", viewBox: "0 0 20 4", width: 20, height: 4, "aria-hidden": "true" },
    svg("path", { class: "curve " + kind, d: "M0 2H20" }));

export function spark(values, points) {
  const line = { values, kind: "first" };
  return svg("svg", { class: "spark", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { class: "grid", d: `M0 ${HIGH}H${WIDE}` }),
    svg("path", { class: "curve first", d: path(values, points, highest([line])) }));
}

// Point by point over several pipelines, aligned at their ends; null where none knows.
export function together(series, join) {
  const length = Math.max(0, ...series.map((values) => values.length));
  return Array.from({ length }, (_, i) => {
    const known = series.map((values) => values[values.length - length + i]).filter(isNumber);
    return known.length === 0 ? null : join(known);
  });
}
export const sum = (values) => values.reduce((a, b) => a + b, 0);
export const most = (values) => values.reduce((a, b) => Math.max(a, b), 0);
