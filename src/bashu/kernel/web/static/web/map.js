// The region's map: TopoJSON (or GeoJSON) from this node turned into areas; colour by status, else by value.
import { frame, number, token } from "./look.js";

const fetched = new Map();

export async function areas(url, layer) {
  if (!fetched.has(url)) fetched.set(url, fetch(url).then((answer) => answer.json()));
  await import("../vendor/topojson-client.min.js");
  const topology = await fetched.get(url);
  if (topology.type === "FeatureCollection") return structuredClone(topology);
  const object = topology.objects[layer] || Object.values(topology.objects)[0];
  return self.topojson.feature(topology, object);
}

// A status' colour, thinned so that names stay readable on it: "#rrggbb" and two more digits of opacity.
const fill = (status) => `${token(status.replace("_", "-"))}99`;

// Areas stand out by their status, or by the series colour that the page gave them; else they look alike.
function coloured({ status, tone }) {
  if (status) return { areaColor: fill(status), borderColor: token("surface"), borderWidth: 1 };
  if (tone) return { areaColor: token(`series-${tone}`), opacity: 0.45, borderColor: token("surface"), borderWidth: 1 };
  return { areaColor: token("ramp-low") };
}

export async function mapOption(data, echarts) {
  const shapes = await areas(data.boundaries, data.layer);
  const names = new Map(data.regions.map((region) => [region.code, region]));
  for (const shape of shapes.features) shape.properties.name = String(shape.properties[data.code] ?? shape.id);
  echarts.registerMap(data.boundaries, shapes);
  const values = data.regions.map((region) => region.value).filter((value) => value !== null);
  const byStatus = data.regions.some((region) => region.status);
  const rows = data.regions.map((region) => ({
    name: region.code, value: region.value, url: region.url, region,
  }));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const toned = data.regions.some((region) => region.tone);
  const ramp = !byStatus && !toned && least < most; // one colour for all says nothing
  return {
    ...frame(),
    tooltip: { ...frame().tooltip, formatter: (item) => described(item, data, names) },
    visualMap: ramp ? {
      min: least, max: most, seriesIndex: 0, left: 0, bottom: 0, itemHeight: 70, itemWidth: 12,
      inRange: { color: [token("ramp-low"), token("ramp-high")] }, textStyle: { color: token("muted") }, calculable: false,
      text: [`${number(most)} ${data.unit}`, number(least)],
    } : undefined,
    geo: {
      map: data.boundaries, roam: false, left: 4, right: 4, top: 4, bottom: 4, aspectScale: 0.86, preserveAspect: "contain",
      regions: ramp ? [] : data.regions.map((region) => ({ name: region.code, itemStyle: coloured(region) })),
      itemStyle: { areaColor: token("no-data-soft"), borderColor: token("edge"), borderWidth: 0.5 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: token("accent-soft"), borderColor: token("accent") } },
    },
    series: [
      { type: "map", geoIndex: 0, map: data.boundaries, data: rows },
      {
        type: "scatter", coordinateSystem: "geo", symbolSize: 9, z: 5,
        itemStyle: { color: token("series-2"), borderColor: token("surface"), borderWidth: 1.5 },
        label: { show: data.spots.length < 16, formatter: ({ name }) => name, position: "right", color: token("ink"), textBorderColor: token("surface"), textBorderWidth: 3 },
        labelLayout: { hideOverlap: true },
        data: data.spots.map((spot) => ({ name: spot.name, value: spot.at, url: spot.url, spot })),
      },
    ],
  };
}

function described({ name, data: item }, data, names) {
  if (item && item.spot) return `${item.spot.name}${item.spot.note ? `\n${item.spot.note}` : ""}`;
  const region = names.get(name);
  if (!region) return "";
  const value = region.value === null ? "" : `\n${number(region.value)} ${data.unit}`;
  return `${region.name}${region.status ? `\n${data.words[region.status] || ""}` : ""}${value}`;
}
