// A panel that is closed keeps what was written in it; a reservation counts down; a menu closes once something was chosen.
const key = (form) => `borrador:${form.dataset.draft}`;
const written = (form) => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit", "button"].includes(field.type));

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
  document.addEventListener("htmx:afterRequest", ({ detail, target }) => {
    if (detail.successful && target.dataset?.draft) sessionStorage.removeItem(key(target));
  });
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.(".ald-menu__list a[hx-get]")?.closest("details");
    if (menu) menu.open = false;
  });
  setInterval(tick, 1000);
}
