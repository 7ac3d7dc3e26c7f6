// ECharts with our theme: horizontal lines only, no smoothing, colours from the page so that both themes work.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, registerTheme, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const drawn = new Map();
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale || document.documentElement.lang, { maximumFractionDigits: 1 });

function theme(token) {
  const label = { color: token("ink2"), fontFamily: "Inter, system-ui, sans-serif", fontSize: 12 };
  const axis = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: label };
  return {
    textStyle: label,
    grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    categoryAxis: { ...axis, axisLabel: { ...label, hideOverlap: true }, splitLine: { show: false } },
    valueAxis: { ...axis, splitLine: { lineStyle: { color: token("line") } } },
    line: { smooth: false, showSymbol: false, symbolSize: 7, lineStyle: { width: 2.4 } },
    bar: { barMaxWidth: 24, itemStyle: { borderRadius: 3 } },
    // richText: an HTML tooltip would carry inline styles, which the policy forbids.
    tooltip: { renderMode: "richText", backgroundColor: token("ink"), borderWidth: 0, padding: [8, 12], textStyle: { ...label, color: token("surface") } },
    markLine: { symbol: "none", silent: true, lineStyle: { color: token("ink"), type: "solid", width: 1.5 }, label: { show: false } },
  };
}

// Options come as plain data, so a colour is written "ald:accent" and resolved here.
function resolved(value, token) {
  if (typeof value === "string" && value.startsWith("ald:")) return token(value.slice(4));
  if (Array.isArray(value)) return value.map((item) => resolved(item, token));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, token)]));
  return value;
}

// One card for a column: its name, and each series that has a name and a figure there.
function reading(points) {
  const told = points.filter((point) => point.value != null && !point.seriesName.startsWith("series"));
  return [points[0].axisValueLabel, ...told.map((point) => `${point.marker} ${point.seriesName}  ${numbers.format(point.value)}`)].join("\n");
}

function paint(holder) {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--ald-${name}`).trim();
  const option = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
  drawn.get(holder)?.dispose();
  registerTheme("aldia", theme(token));
  const chart = init(holder, "aldia", { renderer: "svg" }); // it prints sharp
  const yAxis = { type: "value", axisLabel: { formatter: (value) => numbers.format(value) } };
  chart.setOption({ animation: false, yAxis, tooltip: { trigger: "axis", formatter: reading }, ...resolved(option, token) });
  drawn.set(holder, chart);
}

/** Draws one chart; called once per holder, when it comes into view. */
export function draw(holder) {
  for (const other of drawn.keys()) if (!other.isConnected) drawn.delete(other);
  if (!drawn.has(holder)) paint(holder);
}

new ResizeObserver(() => drawn.forEach((chart) => chart.resize())).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(paint));
