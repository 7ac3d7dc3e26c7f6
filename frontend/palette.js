// Ctrl K: the server searches, the arrows choose, Enter opens.
const palette = () => document.getElementById("paleta");
const options = () => [...palette().querySelectorAll(".ald-palette__item:not([aria-disabled=true])")];

function choose(step) {
  const all = options();
  if (!all.length) return palette().querySelector("input").removeAttribute("aria-activedescendant");
  const here = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = (here + step + all.length) % all.length;
  all.forEach((item, at) => item.setAttribute("aria-selected", String(at === next)));
  all[next].scrollIntoView({ block: "nearest" });
  palette().querySelector("input").setAttribute("aria-activedescendant", all[next].id);
}

function keydown(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key !== "Enter") return;
  const chosen = options().find((item) => item.getAttribute("aria-selected") === "true") ?? options()[0];
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
}

function show() {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("input").select();
}

export function startPalette() {
  if (!palette()) return;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-palette]");
    if (!opener) return;
    event.preventDefault();
    show();
  });
  palette().querySelector("input").addEventListener("keydown", keydown);
  palette().addEventListener("htmx:afterSwap", () => {
    options().forEach((item, at) => {
      item.id ||= `paleta-${at}`;
      item.setAttribute("role", "option");
    });
    choose(1);
  });
}
