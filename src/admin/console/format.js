// How numbers and times are written. What is not known is a dash.
export const UNKNOWN = "–";

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value) {
  return isNumber(value) ? whole.format(value) : UNKNOWN;
}

// Where there is room for nine digits.
export const tight = (value) => (isNumber(value) && value >= 1e9 ? short(value) : count(value));

// With as many digits as one reads: 0, 0.4, 7.5, 1,203.
export function rate(value) {
  if (!isNumber(value)) return UNKNOWN;
  return value !== 0 && Math.abs(value) < 10 ? String(Number(value.toFixed(1))) : whole.format(value);
}

// For the axis of a curve: 1.5k, 20M.
export function short(value) {
  if (!isNumber(value)) return UNKNOWN;
  for (const [unit, size] of [["P", 1e15], ["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (value >= size) return Number((value / size).toFixed(1)) + unit;
  }
  return String(Number(value.toPrecision(2)));
}

export function bytes(value) {
  if (!isNumber(value)) return UNKNOWN;
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (value >= size) return Number((value / size).toFixed(1)) + " " + unit;
  }
  return whole.format(value) + " B";
}

export function percent(part) {
  return isNumber(part) ? Math.round(part * 100) + " %" : UNKNOWN;
}

// In the two largest units: 4 ms, 0.41 s, 8.2 s, 1 min 24 s, 2 h 5 min, 3 d 4 h.
export function duration(seconds) {
  if (!isNumber(seconds)) return UNKNOWN;
  const s = Math.max(0, seconds);
  if (s === 0) return "0 s";
  if (s < 0.1) return Number((s * 1000).toPrecision(2)) + " ms";
  if (s < 10) return Number(s.toPrecision(2)) + " s";
  return longDuration(Math.round(s));
}

// The same without fractions, for what is told every second.
export function elapsed(milliseconds) {
  return longDuration(Math.max(0, Math.floor(milliseconds / 1000)));
}

function longDuration(s) {
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min" + rest(s % 60, "s");
  if (s < 86400) return Math.floor(s / 3600) + " h" + rest(Math.floor((s % 3600) / 60), "min");
  return Math.floor(s / 86400) + " d" + rest(Math.floor((s % 86400) / 3600), "h");
}

const rest = (value, unit) => (value === 0 ? "" : " " + value + " " + unit);
const two = (value) => String(value).padStart(2, "0");

// What is left until then: in 0:34, in 1:02:03; now when it is due.
export function countdown(milliseconds) {
  const s = Math.ceil(milliseconds / 1000);
  if (s <= 0) return "now";
  const minutes = Math.floor(s / 60) % 60;
  const hours = Math.floor(s / 3600);
  return "in " + (hours > 0 ? hours + ":" + two(minutes) : minutes) + ":" + two(s % 60);
}

// Milliseconds of a time of /status; null where it has none.
export function time(text) {
  const at = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : at;
}

// 03:00:12, with the day where it is another than that of `now`.
export function clock(at, now) {
  if (at === null) return UNKNOWN;
  const date = new Date(at).toISOString();
  const sameDay = date.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return sameDay ? date.slice(11, 19) : date.slice(0, 10) + " " + date.slice(11, 16);
}
