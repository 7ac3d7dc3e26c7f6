// Small habits that pages ask for with an attribute.
const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });

function closeOtherMenus(event) {
  for (const menu of document.querySelectorAll("details[open].ald-menu, details[open].ald-how"))
    if (!menu.contains(event.target)) menu.open = false;
}

// A popover that would leave the window opens toward the other side.
function keepInside({ target: details }) {
  if (!details.matches?.("details.ald-how[open]")) return;
  details.classList.remove("ald-how--end", "ald-how--up");
  const box = details.querySelector(".ald-how__body").getBoundingClientRect();
  details.classList.toggle("ald-how--end", box.right > window.innerWidth);
  details.classList.toggle("ald-how--up", box.bottom > window.innerHeight && box.height < box.top);
}

function showPassword(button) {
  const field = document.getElementById(button.dataset.showPassword);
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.textContent = isShown ? button.dataset.show : button.dataset.hide;
  button.setAttribute("aria-pressed", String(!isShown));
}

// What cannot be undone waits until the person has written how many it touches; separators do not count.
function confirmCount(field) {
  const digits = (text) => text.replace(/\D/g, "");
  const isSame = digits(field.value) === digits(field.dataset.confirmCount);
  for (const button of field.form.querySelectorAll("[type=submit]")) button.disabled = !isSame;
}

// The session ended meanwhile: the whole page goes to the sign-in page, not a piece of it.
function goToDoor(event) {
  const address = event.detail.xhr.responseURL;
  if (!address || !new URL(address).pathname.startsWith(document.body.dataset.door)) return;
  event.detail.shouldSwap = false;
  window.location.assign(address);
}

// The next case begins at its top; told before the swap, the browser lays the page out once and not twice.
function toTop(event) {
  if (event.detail.target.id === "espacio" && window.scrollY > 0) window.scrollTo(0, 0);
}

// The chosen entry of a row that scrolls sideways is in view.
function showCurrent(root) {
  for (const entry of root.querySelectorAll(".ald-settings > nav [aria-current], .ald-inbox__kinds [aria-current], .ald-tabs [aria-current]")) {
    const row = entry.parentElement;
    row.scrollLeft = entry.offsetLeft - row.offsetLeft - (row.clientWidth - entry.clientWidth) / 2;
  }
}

function start(root) {
  showCurrent(root);
  root.querySelectorAll("[data-confirm-count]").forEach(confirmCount);
  root.querySelector("[data-focus]")?.focus({ preventScroll: true }); // a panel opens beside the case: the case stays put
}

export function startBehaviours() {
  document.addEventListener("click", closeOtherMenus);
  document.addEventListener("toggle", keepInside, true);
  window.addEventListener("resize", () => document.querySelectorAll("details.ald-how[open]").forEach((target) => keepInside({ target })));
  on("click", "[data-show-password]", showPassword);
  on("click", "[data-copy]", (button) => navigator.clipboard.writeText(button.dataset.copy));
  on("click", "[data-open-dialog]", (button) => document.getElementById(button.dataset.openDialog)?.showModal());
  on("click", "[data-close-dialog]", (button) => button.closest("dialog").close());
  on("click", "dialog", (dialog, event) => event.target === dialog && dialog.close());
  on("click", "[data-remove]", (button) => document.getElementById(button.dataset.remove)?.remove());
  on("click", "[data-more-outcomes]", (button) => {
    const isOpen = button.closest(".ald-outcomes").classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(isOpen));
  });
  on("click", "[data-fill]", (button) => {
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  on("click", "[data-insert]", (button) => {
    const field = document.getElementById(button.dataset.insert);
    field.setRangeText(button.dataset.value, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  on("change", "[data-submit-on-change]", (field) => field.form.requestSubmit());
  on("input", "[data-confirm-count]", confirmCount);
  on("change", "[data-drop] input", (field) => {
    const more = field.files.length > 1 ? ` +${field.files.length - 1}` : "";
    field.closest("[data-drop]").querySelector("[data-drop-name]").textContent = `${field.files[0]?.name ?? ""}${more}`;
  });
  document.addEventListener("htmx:afterSettle", (event) => start(event.target));
  document.addEventListener("htmx:beforeSwap", goToDoor);
  document.addEventListener("htmx:beforeSwap", toTop);
  start(document);
}
