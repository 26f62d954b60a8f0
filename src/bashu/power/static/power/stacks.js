// A province's generation as a stack with its load as a line, and prices by zone; a thin line marks the hour chosen.
import { axis, frame, number, token } from "../web/look.js";

const TONES = {
  hydro: "series-3", coal: "series-6", gas: "series-2", wind: "series-1", solar: "behind", purchase: "series-5",
  "demand response": "cannot-judge", in: "series-4", unserved: "missed", out: "series-4",
};

function base(hours) {
  return {
    ...frame(),
    grid: { left: 8, right: 14, top: 62, bottom: 4, containLabel: true },
    legend: { type: "plain", top: 0, left: 0, right: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, itemGap: 8, textStyle: { color: token("muted"), fontSize: 11.5 } },
    xAxis: { type: "category", data: hours.labels, boundaryGap: false, ...axis(), splitLine: { show: false }, axisLabel: { color: token("muted"), hideOverlap: true, formatter: (label) => label.slice(5) } },
    yAxis: { type: "value", ...axis(), axisLine: { show: false }, axisLabel: { color: token("muted"), formatter: number } },
    tooltip: { ...frame().tooltip, trigger: "axis", formatter: (items) => [items[0].axisValue, ...items.filter((item) => item.value && item.seriesName !== "mark").map((item) => `${item.seriesName}  ${number(item.value)}`)].join("\n") },
  };
}

const mark = () => ({ id: "mark", name: "mark", type: "line", data: [], tooltip: { show: false }, markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: token("ink"), width: 1.2, type: "solid" }, data: [] } });

export const markAt = (at) => ({ series: [{ id: "mark", markLine: { data: [{ xAxis: at }] } }] });

export function stackOption(hours, side) {
  const { layers, load, load_name: name } = hours.sides[side];
  const series = layers.map(({ key, name: layer, values }) => ({
    name: layer, type: "line", stack: "made", data: values, symbol: "none", lineStyle: { width: 0 },
    color: token(TONES[key] || "series-6"), areaStyle: { opacity: key === "out" || key === "in" ? 0.45 : 0.8 },
  }));
  const line = { name, type: "line", data: load, symbol: "none", color: token("ink"), lineStyle: { width: 1.6 }, z: 5 };
  const named = [...layers.map((layer) => layer.name), line.name];
  const option = base(hours);
  return { ...option, legend: { ...option.legend, data: named }, series: [...series, line, mark()] };
}

export function pricesOption(hours) {
  const zones = Object.entries(hours.price).filter(([zone]) => /^(SC|CQ)-/.test(zone));
  const series = zones.map(([zone, values], i) => ({
    name: hours.zones[zone].name, type: "line", step: "end", data: values, symbol: "none",
    color: token(`series-${(i % 6) + 1}`), lineStyle: { width: 1.5, type: i < 6 ? "solid" : "dashed" },
  }));
  const option = base(hours);
  return { ...option, legend: { ...option.legend, data: series.map(({ name }) => name) }, series: [...series, mark()] };
}
