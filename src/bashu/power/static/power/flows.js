// The map at one hour: lines as arrows as wide as their flow, places with their price.
import { number, token } from "../web/look.js";
import { mapOption } from "../web/map.js";

const WIDEST = 9; // pixels, of the greatest limit
const FULL = 0.995; // share of its limit at which a line binds
const LEAST = 1; // MW below which a line counts as idle

export async function flowsOption(hours, map, echarts) {
  const option = await mapOption(map, echarts);
  return {
    ...option,
    tooltip: { ...option.tooltip, formatter: ({ data }) => (data && data.told) || "" },
    series: [
      ...option.series,
      { id: "lines", type: "lines", coordinateSystem: "geo", z: 4, data: [], symbol: ["none", "arrow"], label: { show: true, position: "middle", color: token("ink"), fontSize: 12, fontWeight: "bold", textBorderColor: token("surface"), textBorderWidth: 3, formatter: ({ data }) => data.said } },
      { id: "places", type: "scatter", coordinateSystem: "geo", z: 6, data: [], symbolSize: 11, itemStyle: { color: token("surface"), borderColor: token("ink"), borderWidth: 2 }, labelLayout: { hideOverlap: false }, label: { show: true, position: "bottom", color: token("ink"), fontSize: 11.5, lineHeight: 14, align: "center", textBorderColor: token("surface"), textBorderWidth: 3, formatter: ({ data }) => data.said } },
    ],
  };
}

const rows = (hours, at) =>
  Object.entries(hours.lines).map(([id, line]) => {
    const flow = hours.flow[id][at];
    const [from, to] = flow < 0 ? [...line.ends].reverse() : line.ends;
    return { ...line, from: hours.zones[from], to: hours.zones[to], flow: Math.abs(flow), full: Math.abs(flow) >= FULL * line.mw };
  });

// Two lines between the same places would cover each other: each kind bends its own way.
const BEND = { tie: 0.12, uhv: -0.18, link: 0.05, inner: 0.05 };

export function flowsAt(hours, at) {
  const limit = Math.max(...Object.values(hours.lines).map((line) => line.mw));
  const tone = { tie: "series-2", uhv: "missed", link: "series-5", inner: "edge" };
  const lines = rows(hours, at).map((row) => {
    const idle = row.flow < LEAST;
    return {
      coords: [row.from.at, row.to.at], said: idle || row.kind === "inner" ? "" : (row.flow / 1000).toFixed(1),
      told: `${row.name}\n${row.from.name} → ${row.to.name}\n${number(row.flow)} / ${number(row.mw)} MW`,
      lineStyle: { color: token(tone[row.kind]), width: idle ? 1 : 1.5 + (WIDEST * row.flow) / limit, type: idle ? "dotted" : "solid", opacity: 0.85, curveness: BEND[row.kind] },
      symbol: ["none", idle ? "none" : "arrow"], symbolSize: 6 + (WIDEST * row.flow) / limit,
    };
  });
  const places = Object.entries(hours.zones).map(([id, zone]) => ({
    value: zone.at, said: `${zone.name}\n${number(Math.round(hours.price[id][at]))}`, told: `${zone.name}\n${number(hours.price[id][at])}`,
  }));
  return { series: [{ id: "lines", data: lines }, { id: "places", data: places }] };
}

export function fillTable(body, hours, at) {
  const cell = (text, kind = "") => Object.assign(document.createElement("td"), { textContent: text, className: kind });
  body.replaceChildren(...rows(hours, at).filter(({ kind }) => kind !== "inner").map((row) => {
    const line = document.createElement("tr");
    line.className = row.full ? "full" : "";
    line.append(cell(row.name), cell(row.flow < LEAST ? "—" : `${row.from.name} → ${row.to.name}`), cell(number(row.flow), "number"), cell(number(row.mw), "number"));
    return line;
  }));
}
