// ECharts with our theme: horizontal lines only, no smoothing, colours from the page so that both themes work.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, registerTheme, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const drawn = new Map();
const SERIES = ["accent", "c2", "c3", "c4", "c5"];

function theme() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--ald-${name}`).trim();
  const label = { color: token("ink2"), fontFamily: "Inter, system-ui, sans-serif", fontSize: 12 };
  const axis = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: label, splitLine: { lineStyle: { color: token("line") } } };
  return {
    color: SERIES.map(token),
    textStyle: label,
    grid: { left: 4, right: 12, top: 24, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    timeAxis: { ...axis, splitLine: { show: false } },
    line: { smooth: false, symbol: "none", lineStyle: { width: 2.4 } },
    bar: { itemStyle: { borderRadius: 3 } },
    legend: { textStyle: label, icon: "roundRect", itemWidth: 10, itemHeight: 10 },
    // richText: an HTML tooltip would carry inline styles, which the policy forbids.
    tooltip: { renderMode: "richText", backgroundColor: token("ink"), borderWidth: 0, padding: [8, 12], textStyle: { ...label, color: token("surface") } },
    markLine: { symbol: "none", lineStyle: { color: token("ink"), type: "solid", width: 1.5 }, label: { ...label, color: token("ink"), fontWeight: 600 } },
  };
}

// Options come as plain data, so a colour is written "accent" or "a3" and resolved here.
function resolved(value, token) {
  if (typeof value === "string" && value.startsWith("ald:")) return token(value.slice(4));
  if (Array.isArray(value)) return value.map((item) => resolved(item, token));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, token)]));
  return value;
}

function paint(holder) {
  const style = getComputedStyle(document.documentElement);
  const option = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
  drawn.get(holder)?.dispose();
  registerTheme("aldia", theme());
  const chart = init(holder, "aldia", { renderer: "canvas" });
  chart.setOption({ animation: false, ...resolved(option, (name) => style.getPropertyValue(`--ald-${name}`).trim()) });
  drawn.set(holder, chart);
}

/** Draws one chart; called once per holder, when it comes into view. */
export function draw(holder) {
  for (const other of drawn.keys()) if (!other.isConnected) drawn.delete(other);
  if (!drawn.has(holder)) paint(holder);
}

new ResizeObserver(() => drawn.forEach((chart) => chart.resize())).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(paint));
