// One sprite out of the icons that icons.json names, so that a page loads only what the product uses.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONCEPTS = "src/aldia/web/ui/icons.json";
const ICONS = "node_modules/@tabler/icons/icons/outline";

// A value that begins with M is our own drawing on the same 24 grid.
function drawing(file) {
  if (/^M[\d.]/.test(file)) return `<path d="${file}"/>`;
  return readFileSync(join(ICONS, `${file}.svg`), "utf8")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace("</svg>", "")
    .replace(/\s*\n\s*/g, "");
}

function symbol(concept, file) {
  const inner = drawing(file);
  return `<symbol id="${concept}" viewBox="0 0 24 24">${inner}</symbol>`;
}

/** Writes the sprite beside the other assets and names it `icons.svg` in the manifest. */
export function aldiaIcons() {
  return {
    name: "aldia-icons",
    writeBundle(options) {
      const concepts = JSON.parse(readFileSync(CONCEPTS, "utf8"));
      const symbols = Object.entries(concepts).map(([concept, file]) => symbol(concept, file)).join("");
      const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols}</svg>`;
      const hash = createHash("sha256").update(sprite).digest("base64url").slice(0, 8);
      const file = `assets/icons-${hash}.svg`;
      writeFileSync(join(options.dir, file), sprite);
      const manifestPath = join(options.dir, "manifest.json");
      const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
      manifest["icons.svg"] = { file, src: "icons.svg" };
      writeFileSync(manifestPath, JSON.stringify(manifest, null, 2));
    },
  };
}
