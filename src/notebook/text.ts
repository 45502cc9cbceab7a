import { type BarTrace, barsOf } from './bars.js';
import { percent } from './columns.js';
import { type Figure, plainText } from './figure.js';
import type { HeatmapTrace } from './heatmap.js';
import type { ReliabilityTrace } from './reliability.js';

/**
 * The chart as text for a terminal.
 *
 * @example
 * console.log(figureText(barFigure(dataset.metadata, 'season')));
 */
export function figureText({ data: [trace], layout }: Figure, barWidth = 40): string {
  const lines =
    trace.type === 'bar' ? bars({ data: [trace], layout }, barWidth) : trace.type === 'heatmap' ? heatmap(trace) : reliability(trace, barWidth);
  return [plainText(layout.title.text), ...lines].join('\n');
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
  const lines = cells.map((row, i) => [(i === 0 ? '' : rows[i - 1] ?? '').padEnd(widest(rows)), ...row.map((cell, column) => cell.padStart(widths[column] ?? 0))]);
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

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
