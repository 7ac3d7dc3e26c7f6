// A .gz beside every text asset; the server sends it to whoever accepts it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export function precompress() {
  return {
    name: "aldia-precompress",
    closeBundle() {
      const folder = "src/aldia/web/ui/static/dist/assets";
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
      }
    },
  };
}
