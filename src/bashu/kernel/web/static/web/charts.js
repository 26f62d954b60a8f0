// Charts: each reads the JSON block that data-from names. ECharts is fetched only by pages that hold a chart.
// Canvas and rich-text tooltips, because the content security policy admits no style written in markup.
import { linesOption } from "./lines.js";
import { axis, frame, number, token } from "./look.js";
import { mapOption } from "./map.js";
import { scatterOption } from "./scatter.js";

const DIGIT = 8; // pixels a digit of a bar's label needs
const LEAST_BAR = 24; // pixels a bar with its name needs
let library;
const drawn = new Map();

export const load = () => (library ??= import("../vendor/echarts.esm.min.js"));

function seriesOption(data) {
  const line = ({ name, points }, extra) => ({
    name, type: "line", data: points.map((point) => ({ value: [point.at, point.value], point })),
    symbol: "circle", symbolSize: 7, lineStyle: { width: 2.2 }, ...extra,
  });
  const lines = data.lines.map((one) => line(one));
  if (data.required.length) {
    const dashed = { lineStyle: { type: [6, 5], width: 1.6, color: token("muted") }, itemStyle: { color: token("muted") }, symbolSize: 0, z: 1 };
    lines.push(line({ name: data.requiredName, points: data.required }, dashed));
  }
  return {
    ...frame(),
    grid: { left: 8, right: 16, top: 34, bottom: 4, containLabel: true },
    legend: { type: "scroll", top: 0, left: 0, right: 0, icon: "roundRect", itemWidth: 16, itemHeight: 3, textStyle: { color: token("muted") } },
    xAxis: { type: "time", ...axis(), splitLine: { show: false } },
    yAxis: { type: "value", scale: true, ...axis(), axisLine: { show: false }, axisLabel: { color: token("muted"), formatter: number } },
    tooltip: { ...frame().tooltip, trigger: "item", formatter: ({ seriesName, data: { point } }) => `${seriesName}\n${point.at}  ${number(point.value)} ${data.unit}${point.note ? `\n${point.note}` : ""}` },
    series: lines,
  };
}

function barsOption(data) {
  const rows = [...data.rows].reverse();
  const longest = Math.max(...rows.map((row) => number(row.value).length));
  return {
    ...frame(),
    grid: { left: 16, right: 16 + DIGIT * longest, top: 6, bottom: 4, containLabel: true },
    xAxis: { type: "value", ...axis(), axisLabel: { color: token("muted"), formatter: number, hideOverlap: true } },
    yAxis: { type: "category", data: rows.map((row) => row.label), ...axis(), axisLabel: { color: token("ink"), width: 150, overflow: "truncate" }, splitLine: { show: false } },
    tooltip: { ...frame().tooltip, formatter: ({ name, value }) => `${name}\n${number(value)} ${data.unit}` },
    series: [{ type: "bar", data: rows.map((row) => ({ value: row.value, url: row.url })), barMaxWidth: 20, itemStyle: { borderRadius: [0, 3, 3, 0] }, label: { show: true, position: "right", color: token("ink"), formatter: ({ value }) => number(value) } }],
  };
}

const OPTIONS = { series: seriesOption, bars: barsOption, map: mapOption, scatter: scatterOption, lines: linesOption };

async function draw(element) {
  const data = JSON.parse(document.getElementById(element.dataset.from).textContent);
  if (data.kind === "bars") element.style.minHeight = `${data.rows.length * LEAST_BAR + 40}px`;
  const echarts = await load();
  const option = await OPTIONS[element.dataset.chart](data, echarts);
  element.dataset.drawn = "yes";
  const chart = drawn.get(element) || echarts.init(element, null, { renderer: "canvas" });
  chart.setOption(option, true);
  if (drawn.has(element)) return;
  drawn.set(element, chart);
  chart.on("click", ({ data: item }) => {
    const url = item && (item.url || (item.point && item.point.url));
    if (url && new URL(url, location.href).origin === location.origin) location.assign(url);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

const attempt = (element) => draw(element).catch((error) => {
  console.error(error);
  const figures = element.parentElement.querySelector("details.figures");
  if (figures) figures.open = true; // the table says the same
});

export function drawCharts(root) {
  root.querySelectorAll("[data-chart]:not([data-drawn])").forEach(attempt);
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    chart.dispose();
    drawn.delete(element);
  }
}

const again = () => [...drawn.keys()].forEach(attempt);
document.addEventListener("bashu:theme", again);
if (typeof window !== "undefined") window.addEventListener("beforeprint", again);
