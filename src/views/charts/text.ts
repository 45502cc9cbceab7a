import { percent } from '../../work/index.js';
import { type BarTrace, barsOf } from './bars.js';
import { type Figure, type FigureLayout, isScatter, plainText } from './figure.js';
import type { HeatmapTrace } from './heatmap.js';
import type { ReliabilityTrace } from './reliability.js';
import type { ScatterTrace } from './scatter.js';
import { edgeText, extentOf } from './ticks.js';

/**
 * The chart as text for a terminal.
 *
 * @example
 * console.log(figureText(barFigure(dataset.metadata, 'season')));
 */
export function figureText(figure: Figure, barWidth = 40): string {
  return [plainText(figure.layout.title.text), ...linesOf(figure, barWidth)].join('\n');
}

function linesOf({ data: [trace, ...others], layout }: Figure, barWidth: number): string[] {
  if (trace.type === 'bar') return bars({ data: [trace], layout }, barWidth);
  if (trace.type === 'heatmap') return heatmap(trace);
  return trace.mode === 'markers'
    ? scatter([trace, ...others.filter(isScatter)], layout, barWidth)
    : reliability(trace, barWidth);
}

function bars(figure: Figure<BarTrace>, width: number): string[] {
  const { bars } = barsOf(figure);
  const longest = Math.max(1, ...bars.map(({ n }) => n));
  const labelWidth = widest(bars.map(({ label }) => label));
  return bars.map(({ label, n, text }) => {
    const bar = '█'.repeat(Math.max(n > 0 ? 1 : 0, Math.round((width * n) / longest)));
    return `  ${label.padEnd(labelWidth)}  ${bar} ${text}`;
  });
}

/** A line per row, its columns numbered and named below. */
function heatmap({ x, y, customdata }: HeatmapTrace): string[] {
  const names = x.map((label, i) => `${i + 1} ${plainText(label)}`);
  const rows = y.map(plainText);
  const cells = [x.map((_, i) => String(i + 1)), ...customdata.map((row) => row.map((cell) => plainText(cell) || '·'))];
  const widths = x.map((_, column) => widest(cells.map((row) => row[column] ?? '')));
  const lines = cells.map((row, i) => [
    (i === 0 ? '' : (rows[i - 1] ?? '')).padEnd(widest(rows)),
    ...row.map((cell, column) => cell.padStart(widths[column] ?? 0)),
  ]);
  return [...lines.map((line) => `  ${line.join('  ')}`), `  columns: ${names.join(', ')}`];
}

function reliability({ x, y, text }: ReliabilityTrace, width: number): string[] {
  const images = widest(text);
  return x.map((confidence, i) => {
    const accuracy = y[i] ?? 0;
    const bar = '█'.repeat(Math.round(width * accuracy));
    return `  confidence ${percent(confidence).padStart(6)}  accuracy ${percent(accuracy).padStart(6)}  images ${(text[i] ?? '').padStart(images)}  ${bar}`.trimEnd();
  });
}

/** A letter for each colour, explained below; where several fall together, that of the rarest. */
function scatter(traces: readonly ScatterTrace[], { legend }: FigureLayout, width: number): string[] {
  const [left, right] = extentOf(traces.flatMap(({ x }) => x));
  const [low, high] = extentOf(traces.flatMap(({ y }) => y));
  const lines = Array.from({ length: 12 }, () => Array.from({ length: width }, () => ' '));
  const letters = traces.map((_, i) => (legend === undefined ? '•' : String.fromCharCode(97 + i)));
  for (const [i, { x, y }] of traces.entries()) {
    for (const [point, at] of x.entries()) {
      const line = lines[Math.round(((lines.length - 1) * (high - (y[point] ?? 0))) / (high - low || 1))];
      line?.splice(Math.round(((width - 1) * (at - left)) / (right - left || 1)), 1, letters[i] ?? '');
    }
  }
  const side = widest([edgeText(high), edgeText(low)]);
  const named = (line: number) => (line === 0 ? edgeText(high) : line === lines.length - 1 ? edgeText(low) : '');
  return [
    ...lines.map((line, i) => `  ${named(i).padStart(side)} │${line.join('')}`.trimEnd()),
    `  ${' '.repeat(side)} └${'─'.repeat(width)}`,
    `  ${' '.repeat(side)}  ${edgeText(left)}${edgeText(right).padStart(width - edgeText(left).length)}`,
    ...(legend === undefined
      ? []
      : [
          `  ${plainText(legend.title.text)}: ` +
            `${traces.map(({ name }, i) => `${letters[i]} ${plainText(name)}`).join(', ')}`,
        ]),
  ];
}

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
