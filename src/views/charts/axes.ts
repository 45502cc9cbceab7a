import { ticks } from 'd3-array';
import { grid } from '../palette.js';
import { numberText } from '../value-text.js';
import { type Axis, type FigureLayout, plainText } from './figure.js';
import { line, turned, write } from './svg.js';

/** The titles of a chart's axes as SVG, one below it and one at its left. */
export function axisTitles({ width, height, margin, xaxis, yaxis }: FigureLayout): string[] {
  const [x, y] = [(margin.l + width - margin.r) / 2, (margin.t + height - margin.b) / 2];
  return [
    write(x, height - 10, plainText(xaxis.title?.text ?? ''), 'middle'),
    write(16, y, plainText(yaxis.title?.text ?? ''), 'middle', turned(-90, 16, y)),
  ];
}

/** Two axes of numbers: where values lie, in pixels, and the axes' titles, ticks and grid as SVG. */
export function numberAxes(
  layout: FigureLayout,
  tickText?: (value: number) => string,
): { across: (value: number) => number; up: (value: number) => number; marks: string[] } {
  const { width, height, margin } = layout;
  const [right, bottom] = [width - margin.r, height - margin.b];
  const { range: rangeX = unit } = layout.xaxis;
  const { range: rangeY = unit } = layout.yaxis;
  const [across, up] = [scale(rangeX, margin.l, right), scale(rangeY, bottom, margin.t)];
  const textOn = ({ separatethousands }: Axis) =>
    tickText ?? ((value: number) => numberText(value, separatethousands === true));
  const vertical = ticks(...rangeX, tickCount).map(
    (value) =>
      line(across(value), bottom, across(value), margin.t, `stroke="${grid}"`) +
      write(across(value), bottom + 16, textOn(layout.xaxis)(value), 'middle'),
  );
  const level = ticks(...rangeY, tickCount).map(
    (value) =>
      line(margin.l, up(value), right, up(value), `stroke="${grid}"`) +
      write(margin.l - 6, up(value) + 4, textOn(layout.yaxis)(value), 'end'),
  );
  return { across, up, marks: [...axisTitles(layout), ...vertical, ...level] };
}

const unit: [number, number] = [0, 1];

/** About how many ticks an axis has; d3 takes the round step that comes nearest. */
const tickCount = 4;

const scale =
  ([low, high]: readonly [number, number], from: number, to: number) =>
  (value: number): number =>
    from + ((value - low) / (high - low)) * (to - from);
