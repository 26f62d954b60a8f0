// Points by two measures; a third one is their colour, from low to high. A click follows a point's address.
import { frame, number, token } from "./look.js";

const clock = (text) => text.slice(0, 16).replace("T", " ");

export function scatterOption(data) {
  const values = data.dots.map((dot) => dot.shade);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const axis = (name) => ({
    name, nameLocation: "middle", nameTextStyle: { color: token("muted") }, scale: true,
    axisLine: { lineStyle: { color: token("edge") } }, axisTick: { show: false }, splitLine: { lineStyle: { color: token("line") } },
  });
  const label = { color: token("muted"), hideOverlap: true };
  return {
    ...frame(),
    grid: { left: 24, right: 28, top: 46, bottom: 26, containLabel: true },
    xAxis: { ...axis(data.x), type: "time", nameGap: 28, boundaryGap: ["6%", "6%"], axisLabel: label },
    yAxis: { ...axis(""), type: "log", axisLabel: { ...label, formatter: number } },
    title: { text: data.y, left: 4, top: 24, textStyle: { color: token("muted"), fontSize: 12, fontWeight: 400 } },
    visualMap: least < most ? {
      min: least, max: most, dimension: 2, orient: "horizontal", right: 4, top: 0, itemHeight: 90, itemWidth: 10, calculable: false,
      text: [number(most), `${data.shade}  ${number(least)}`], inRange: { color: [token("met"), token("behind"), token("missed")] }, textStyle: { color: token("muted") },
    } : undefined,
    tooltip: { ...frame().tooltip, formatter: ({ data: { dot } }) => `${dot.name}\n${clock(dot.x)}\n${number(dot.y)}  ${data.y}\n${number(dot.shade)}  ${data.shade}` },
    series: [{
      type: "scatter", itemStyle: { borderColor: token("ink"), borderWidth: 0.5 },
      data: data.dots.map((dot) => ({ value: [dot.x, dot.y, dot.shade], url: dot.url, dot, symbolSize: dot.chosen ? 24 : 15, itemStyle: dot.chosen ? { borderColor: token("accent"), borderWidth: 3 } : {} })),
      label: { show: true, formatter: ({ data: { dot } }) => dot.name, position: "top", color: token("ink") }, labelLayout: { hideOverlap: true },
    }],
  };
}
