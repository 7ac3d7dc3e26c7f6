// Only on pages with x-data: the build of Alpine that needs no eval.
import Alpine from "@alpinejs/csp";

window.Alpine = Alpine;
Alpine.start();
