// Asks for /status again and again, and shows it. When no answer comes, the last picture stays, grey.
import { drawn, pointsFor } from "./chart.js";
import { curvesOfAll } from "./curves.js";
import { isOpen, listen } from "./choices.js";
import { h, morph } from "./dom.js";
import { deadLetters, failures } from "./failures.js";
import { clock } from "./format.js";
import { headline, headlineNodes } from "./headline.js";
import { icon } from "./marks.js";
import { digest } from "./model.js";
import { pipelines } from "./pipelines.js";
import { listenToPointer } from "./readout.js";
import { targets } from "./targets.js";
import { serverNow, setServerTime, stopTime, tick } from "./ticking.js";

const EVERY = 2000;
const PATIENCE = 6000;  // a little more than the server gives its own clients

const place = (id) => document.getElementById(id);
let model = null;
let lost = null;  // since when there is no contact, by the reader's clock

function showHeadline(content) {
  morph(place("headline"), headlineNodes(content));
  place("headline").className = "headline " + content.tier;
  const link = document.querySelector("link[rel=icon]");
  if (link.href !== icon(content.tier)) link.href = icon(content.tier);
  document.title = content.title + " · Sluice";
}

function showContact(state, words) {
  place("contact").dataset.state = state;
  place("contact").textContent = words;
}

function draw() {
  if (model === null) return;
  const total = model.pipelines.length;
  const axis = { every: model.every, points: pointsFor(model.curves) };
  morph(place("picture"), h("div", null, curvesOfAll(model, axis), pipelines(model, axis, (name) => isOpen(name, total)),
    targets(model), failures(model), deadLetters(model)));
}

function shown(raw) {
  model = digest(raw);
  setServerTime(model.now);
  lost = null;
  document.body.classList.remove("lost");
  place("version").textContent = model.version;
  showContact("live", clock(serverNow(), serverNow()) + " UTC");
  showHeadline(headline(model));
  draw();
}

function noContact(why) {
  const now = Date.now();
  lost ??= now;
  stopTime();
  document.body.classList.add("lost");
  showContact("lost", "no contact");
  const picture = model === null ? "" : ` What is below is of ${clock(model.now, model.now)}.`;
  showHeadline({ tier: "trouble", title: "No contact with the server",
    detail: [`Since ${clock(lost, now)}`, h("span", { class: "below" }, ` (${why}).${picture}`)] });
}

async function ask() {
  const response = await fetch("status?history=1", { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
  if (!response.ok) throw new Error("it answers HTTP " + response.status);
  return response.json();
}

function words(error) {
  if (error.name === "TimeoutError") return `no answer in ${PATIENCE / 1000} s`;
  if (error instanceof SyntaxError) return "its answer is no JSON";
  return error instanceof TypeError ? "it does not answer" : error.message;
}

async function poll() {
  const began = performance.now();
  try {
    const raw = await ask().catch((error) => noContact(words(error)));
    if (raw !== undefined) shown(raw);
  } finally {
    // A large one is asked for less often.
    setTimeout(pollWhenSeen, Math.max(EVERY, 4 * (performance.now() - began)));
  }
}

function pollWhenSeen() {
  if (!document.hidden) return void poll();
  document.addEventListener("visibilitychange", pollWhenSeen, { once: true });
}

listen(draw);
listenToPointer(drawn);
setInterval(tick, 1000);
poll();
