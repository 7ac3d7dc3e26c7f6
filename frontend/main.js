// The little that a page needs beside htmx. Everything heavier is loaded only where it is used.
import "@tabler/core/dist/css/tabler.css";
import "./staff.scss";
import { startKeys } from "./keys.js";
import { startBehaviours } from "./behaviours.js";
import { startBulk } from "./bulk.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toasts.js";

function loadWhatIsUsed(root) {
  if (root.querySelector("[data-chart]")) import("./charts.js").then(({ draw }) => draw(root));
  if (document.querySelector("[x-data]") && !window.Alpine) import("./alpine.js");
}

startKeys();
startBehaviours();
startBulk();
startPalette();
startToasts();
loadWhatIsUsed(document);
document.addEventListener("htmx:afterSettle", (event) => loadWhatIsUsed(event.target));
