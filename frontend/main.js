// The little that a page needs beside htmx. Everything heavier is loaded only where it is used.
import "@tabler/core/dist/css/tabler.css";
import "./staff.scss";
import { startKeys } from "./keys.js";
import { startBehaviours } from "./behaviours.js";
import { startBulk } from "./bulk.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toasts.js";
import { startDrafts } from "./drafts.js";

function loadWhatIsUsed() {
  if (document.querySelector("[x-data]") && !window.Alpine) import("./alpine.js");
}

startKeys();
startBehaviours();
startBulk();
startPalette();
startToasts();
startDrafts();
loadWhatIsUsed();
document.addEventListener("htmx:afterSettle", loadWhatIsUsed);
