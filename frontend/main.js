// The little that a page needs beside htmx. Everything heavier is loaded only where it is used.
import "@tabler/core/dist/css/tabler.css";
import "./staff.scss";
import { startKeys } from "./keys.js";
import { startBehaviours } from "./behaviours.js";
import { startBulk } from "./bulk.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toasts.js";
import { startDrafts } from "./drafts.js";
import { startWaiting } from "./waiting.js";

// The chart library is heavier than the whole page: it comes when a chart comes into view.
const charts = new IntersectionObserver((entries) => {
  const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
  seen.forEach((holder) => charts.unobserve(holder));
  if (seen.length) import("./charts.js").then(({ draw }) => seen.forEach(draw));
}, { rootMargin: "80px" });

function loadWhatIsUsed(root) {
  root.querySelectorAll("[data-chart]").forEach((holder) => charts.observe(holder));
  if (document.querySelector("[data-visit], [data-visits-of]")) import("./visits.js").then(({ offer }) => offer());
  if (document.querySelector("[x-data]") && !window.Alpine) import("./alpine.js");
}

startKeys();
startBehaviours();
startBulk();
startPalette();
startToasts();
startDrafts();
startWaiting();
loadWhatIsUsed(document);
document.addEventListener("htmx:afterSettle", (event) => loadWhatIsUsed(event.target));
