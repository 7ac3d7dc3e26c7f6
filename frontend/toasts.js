// A toast stays ten seconds, and as long as somebody points at it or is inside it.
const STAY_MS = 10_000;
// Who saves case after case would see them climb over the page: the oldest of those that went well makes room.
const MOST = 3;

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  let left = STAY_MS;
  let since = Date.now();
  let timer = setTimeout(() => toast.remove(), left);
  const hold = () => {
    clearTimeout(timer);
    left -= Date.now() - since;
  };
  const release = () => {
    since = Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), Math.max(left, 1500));
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", release);
}

function makeRoom(region) {
  const gone = [...region.querySelectorAll(".ald-toast--ok")].filter((toast) => !toast.matches(":hover, :focus-within"));
  gone.slice(0, Math.max(region.children.length - MOST, 0)).forEach((toast) => toast.remove());
}

function sayFailure(region) {
  const words = document.getElementById("aviso-fallo");
  if (words) region.append(words.content.cloneNode(true));
}

export function startToasts() {
  const region = document.getElementById("avisos");
  if (!region) return;
  for (const failure of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(failure, () => sayFailure(region));
  const watchAll = () => {
    makeRoom(region);
    region.querySelectorAll(".ald-toast").forEach(watch);
  };
  new MutationObserver(watchAll).observe(region, { childList: true });
  watchAll();
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) event.target.closest(".ald-toast").remove();
  });
}
