// Takes out of Tabler's one big stylesheet the parts that aldia uses: element defaults, grid, form controls, utilities.
import postcss from "postcss";

const KEPT = [
  /^(row|col|col-auto|col-(md-|lg-|xl-)?\d+|g[xy]?-\d|container-fluid|row-cols-\d)$/,
  /^(form-control(-sm)?|form-select(-sm)?|form-check(-input|-label|-inline)?|form-label|form-switch|is-invalid|input-group(-text)?)$/,
  /^(table|table-responsive|list-unstyled|visually-hidden(-focusable)?|small)$/,
  /^d-((md|lg|print)-)?(none|flex|inline-flex|block|inline|inline-block|grid)$/,
  /^flex-((md|lg)-)?(row|column|wrap|nowrap|fill|grow-\d|shrink-\d)$/,
  /^(justify-content|align-items|align-self|order)-((md|lg)-)?[a-z0-9]+$/,
  /^(gap|m|mt|mb|ms|me|mx|my|p|pt|pb|ps|pe|px|py)-(\d|auto)$/,
  /^text-((md-)?(start|end|center)|nowrap|truncate|break|wrap|secondary)$/,
  /^(w-(100|50|auto)|h-100|overflow-(auto|hidden)|position-(relative|absolute|sticky)|fw-(normal|medium|bold))$/,
];

const isKept = (selector) =>
  [...selector.matchAll(/\.(-?[_a-zA-Z][\w-]*)/g)].every(([, name]) => KEPT.some((pattern) => pattern.test(name)));

function pick(css) {
  const root = postcss.parse(css);
  root.walkComments((comment) => comment.remove());
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes$/.test(rule.parent.name)) return;
    rule.selectors = rule.selectors.filter(isKept);
    if (!rule.selectors.length || !rule.selectors[0]) rule.remove();
  });
  root.walkAtRules((rule) => {
    if (/keyframes$|font-face/.test(rule.name)) rule.remove();
  });
  dropUnusedVariables(root);
  root.walkAtRules((rule) => rule.nodes?.length === 0 && rule.remove());
  root.walkRules((rule) => rule.nodes.length === 0 && rule.remove());
  return root.toString();
}

function dropUnusedVariables(root) {
  for (let removed = 1; removed; ) {
    removed = 0;
    const used = new Set([...root.toString().matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name));
    root.walkDecls(/^--/, (decl) => {
      if (used.has(decl.prop)) return;
      decl.remove();
      removed += 1;
    });
  }
}

export function tablerParts() {
  return {
    name: "aldia-tabler-parts",
    enforce: "pre",
    transform(code, id) {
      return id.endsWith("/tabler.css") ? { code: pick(code), map: null } : null;
    },
  };
}
