// Bars and lines over columns, drawn as SVG: what a chart library weighs is more than a whole page may (ADR 0007).
// Colours are classes, so that both themes and paper have theirs; no inline styles, which the policy forbids.

const LETTER = 6.8; // pixels of a 12 px letter, generously
const ROOM = { top: 12, right: 10, bottom: 26 };
const WIDEST_BAR = 24;
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale || document.documentElement.lang, { maximumFractionDigits: 1 });
const marked = new Intl.NumberFormat(document.documentElement.dataset.locale || document.documentElement.lang, { maximumSignificantDigits: 6 });

function element(name, attributes = {}, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

// Some five round steps (1, 2, 2.5 or 5 times a power of ten), zero among them.
function ticks(low, high) {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) * power;
  const first = Math.floor(low / step);
  return Array.from({ length: Math.ceil(high / step) - first + 1 || 1 }, (_, place) => (first + place) * step);
}

// Where columns and figures stand. A bar needs the width of its column; a line begins and ends at the edges.
function scales(told, width, height) {
  const figures = [0, ...told.series.flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])])];
  const known = figures.filter((figure) => figure != null);
  const marks = ticks(Math.min(...known), Math.max(...known, known.some((figure) => figure) ? -Infinity : 1));
  const left = 12 + LETTER * Math.max(...marks.map((mark) => marked.format(mark).length));
  const isWide = told.series.some((one) => one.kind === "bar") || told.names.length < 2;
  const step = (width - left - ROOM.right) / (told.names.length - (isWide ? 0 : 1));
  const [low, high] = [marks[0], marks[marks.length - 1]];
  return {
    width, height, left, marks, step, isWide, right: width - ROOM.right,
    x: (column) => left + step * (column + (isWide ? 0.5 : 0)),
    y: (figure) => height - ROOM.bottom - ((figure - low) / (high - low)) * (height - ROOM.top - ROOM.bottom),
  };
}

function axes(told, at) {
  const lines = at.marks.flatMap((mark) => [
    element("line", { class: "grid", x1: at.left, x2: at.right, y1: at.y(mark), y2: at.y(mark) }),
    element("text", { x: at.left - 8, y: at.y(mark) + 4, "text-anchor": "end" }, marked.format(mark)),
  ]);
  const longest = LETTER * Math.max(...told.names.map((name) => name.length));
  const every = Math.max(1, Math.ceil((longest + 12) / at.step));
  const names = told.names.flatMap((name, column) => {
    const half = (LETTER * name.length) / 2;
    const x = Math.min(at.x(column), at.width - half);
    return column % every ? [] : [element("text", { x, y: at.height - 6, "text-anchor": "middle" }, name)];
  });
  return [...lines, ...names];
}

const look = (one, what) => `${what} is-${one.colour}${one.expected ? " is-expected" : ""}`;

// The bars of a column side by side, and in its middle if some have no figure there.
function bars(told, at) {
  const columns = told.names.map((_, column) => told.series.filter((one) => one.kind === "bar" && one.values[column]));
  const most = Math.max(1, ...columns.map((here) => here.length));
  const width = Math.min(WIDEST_BAR, (at.step * 0.72) / most);
  return columns.flatMap((here, column) => here.map((one, place) => {
    const [top, bottom] = [at.y(Math.max(one.values[column], 0)), at.y(Math.min(one.values[column], 0))];
    const x = at.x(column) + width * (place - here.length / 2);
    return element("rect", { class: look(one, "bar"), x: x + 0.75, width: Math.max(width - 1.5, 1), y: top, height: Math.max(bottom - top, 1), rx: Math.min(3, width / 3) });
  }));
}

// A line stops where a figure is missing; a figure alone is a dot.
function path(values, at) {
  const pieces = values.map((value, column) => {
    if (value == null) return "";
    const point = `${at.x(column)} ${at.y(value)}`;
    return column && values[column - 1] != null ? `L${point}` : `M${point}h0`;
  });
  return pieces.join("");
}

// What a forecast may reach: from its highest figures there to its lowest ones back.
function band(one, at) {
  const columns = one.values.flatMap((value, column) => (value == null ? [] : [column]));
  const there = columns.map((column) => `${at.x(column)},${at.y(one.high[column])}`);
  const back = columns.map((column) => `${at.x(column)},${at.y(one.low[column])}`).reverse();
  return element("polygon", { class: look(one, "band"), points: [...there, ...back].join(" ") });
}

function lines(told, at) {
  return told.series.filter((one) => one.kind === "line").flatMap((one) => [
    ...(one.low ? [band(one, at)] : []),
    element("path", { class: look(one, "line"), d: path(one.values, at) }),
  ]);
}

// Beside the bars of its column, or on the point of a line.
function today(told, at) {
  if (told.today == null) return [];
  const x = at.x(told.today) + (at.isWide ? at.step / 2 : 0);
  return [element("line", { class: "today", x1: x, x2: x, y1: ROOM.top, y2: at.height - ROOM.bottom })];
}

// One card for the column under the pointer: its name, and each series that has a figure there.
function reading(told, at, column, svg) {
  const rows = told.series.filter((one) => one.values[column] != null);
  const texts = [told.names[column], ...rows.map((one) => `${one.name}  ${numbers.format(one.values[column])}`)];
  const drawn = texts.map((text, row) => element("text", { x: row ? 26 : 12, y: 20 + row * 18 }, text));
  const dots = rows.map((one, row) => element("circle", { class: look(one, "dot"), cx: 16, cy: 34 + row * 18, r: 4 }));
  const back = element("rect", { rx: 6, height: 14 + texts.length * 18 });
  const card = element("g", { class: "reading" }, back, ...dots, ...drawn);
  svg.append(card);
  const width = card.getBBox().width + 24;
  back.setAttribute("width", width);
  const x = at.x(column) + 12 + width > at.width ? at.x(column) - 12 - width : at.x(column) + 12;
  card.setAttribute("transform", `translate(${Math.max(x, 0)} ${ROOM.top})`);
}

function follow(told, at, svg) {
  let shown = null;
  const show = (column) => {
    if (column === shown) return;
    shown = column;
    svg.querySelectorAll(".reading").forEach((card) => card.remove());
    if (column != null) reading(told, at, column, svg);
  };
  const under = (event) => {
    const place = (event.clientX - svg.getBoundingClientRect().left - at.left) / at.step;
    show(Math.min(Math.max(at.isWide ? Math.floor(place) : Math.round(place), 0), told.names.length - 1));
  };
  svg.addEventListener("pointermove", under);
  svg.addEventListener("pointerdown", under);
  svg.addEventListener("pointerleave", () => show(null));
}

function paint(holder) {
  const told = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
  const [width, height] = [holder.clientWidth, holder.clientHeight];
  if (!width || !told.names.length) return;
  const at = scales(told, width, height);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}` });
  svg.append(...axes(told, at), ...bars(told, at), ...lines(told, at), ...today(told, at));
  follow(told, at, svg);
  holder.replaceChildren(svg);
}

const widths = new ResizeObserver((changes) => changes.forEach((change) => paint(change.target)));

/** Draws one chart, and again whenever its place changes; called when it comes into view. */
export function draw(holder) {
  widths.observe(holder);
}
