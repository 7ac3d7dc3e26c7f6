// What could not be sent waits in its form and goes by itself once the network is back. Its key makes it count once, also when
// only the answer was lost. Whoever signs out leaves nothing written behind.
const TRY_AGAIN_MS = 20_000;
const ours = (name) => /^(visita|borrador):/.test(name);

export function wait(form) {
  form.dataset.waiting = "yes";
}

function again() {
  for (const form of document.querySelectorAll("form[data-waiting]")) {
    delete form.dataset.waiting;
    form.requestSubmit();
  }
}

const isUnsent = (text) => text.includes('"waiting":true');

function forget(event) {
  const form = event.target.closest?.("form[data-forget]");
  if (!form) return;
  const unsent = Object.keys(localStorage).filter(ours).some((name) => isUnsent(localStorage.getItem(name)));
  if (unsent && !window.confirm(form.dataset.forget)) {
    event.preventDefault();
    return;
  }
  for (const kept of [localStorage, sessionStorage]) Object.keys(kept).filter(ours).forEach((name) => kept.removeItem(name));
}

export function startWaiting() {
  window.addEventListener("online", again);
  setInterval(() => navigator.onLine && again(), TRY_AGAIN_MS); // a server that was away says nothing when it is back
  document.addEventListener("submit", forget);
}
