// Elements made from data, and a page that is changed only where they differ: what is selected,
// focused or scrolled stays so from poll to poll. Data gets in as text and attributes alone.
const SVG = "http://www.w3.org/2000/svg";
const ALLOWED = /^(class|id|role|type|title|href|hidden|tabindex|colspan|scope|for|d|x1?|y1?|x2|y2|cx|cy|r|width|height|viewBox|preserveAspectRatio|vector-effect|aria-[a-z]+|data-[a-z-]+)$/;

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "width%") element.style.width = value + "%";
    else if (name === "left%") element.style.left = value + "%";
    else if (ALLOWED.test(name)) element.setAttribute(name, value === true ? "" : String(value));
    else throw new Error("no attribute of this page: " + name);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// h("p", {class: "x"}, "text", another, [more]): attributes of HTML, or null.
export const h = (name, attributes, ...children) =>
  build(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) =>
  build(document.createElementNS(SVG, name), attributes, children);

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "style") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const side of ["width", "left"]) {  // by CSSOM: the policy forbids the attribute
    const wanted = fresh.style.getPropertyValue(side);
    if (old.style.getPropertyValue(side) !== wanted) old.style.setProperty(side, wanted);
  }
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);
const alike = (a, b) => a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

// Makes the children of `old` those of `fresh`, which is used up. Children with the same data-key
// stay the same elements wherever they go.
export function morph(old, fresh) {
  const keyed = new Map();
  for (const child of old.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = place;
    if (keyOf(wanted)) found = keyed.get(keyOf(wanted)) ?? null;
    if (found === null || !alike(found, wanted)) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else old.insertBefore(found, place);
    morphNode(found, wanted);
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function morphNode(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  morphAttributes(old, fresh);
  morph(old, fresh);
}
