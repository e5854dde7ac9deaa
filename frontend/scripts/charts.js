// Draws every figure[data-chart] from the table inside it, in the colours of the theme.
// The table is the source: it is there before scripts, for screen readers, for print and for copying.
// Canvas and rich-text tooltips, because both keep to a CSP without inline styles.

import { init, use } from "echarts/core";
import { BarChart, CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([
BarChart, CustomChart, HeatmapChart, LineChart, GridComponent, MarkLineComponent, TitleComponent,
TooltipComponent, CanvasRenderer,
]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (cell) => Number((cell.dataset.value ?? cell.textContent).replace(/[,%\s]/g, "").replace("−", "-"));
const grouped = (value) => Math.abs(value).toLocaleString("en-US");

/** The table of *figure*: column names, row names, cells. */
const read = (figure) => {
  const table = figure.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  return {
    names: [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim()),
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    cells: rows.map((row) => [...row.cells].slice(1)),
    values: rows.map((row) => [...row.cells].slice(1).map(number)),
    notes: rows.map((row) => row.dataset.note ?? ""),
  };
};

const ground = () => ({
  animation: false,
  textStyle: { fontFamily: token("--hf-sans"), fontSize: 12, color: token("--hf-ink-3") },
  tooltip: {
    renderMode: "richText",
    backgroundColor: token("--hf-ink"),
    borderWidth: 0,
    padding: [6, 10],
    textStyle: { color: token("--hf-sheet"), fontSize: 12 },
  },
  aria: { enabled: false },
});

const axis = (extra) => ({
  axisLine: { lineStyle: { color: token("--hf-line-2") } },
  axisTick: { show: false },
  axisLabel: { color: token("--hf-ink-3"), fontSize: 11 },
  splitLine: { lineStyle: { color: token("--hf-line") } },
  ...extra,
});

/** Contacted above the line; below it those held back, one mineral a reason. */
const split = (figure) => {
  const { names, labels, values } = read(figure);
  const caption = { padding: 0, textStyle: { color: token("--hf-ink-3"), fontSize: 11, fontWeight: 400 } };
  const minerals = ["--hf-m1", "--hf-m2", "--hf-m3", "--hf-m4", "--hf-m5", "--hf-m6"].map(token);
  return {
    ...ground(),
    grid: { left: 34, right: 0, top: 8, bottom: 20 },
    title: [{ ...caption, text: names[1], left: 36, top: 11 }, { ...caption, text: figure.dataset.below, left: 36, bottom: 23 }],
    tooltip: { ...ground().tooltip, trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: token("--hf-ink"), opacity: 0.05 } }, valueFormatter: grouped },
    xAxis: axis({ type: "category", data: labels, axisLine: { onZero: true, lineStyle: { color: token("--hf-ink-3") } }, axisLabel: { color: token("--hf-ink-3"), fontSize: 11, interval: 0, hideOverlap: true }, position: "bottom" }),
    yAxis: axis({ type: "value", axisLabel: { color: token("--hf-ink-3"), fontSize: 11, formatter: grouped }, splitNumber: 4 }),
    series: names.slice(1).map((name, column) => ({
      name,
      type: "bar",
      stack: "people",
      barCategoryGap: "34%",
      itemStyle: { color: minerals[column], borderColor: token("--hf-sheet"), borderWidth: 0.5 },
      data: values.map((row) => (column === 0 ? row[column] : -row[column])),
    })),
  };
};

