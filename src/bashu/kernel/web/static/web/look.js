// How every chart and map looks: the tokens of the style sheet, numbers in the page's language, the frame of an option.
// Imports nothing, so that each kind of chart can stand on it.
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const palette = () => [1, 2, 3, 4, 5, 6].map((n) => token(`series-${n}`));
export const number = (value) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 3 }).format(value);

export function frame() {
  const font = getComputedStyle(document.body).fontFamily;
  return {
    animation: false,
    backgroundColor: "transparent",
    color: palette(),
    textStyle: { fontFamily: font, color: token("ink"), fontSize: 12.5 },
    tooltip: {
      renderMode: "richText", backgroundColor: token("surface"), borderColor: token("edge"), padding: [6, 10],
      textStyle: { color: token("ink"), fontFamily: font, fontSize: 12.5 },
    },
  };
}

export const axis = () => ({
  axisLine: { lineStyle: { color: token("edge") } }, axisTick: { show: false },
  axisLabel: { color: token("muted"), hideOverlap: true }, splitLine: { lineStyle: { color: token("line") } },
});
