// Choosing rows of a list: the floating bar appears with something chosen and says how many.
const LOCALE = document.documentElement.dataset.locale || document.documentElement.lang;
const written = (count) => new Intl.NumberFormat(LOCALE, { useGrouping: "always" }).format(count);

function refresh(form) {
  const boxes = [...form.querySelectorAll("[data-check]")];
  const chosen = boxes.filter((box) => box.checked);
  const scope = form.querySelector("input[name=scope]");
  const isFilter = scope?.value === "filter" && chosen.length === boxes.length;
  if (scope && !isFilter) scope.value = "rows";
  const bar = form.querySelector("[data-bulk-bar]");
  if (bar) {
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-bulk-count]").textContent = isFilter ? bar.dataset.filterTotal : written(chosen.length);
    const word = bar.querySelector("[data-bulk-word]");
    word.textContent = chosen.length === 1 && !isFilter ? word.dataset.one : word.dataset.other;
    bar.querySelector("[data-select-filter]")?.toggleAttribute("hidden", isFilter);
  }
  for (const box of boxes) box.closest("tr, [data-item]")?.setAttribute("aria-selected", String(box.checked));
  const all = form.querySelector("[data-check-all]");
  if (!all) return;
  all.checked = chosen.length > 0 && chosen.length === boxes.length;
  all.indeterminate = chosen.length > 0 && !all.checked;
}

function setAll(form, isChecked) {
  for (const box of form.querySelectorAll("[data-check]")) box.checked = isChecked;
  refresh(form);
}

export function startBulk() {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.("[data-bulk]");
    if (!form) return;
    if (target.matches("[data-check-all]")) setAll(form, target.checked);
    else if (target.matches("[data-check]")) refresh(form);
  });
  document.addEventListener("click", ({ target }) => {
    const form = target.closest?.("[data-bulk]");
    if (!form) return;
    if (target.closest("[data-bulk-clear]")) setAll(form, false);
    if (target.closest("[data-select-filter]")) {
      form.querySelector("input[name=scope]").value = "filter";
      setAll(form, true);
    }
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-bulk]").forEach(refresh));
  document.querySelectorAll("[data-bulk]").forEach(refresh);
}
