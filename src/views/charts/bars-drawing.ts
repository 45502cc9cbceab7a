import { sum } from 'd3-array';
import type { BarTrace } from './bars.js';
import type { Chart } from './chart.js';
import { type Figure, labelsWidth, plainText, shortLabel, widest } from './figure.js';
import { legendMarks } from './legend.js';
import { rect, write } from './svg.js';

/** Bar charts and histograms. */
export const bars: Chart<BarTrace> = {
  is: (figure): figure is Figure<BarTrace> => figure.data[0].type === 'bar',

  drawing(figure) {
    const bars = readBars(figure);
    const draw = figure.data[0].orientation === 'h' ? horizontal : vertical;
    const colours = figure.data.map(({ name = '', marker }) => ({ name, colour: marker.color }));
    return {
      description: bars.map(({ label, text, n }) => `${label} ${text || n}`).join(', '),
      marks: [...draw(figure, bars), ...legendMarks(colours, figure.layout)],
    };
  },

  /** Each colour of a bar has a letter, explained below. */
  text({ data, layout, ...figure }, width) {
    const bars = readBars({ data, layout, ...figure });
    const most = longest(bars);
    const labelWidth = widest(bars.map(({ label }) => label));
    const letters = data.map((_, i) => (layout.legend === undefined ? '█' : String.fromCharCode(97 + i)));
    const lines = bars.map(({ label, n, text, parts }) => {
      const cells = Math.max(n > 0 ? 1 : 0, Math.round((width * n) / most));
      const ends = stacked(parts).map(({ from, length }) => Math.round((cells * (from + length)) / (n || 1)));
      const bar = ends.map((end, i) => (letters[i] ?? '').repeat(end - (ends[i - 1] ?? 0))).join('');
      return `  ${label.padEnd(labelWidth)}  ${bar} ${text}`;
    });
    if (layout.legend === undefined) return lines;
    const names = data.map(({ name = '' }, i) => `${letters[i]} ${plainText(name)}`);
    return [...lines, `  ${plainText(layout.legend.title.text)}: ${names.join(', ')}`];
  },
};

/** A bar of a figure: its label, its length, that as text, and the lengths that it is divided into, one per trace. */
interface Bar {
  label: string;
  n: number;
  text: string;
  parts: number[];
}

/** The bars of a figure. */
export function readBars({ data, layout: { annotations } }: Figure<BarTrace>): Bar[] {
  const [{ orientation, x, y, text }] = data;
  return (orientation === 'h' ? y : x).map((label, i) => {
    const parts = data.map((trace) => Number((orientation === 'h' ? trace.x : trace.y)[i]));
    const written = data.length === 1 ? text[i] : annotations?.[i]?.text;
    return { label: plainText(String(label)), n: sum(parts), text: written ?? '', parts };
  });
}

/** Where the lengths begin and end when one is put after the other. */
const stacked = (lengths: readonly number[]): { from: number; length: number }[] =>
  lengths.map((length, i) => ({ from: sum(lengths.slice(0, i)), length }));

function horizontal({ data, layout }: Figure<BarTrace>, bars: readonly Bar[]): string[] {
  const { width, height, margin, bargap = 0 } = layout;
  const left = 14 + labelsWidth(bars.map(({ label }) => label));
  const pitch = (height - margin.t - margin.b) / Math.max(1, bars.length);
  const scale = (width - left - margin.r) / longest(bars);
  return bars.map(({ label, n, text, parts }, i) => {
    const middle = margin.t + (i + 0.5) * pitch;
    const thick = pitch * (1 - bargap);
    const marks = stacked(parts).map(({ from, length }, trace) =>
      mark(data[trace], left + from * scale, middle - thick / 2, length * scale, thick),
    );
    return [
      write(left - 6, middle + 4, shortLabel(label), 'end'),
      ...marks,
      write(left + n * scale + 4, middle + 4, text),
    ].join('');
  });
}

function vertical({ data, layout }: Figure<BarTrace>, bars: readonly Bar[]): string[] {
  const { width, height, margin, bargap = 0 } = layout;
  const pitch = (width - margin.l - (layout.legend ? margin.r : margin.l)) / Math.max(1, bars.length);
  const bottom = height - margin.b;
  const scale = (bottom - margin.t - 14) / longest(bars);
  const every = Number(layout.xaxis.dtick ?? 1);
  const numbers = data[0].textposition === 'outside' || layout.annotations !== undefined;
  return bars.map(({ label, n, text, parts }, i) => {
    const middle = margin.l + (i + 0.5) * pitch;
    const thick = pitch * (1 - bargap);
    const marks = stacked(parts).map(({ from, length }, trace) =>
      mark(data[trace], middle - thick / 2, bottom - (from + length) * scale, thick, length * scale),
    );
    const above = numbers ? write(middle, bottom - n * scale - 4, text, 'middle') : '';
    const below = i % every > 0 ? '' : write(middle, bottom + 16, label, 'middle');
    return [...marks, above, below].join('');
  });
}

const longest = (bars: readonly Bar[]): number => Math.max(0, ...bars.map(({ n }) => n)) || 1;

const mark = (trace: BarTrace | undefined, x: number, y: number, width: number, height: number): string =>
  trace === undefined ? '' : rect(x, y, width, height, `fill="${trace.marker.color}"`);
