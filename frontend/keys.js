// One-letter keys written in the page as data-key="p"; the person can switch them off (html[data-keys=off]).
const PREFIX_MS = 1200;
let prefix = "";
let prefixAt = 0;

const isVisible = (element) => element.getClientRects().length > 0 && !element.closest("[hidden]");
const last = (selector, root = document) => [...root.querySelectorAll(selector)].filter(isVisible).at(-1);

function isTyping(target) {
  return target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio], [type=button], [type=submit]"));
}

/** The key's name as pages write it: "p", "ctrl+z", "esc", "enter". */
export function nameOf(event) {
  const key = event.key === "Escape" ? "esc" : event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : key;
}

// An open dialog owns the keyboard: nothing behind it may answer.
const scope = () => document.querySelector("dialog[open]") ?? document;

function press(name) {
  const quoted = JSON.stringify(name);
  const element = last(`[data-key=${quoted}], [data-key-also=${quoted}]`, scope());
  if (!element || element.getAttribute("aria-disabled") === "true" || element.disabled) return false;
  if (element.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) element.focus();
  else element.click();
  return true;
}

function items() {
  const list = [...document.querySelectorAll("[data-list]")].filter(isVisible).at(-1);
  return list ? [...list.querySelectorAll("[data-item]")].filter(isVisible) : [];
}

function move(step) {
  const all = items();
  if (!all.length) return false;
  const here = all.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  if (!next.matches("a, button")) next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function open() {
  const item = document.activeElement?.closest("[data-item]");
  if (!item || item !== document.activeElement || item.matches("a, button")) return false;
  const link = item.querySelector("[data-open]") ?? item.querySelector("a[href]");
  link?.click();
  return Boolean(link);
}

function dismiss() {
  const menu = last("details[open].ald-menu, details[open].ald-how", scope());
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }
  const button = last("[data-dismiss]", scope());
  button?.click();
  return Boolean(button);
}

function keyWord(element) {
  if (element.dataset.keyWord) return element.dataset.keyWord;
  const copy = element.cloneNode(true);
  copy.querySelectorAll(".ald-kbd, svg").forEach((part) => part.remove());
  return copy.textContent.trim() || element.getAttribute("aria-label") || "";
}

function listKeys() {
  const dialog = document.getElementById("teclas");
  if (!dialog || dialog.open) return false;
  const here = dialog.querySelector("[data-keys-here]");
  const shown = [...document.querySelectorAll("[data-key]")].filter((element) => isVisible(element) && keyWord(element));
  here.replaceChildren(...shown.flatMap((element) => row(element.dataset.key, keyWord(element))));
  dialog.showModal();
  return true;
}

function row(key, word) {
  const [term, meaning, cap] = ["dt", "dd", "kbd"].map((name) => document.createElement(name));
  cap.className = "ald-kbd";
  cap.textContent = key.replace("ctrl+", "Ctrl ").replace(/\b[a-z]$/, (letter) => letter.toUpperCase());
  term.append(cap);
  meaning.textContent = word;
  return [term, meaning];
}

// Browsers send a form from a text field with Enter, never from a list: in a panel it must not matter which one has the focus.
function send(form) {
  form.requestSubmit();
  return true;
}

function withPrefix(name) {
  const chord = Date.now() - prefixAt < PREFIX_MS ? `${prefix} ${name}` : "";
  prefix = name;
  prefixAt = Date.now();
  return chord && press(chord);
}

function answer(event) {
  const name = nameOf(event);
  if (name === "esc") return dismiss();
  if (name === "enter" && event.target.matches("form.ald-panel select")) return send(event.target.form);
  if (isTyping(event.target)) return name.startsWith("ctrl+") && name !== "ctrl+z" && press(name);
  if (name === "enter") return open() || (event.target === document.body && press(name));
  if (name.startsWith("ctrl+")) return press(name);
  if (document.documentElement.dataset.keys === "off" || event.altKey) return false;
  if (name === "?") return listKeys();
  if (withPrefix(name)) return true;
  if (name === "j" || name === "k") return press(name) || move(name === "j" ? 1 : -1);
  return press(name);
}

export function startKeys() {
  const { dataset } = document.documentElement;
  document.addEventListener("pointerdown", () => delete dataset.hand);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || (event.repeat && !/^[jk]$/i.test(event.key))) return;
    dataset.hand = "keys"; // what opens now opens at once
    if (answer(event)) event.preventDefault();
  });
}