/** A line, its interval as a band, and a mark where something was released. */
const band = (figure) => {
  const { names, labels, values, notes } = read(figure);
  const unit = figure.dataset.unit ?? "";
  const lows = values.map((row) => row[1]);
  const highs = values.map((row) => row[2]);
  const last = labels.length - 1;
  return {
    ...ground(),
    grid: { left: 30, right: 54, top: 18, bottom: 20 },
    tooltip: {
      ...ground().tooltip,
      trigger: "axis",
      formatter: ([{ dataIndex: at }]) => `${labels[at]}  ${values[at][0]}${unit}  [${lows[at]}–${highs[at]}]  n=${grouped(values[at][3])}`,
    },
    xAxis: axis({ type: "category", boundaryGap: false, data: labels, axisLabel: { color: token("--hf-ink-3"), fontSize: 11, interval: 2 } }),
    yAxis: axis({ type: "value", min: Number(figure.dataset.min), max: Number(figure.dataset.max), interval: Number(figure.dataset.step) }),
    series: [
      {
        type: "custom",
        silent: true,
        data: labels.map((_, at) => at),
        renderItem: ({ dataIndex }, api) =>
          dataIndex > 0 ? null : {
            type: "polygon",
            shape: { points: [...highs.map((y, x) => api.coord([x, y])), ...lows.map((y, x) => api.coord([x, y])).reverse()] },
            style: { fill: token("--hf-accent"), opacity: 0.16 },
          },
      },
      {
        name: names[1],
        type: "line",
        symbol: "circle",
        symbolSize: (_, { dataIndex }) => (dataIndex === last ? 8 : 0.1),
        showAllSymbol: true,
        lineStyle: { width: 2, color: token("--hf-accent") },
        itemStyle: { color: token("--hf-accent") },
        data: values.map((row, at) => ({
          value: row[0],
          label: { show: at === last, position: "right", formatter: `{c}${unit}`, color: token("--hf-ink"), fontSize: 13, fontWeight: 600 },
        })),
        markLine: {
          symbol: "none",
          silent: true,
          lineStyle: { color: token("--hf-ink-3"), type: [3, 3] },
          label: { color: token("--hf-ink-2"), fontSize: 11, position: "end", distance: 4 },
          data: notes.flatMap((note, at) => (note ? [{ xAxis: at, label: { formatter: note } }] : [])),
        },
      },
    ],
  };
};

/** Hour by weekday; a cell with too few people stays empty. */
const heat = (figure) => {
  const { names, labels, cells, values } = read(figure);
  const points = values.flatMap((row, y) =>
    row.flatMap((value, x) => (cells[y][x].textContent.trim() === "" ? [] : [[x, y, value]])));
  const low = Number(figure.dataset.min);
  const wide = (Number(figure.dataset.max) - low) / 5;
  const step = (value) => Math.min(5, Math.max(1, 1 + Math.floor((value - low) / wide)));
  const bright = Number(token("--hf-h-on"));
  return {
    ...ground(),
    grid: { left: 38, right: 0, top: 2, bottom: 20 },
    tooltip: { ...ground().tooltip, formatter: ({ value }) => `${labels[value[1]]} ${names[value[0] + 1]}  ${value[2]}%  n=${cells[value[1]][value[0]].dataset.n}` },
    xAxis: axis({ type: "category", data: names.slice(1), axisLine: { show: false }, axisLabel: { color: token("--hf-ink-3"), fontSize: 11, interval: 0 } }),
    yAxis: axis({ type: "category", data: labels, inverse: true, axisLine: { show: false } }),
    series: [{
      type: "heatmap",
      data: points.map((point) => ({
        value: point,
        itemStyle: { color: token(`--hf-h${step(point[2])}`) },
        label: { color: token(step(point[2]) < bright ? "--hf-ink" : "--hf-on-accent") },
      })),
      label: { show: true, fontSize: 11, formatter: ({ value }) => String(value[2]) },
      itemStyle: { borderColor: token("--hf-sheet"), borderWidth: 2, borderRadius: 3 },
      emphasis: { itemStyle: { borderColor: token("--hf-ink") } },
    }],
  };
};

const kinds = { split, band, heat };
const drawn = new Map();

const redraw = () => {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) chart.setOption(kinds[figure.dataset.chart](figure), true);
    else {
      chart.dispose();
      drawn.delete(figure);
    }
  }
};

/** Draw *figures* of a known kind; each once. */
export const draw = (figures) => {
  for (const figure of figures) {
    if (!(figure.dataset.chart in kinds)) continue;
    figure.dataset.drawn = "yes";
    drawn.set(figure, init(figure.querySelector(".hf-canvas"), null, { renderer: "canvas" }));
  }
  redraw();
};

addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
