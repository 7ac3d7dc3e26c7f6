// A panel that is closed keeps what was written in it; a reservation counts down; a menu closes once something was chosen.
import { wait } from "./waiting.js";

const IDENTITIES = ["client_id", "una_vez"]; // what makes the same panel, sent again after a reload, count once
const key = (form) => `borrador:${form.dataset.draft}`;
const written = (form) => [...form.elements].filter(
  ({ name, type }) => name && (IDENTITIES.includes(name) || !["hidden", "file", "submit", "button"].includes(type)),
);

function keep(form) {
  const told = written(form)
    .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
    .map((field) => [field.name, field.value]);
  sessionStorage.setItem(key(form), JSON.stringify(told));
}

function restore(form) {
  const told = JSON.parse(sessionStorage.getItem(key(form)) ?? "[]");
  for (const field of written(form)) {
    const said = told.filter(([name]) => name === field.name).map(([, value]) => value);
    if (!said.length || form.querySelector("[role=alert]")) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = said.includes(field.value);
    else if (field.value !== said[0]) {
      field.value = said[0];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

// Without a network the panel stays open with what was written, says so, and goes once there is one.
function stay(event) {
  const form = event.target;
  if (!form.matches("form[data-draft]") || !IDENTITIES.some((name) => form.elements[name])) return;
  event.stopPropagation(); // told here, inside the form, and not as a failure
  wait(form);
  if (!form.querySelector("[data-kept-here]"))
    form.querySelector(".ald-panel__body").prepend(document.getElementById("aviso-sin-red").content.cloneNode(true));
}

function tick() {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const [minutes, seconds] = clock.textContent.split(":").map(Number);
    const left = Math.max(minutes * 60 + seconds - 1, 0);
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}

export function startDrafts() {
  document.addEventListener("input", ({ target }) => target.form?.dataset.draft && keep(target.form));
  document.addEventListener("htmx:afterSettle", ({ target }) => target.querySelectorAll?.("[data-draft]").forEach(restore));
  document.addEventListener("htmx:beforeRequest", ({ target }) => target.dataset?.draft && keep(target));
  document.addEventListener("htmx:sendError", stay, true);
  document.addEventListener("htmx:beforeOnLoad", ({ detail, target }) => {
    if (detail.xhr.status < 300 && target.dataset?.draft) sessionStorage.removeItem(key(target)); // afterwards the form is gone
  });
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.(".ald-menu__list a[hx-get]")?.closest("details");
    if (menu) menu.open = false;
  });
  setInterval(tick, 1000);
}
