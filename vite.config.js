// Builds the face once; Django serves the result. There is no development server: `npm run build -- --watch`.
import { defineConfig } from "vite";
import { aldiaIcons } from "./frontend/plugins/icons.js";
import { precompress } from "./frontend/plugins/precompress.js";
import { tablerParts } from "./frontend/plugins/tabler.js";

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  plugins: [tablerParts(), aldiaIcons(), precompress()],
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  build: {
    outDir: "src/aldia/web/ui/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    cssMinify: "lightningcss",
    modulePreload: false,
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rollupOptions: {
      input: {
        main: "frontend/main.js",
        portal: "frontend/portal.scss",
      },
    },
  },
});
