// The result of a visit, kept in the phone while it is written: it outlives a reload and a lost connection, and goes once the server has it.
import { wait } from "./waiting.js";

const DRAFT_HOURS = 12; // a day of visits; it is looked at when a page of visits opens
const WAITING_HOURS = 7 * 24; // it was saved and has not left yet: to forget it would lose the visit
const place = (holder) => `visita:${holder.dataset.visit}`;
const hour = (at) => new Intl.DateTimeFormat(document.documentElement.dataset.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
const fill = (text, told) => text.replace(/\{(\w+)\}/g, (_all, name) => told[name]);
const formOf = (field) => field?.closest?.("form[data-visit]");

function draftAt(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

const isOld = (draft) => !(Date.now() - draft?.at < (draft?.waiting ? WAITING_HOURS : DRAFT_HOURS) * 36e5);

function forgetOld() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("visita:")))
    if (isOld(draftAt(key))) localStorage.removeItem(key);
}

function fieldsOf(form) {
  return [...form.elements].filter(({ name, type }) => name && name !== "csrfmiddlewaretoken" && !["file", "submit", "button"].includes(type));
}

function keep(form, waiting = false) {
  const fields = fieldsOf(form).filter(({ type, checked }) => !["checkbox", "radio"].includes(type) || checked);
  const draft = { at: Date.now(), url: form.getAttribute("action"), title: form.getAttribute("aria-label"), waiting, told: fields.map(({ name, value }) => [name, value]) };
  try {
    localStorage.setItem(place(form), JSON.stringify(draft));
  } catch {} // a phone without room, or told to keep nothing: the form works as any other
}

function restore(form, draft) {
  for (const field of fieldsOf(form)) {
    const said = draft.told.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = said.includes(field.value);
    else if (said.length) field.value = said[0];
  }
  form.querySelectorAll("[data-position]").forEach(tell);
}

function say(form, text) {
  const note = form.querySelector("[data-visit-note]");
  note.textContent = text;
  note.parentElement.hidden = !text;
  form.querySelector("[data-visit-offer]").hidden = true;
}

function offerOne(holder) {
  const draft = draftAt(place(holder));
  const note = holder.querySelector("[data-visit-offer]");
  if (!draft || !note || holder.querySelector("[role=alert]") || !draft.url?.startsWith("/")) return;
  const isHere = holder.getAttribute("action") === draft.url;
  if (isHere) restore(holder, draft);
  const [text, link] = [note.querySelector("span"), note.querySelector("a")];
  text.textContent = fill(note.dataset.visitOffer, { hora: hour(draft.at), resultado: draft.title });
  [link.href, link.hidden, note.hidden] = [draft.url, isHere, false];
  note.querySelector("button").addEventListener("click", () => {
    localStorage.removeItem(place(holder));
    note.hidden = true;
    if (isHere) holder.reset();
  });
}

// A result that was asked for without a network, and whose page was left meanwhile: it goes from the list. A photo did not outlive
// its page, so a result with one is offered and not sent.
const goesAlone = (form) => ![...form.querySelectorAll("[type=file]")].some(({ files }) => files.length);

async function send(key, draft) {
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
  const answer = await fetch(draft.url, { method: "POST", headers, body: new URLSearchParams(draft.told) }).catch(() => null);
  const address = answer?.headers.get("HX-Redirect");
  if (!address) return;
  localStorage.removeItem(key);
  window.location.assign(address);
}

// One at a time: the page that follows sends the next. A visit that the server already knows is not in the list any more, so the
// phone is asked and not the page.
function sendWaiting() {
  const list = document.querySelector("[data-visits-of]");
  const mine = Object.keys(localStorage).filter((key) => list && key.startsWith(`visita:${list.dataset.visitsOf}:`));
  const key = mine.find((name) => draftAt(name)?.waiting && draftAt(name).url?.startsWith("/"));
  if (key) send(key, draftAt(key));
}

function tell(field) {
  const [, , metres, at] = field.querySelector("input").value.split(" ");
  if (at) field.querySelector("[role=status]").textContent = fill(field.dataset.taken, { hora: hour(at), metros: metres });
}

function take(field) {
  const failed = () => { field.querySelector("[role=status]").textContent = field.dataset.failed; };
  const done = ({ coords, timestamp }) => {
    const at = new Date(timestamp).toISOString();
    field.querySelector("input").value = `${coords.latitude.toFixed(6)} ${coords.longitude.toFixed(6)} ${Math.round(coords.accuracy)} ${at}`;
    tell(field);
    keep(field.closest("form"));
  };
  navigator.geolocation.getCurrentPosition(done, failed, { enableHighAccuracy: true, timeout: 15_000 });
}

export function offer() {
  for (const holder of document.querySelectorAll("[data-visit]:not([data-offered])")) {
    holder.dataset.offered = "yes";
    offerOne(holder);
    holder.querySelectorAll("[data-position]").forEach((field) => {
      field.querySelector("button").hidden = !navigator.geolocation;
      tell(field);
    });
  }
  if (navigator.onLine) sendWaiting();
}

document.addEventListener("input", ({ target }) => {
  const form = formOf(target);
  if (form) keep(form, form.dataset.waiting === "yes" && goesAlone(form));
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-position-take]");
  if (button) take(button.closest("[data-position]"));
});
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.matches("form[data-visit]")) return;
  say(target, "");
  keep(target, goesAlone(target)); // until it is answered it waits, also when the page is left meanwhile
});
document.addEventListener("htmx:sendError", (event) => {
  const { target } = event;
  if (!target.matches("form[data-visit]")) return;
  event.stopPropagation(); // told here, inside the form, and not as a failure
  wait(target);
  say(target, target.querySelector("[data-visit-notes]").dataset.offline);
}, true);
document.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
  if (!target.matches("form[data-visit]")) return;
  if (detail.xhr.getResponseHeader("HX-Redirect")) localStorage.removeItem(place(target)); // only a saved result leads on
  else keep(target);
});
forgetOld();
window.addEventListener("online", sendWaiting);
