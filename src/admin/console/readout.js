// Under the pointer, a curve says its numbers. It floats beside the picture, which is drawn anew
// meanwhile.
import { h, morph } from "./dom.js";
import { elapsed } from "./format.js";

const box = h("div", { class: "readout", hidden: true, "aria-hidden": "true" });

// A point's number of `points`, counted from the left; where a curve is shorter it ends on the right.
function words({ lines, every, points, tell }, index) {
  const ago = (points - 1 - index) * every;
  const numbers = lines.map(({ name, values }) =>
    `${name ? name + " " : ""}${tell(values[index - points + values.length])}`);
  return `${ago === 0 ? "now" : elapsed(ago * 1000) + " ago"}: ${numbers.join(", ")}`;
}

function show(plot, drawn, x) {
  const place = plot.getBoundingClientRect();
  const part = Math.min(1, Math.max(0, (x - place.left) / place.width));
  const index = Math.round(part * (drawn.points - 1));
  const left = place.left + (index / (drawn.points - 1)) * place.width;
  box.hidden = false;
  box.style.left = left + "px";
  box.style.top = place.top + "px";
  box.style.height = place.height + "px";
  box.dataset.side = part > 0.5 ? "left" : "right";
  morph(box, h("div", null, h("span", null, words(drawn, index))));
}

// `drawnAs`: what chart() drew in a figure, by its data-chart.
export function listenToPointer(drawnAs) {
  document.body.append(box);
  document.addEventListener("pointermove", (event) => {
    const plot = event.target instanceof Element ? event.target.closest(".plot svg") : null;
    const drawn = plot === null ? undefined : drawnAs.get(plot.closest("figure").dataset.chart);
    if (drawn === undefined) box.hidden = true;
    else show(plot, drawn, event.clientX);
  });
  const hide = () => { box.hidden = true; };
  document.documentElement.addEventListener("pointerleave", hide);
  document.addEventListener("scroll", hide, true);  // of any part
}
