// Places and the lines between them on the region's map, which reaches as far as the places do.
import { frame, token } from "./look.js";
import { areas } from "./map.js";

const MARGIN = 0.12; // of the extent, left free around the places
const NAMES = 0.18; // and to the east of them, where their names stand

function reach(spots) {
  const [longitudes, latitudes] = [0, 1].map((at) => spots.map((spot) => spot.at[at]));
  const wide = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const more = Math.max((high - low) * MARGIN, 0.6);
    return [low - more, high + more];
  };
  const [[west, east], [south, north]] = [wide(longitudes), wide(latitudes)];
  return [[west, north], [east + (east - west) * NAMES, south]];
}

const coloured = ({ tone, faded }) => ({ color: token(`series-${tone || 1}`), opacity: faded ? 0.25 : 0.85 });

export async function linesOption(data, echarts) {
  const shapes = await areas(data.boundaries, data.layer);
  for (const shape of shapes.features) shape.properties.name = String(shape.properties[data.code] ?? shape.id);
  echarts.registerMap(data.boundaries, shapes);
  return {
    ...frame(),
    tooltip: { ...frame().tooltip, formatter: ({ data: item }) => (item && item.said ? item.said : "") },
    geo: {
      map: data.boundaries, roam: true, scaleLimit: { min: 1, max: 60 }, boundingCoords: reach(data.spots), left: 8, right: 8, top: 8, bottom: 8,
      aspectScale: 0.86, preserveAspect: "contain", silent: true,
      itemStyle: { areaColor: token("no-data-soft"), borderColor: token("edge"), borderWidth: 0.5 },
    },
    series: [
      {
        type: "lines", coordinateSystem: "geo", z: 3,
        data: data.lines.map((line) => ({
          coords: [line.from, line.to], url: line.url, said: `${line.name}${line.note ? `\n${line.note}` : ""}`,
          lineStyle: { ...coloured(line), width: 1.2 + 5 * (line.share ?? 0.3), curveness: 0.16 },
        })),
      },
      {
        type: "scatter", coordinateSystem: "geo", z: 5,
        label: { show: true, formatter: ({ name }) => name, position: "right", color: token("ink"), textBorderColor: token("surface"), textBorderWidth: 3 },
        labelLayout: { hideOverlap: true },
        data: data.spots.map((spot) => ({
          name: spot.name, value: spot.at, url: spot.url, said: `${spot.name}${spot.note ? `\n${spot.note}` : ""}`, symbol: spot.closed ? "diamond" : "circle",
          symbolSize: spot.closed ? 14 : 10,
          itemStyle: { color: spot.closed ? token("missed") : token("accent"), borderColor: token("surface"), borderWidth: 1.5 },
        })),
      },
    ],
  };
}
