// The hours of one run: two stacks, prices, and the flows on the map at the hour that the slider stands at.
import { load } from "../web/charts.js";
import { flowsOption, flowsAt, fillTable } from "./flows.js";
import { stackOption, pricesOption, markAt } from "./stacks.js";

const room = document.getElementById("hours");
const slider = document.getElementById("moment");
const said = document.getElementById("moment-said");
const charts = new Map();

async function draw(hours, echarts) {
  const map = JSON.parse(document.getElementById("flows-map").textContent);
  const options = { prices: pricesOption(hours), flows: await flowsOption(hours, map, echarts) };
  for (const side of Object.keys(hours.sides)) options[`stack-${side}`] = stackOption(hours, side);
  for (const [id, option] of Object.entries(options)) {
    const element = document.getElementById(id);
    element.dataset.drawn = "yes";
    if (!charts.has(id)) {
      const chart = echarts.init(element, null, { renderer: "canvas" });
      charts.set(id, chart);
      new ResizeObserver(() => chart.resize()).observe(element);
      if (id !== "flows") chart.getZr().on("click", (event) => choose(chart, event));
    }
    charts.get(id).setOption(option, true);
  }
}

// A click into a chart by time moves the slider there.
function choose(chart, event) {
  const [at] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
  if (at >= 0 && at <= Number(slider.max)) move(Math.round(at));
}

function move(at) {
  slider.value = at;
  slider.dispatchEvent(new Event("input"));
}

function show(hours) {
  const at = Number(slider.value);
  said.textContent = hours.labels[at];
  slider.setAttribute("aria-valuetext", hours.labels[at]);
  charts.get("flows").setOption(flowsAt(hours, at));
  for (const [id, chart] of charts) if (id !== "flows") chart.setOption(markAt(at));
  fillTable(document.querySelector("#flow-table tbody"), hours, at);
}

async function start() {
  const [answer, echarts] = await Promise.all([fetch(room.dataset.hours), load()]);
  if (!answer.ok) throw new Error(`hours: ${answer.status}`);
  const hours = await answer.json();
  await draw(hours, echarts);
  slider.value = busiest(hours);
  show(hours);
  slider.addEventListener("input", () => show(hours));
  room.querySelectorAll("[data-step]").forEach((button) =>
    button.addEventListener("click", () => move(Math.min(Math.max(Number(slider.value) + Number(button.dataset.step), 0), Number(slider.max)))));
  const again = () => draw(hours, echarts).then(() => show(hours));
  document.addEventListener("bashu:theme", again);
  room.dataset.ready = "yes";
}

// The map opens at the hour of the highest load of both.
function busiest(hours) {
  const sums = hours.labels.map((_, at) => Object.values(hours.sides).reduce((sum, side) => sum + side.load[at], 0));
  return sums.indexOf(Math.max(...sums));
}

if (room) start().catch((error) => console.error(error)); // the table below says the same
