// What the reader chose: colours, and which pipelines are open. The latter is in the address, so
// that it can be sent to somebody.
const THEME = "sluice-theme";

// Storage may be forbidden: then a choice lasts as long as the page.
function stored() {
  try { return localStorage.getItem(THEME); } catch { return null; }
}
function store(choice) {
  try { localStorage.setItem(THEME, choice); } catch { /* as said */ }
}

function showTheme(choice) {
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice ?? "auto")));
  }
}

const named = () => location.hash.slice(1).split(",").filter(Boolean);
const decode = (name) => { try { return decodeURIComponent(name); } catch { return name; } };
let open = new Set(named().map(decode));
let chosen = open.size > 0;

// One pipeline alone is open from the start.
export const isOpen = (name, total) => open.has(name) || (!chosen && total === 1);

function toggle(name, wasOpen) {
  chosen = true;
  if (wasOpen) open.delete(name);
  else open.add(name);
  history.replaceState(null, "", "#" + [...open].map(encodeURIComponent).join(","));
}

async function copy(button) {
  const line = button.dataset.copy;
  let done = true;
  try {
    await navigator.clipboard.writeText(line);  // only where the page came by HTTPS or from this machine
  } catch {
    getSelection().selectAllChildren(button.previousSibling);
    done = document.execCommand("copy");
  }
  button.dataset.done = done ? "copied" : "selected";
  setTimeout(() => delete button.dataset.done, 2000);
}

// `changed`: the picture is to be drawn again.
export function listen(changed) {
  showTheme(stored() ?? "auto");
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button === null) return;
    const { themeChoice, toggle: name, copy: line } = button.dataset;
    if (themeChoice !== undefined) { store(themeChoice); showTheme(themeChoice); }
    if (name !== undefined) { toggle(name, button.getAttribute("aria-expanded") === "true"); changed(); }
    if (line !== undefined) copy(button);
  });
  addEventListener("hashchange", () => { open = new Set(named().map(decode)); chosen = true; changed(); });
}
