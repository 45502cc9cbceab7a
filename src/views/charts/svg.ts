import { percent, plural } from '../../work/index.js';
import { escapeHtml } from '../html.js';
import { type BarTrace, barsOf } from './bars.js';
import { type Figure, type FigureLayout, isScatter, labelsWidth, plainText, type Shape, shortLabel } from './figure.js';
import { cellColours, type HeatmapTrace } from './heatmap.js';
import { grid } from './palette.js';
import type { ReliabilityTrace } from './reliability.js';
import type { ScatterTrace } from './scatter.js';
import { edgeText, ticksOf } from './ticks.js';

/**
 * The chart as a still picture: what a code host, an exported page or a browser without scripts shows in place of the
 * interactive one.
 *
 * @example
 * figureSvg(barFigure(dataset.metadata, 'season'));
 */
export function figureSvg(figure: Figure): string {
  const { width, height, font, title } = figure.layout;
  const { told, marks } = drawingOf(figure);
  const name = plainText(title.text);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" \
aria-label="${escapeHtml(`${name}: ${told}`)}" font-family="${font.family}" font-size="${font.size}" fill="${font.color}">
<text x="6" y="22" font-size="${title.font.size}">${escapeHtml(name)}</text>
${marks.join('\n')}
</svg>`;
}

/** What a chart says in words, and what it is drawn with. */
interface Drawing {
  told: string;
  marks: string[];
}

function drawingOf({ data: [trace, ...others], layout }: Figure): Drawing {
  if (trace.type === 'bar') return bars({ data: [trace], layout });
  if (trace.type === 'heatmap') return heatmap(trace, layout);
  return trace.mode === 'markers' ? scatter([trace, ...others.filter(isScatter)], layout) : reliability(trace, layout);
}

function bars(figure: Figure<BarTrace>): Drawing {
  const told = barsOf(figure)
    .bars.map(({ label, text }) => `${label} ${text}`)
    .join(', ');
  return { told, marks: figure.data[0].orientation === 'h' ? rows(figure) : columns(figure) };
}

function rows(figure: Figure<BarTrace>): string[] {
  const { bars } = barsOf(figure);
  const { width, height, margin, bargap = 0 } = figure.layout;
  const left = 14 + labelsWidth(bars.map(({ label }) => label));
  const pitch = (height - margin.t - margin.b) / Math.max(1, bars.length);
  const scale = (width - left - margin.r) / Math.max(1, ...bars.map(({ n }) => n));
  return bars.map(({ label, n, text }, i) => {
    const middle = margin.t + (i + 0.5) * pitch;
    return (
      write(left - 6, middle + 4, shortLabel(label), 'end') +
      bar(figure, left, middle - (pitch * (1 - bargap)) / 2, n * scale, pitch * (1 - bargap)) +
      write(left + n * scale + 4, middle + 4, text)
    );
  });
}

function columns(figure: Figure<BarTrace>): string[] {
  const { bars } = barsOf(figure);
  const { width, height, margin, bargap = 0 } = figure.layout;
  const pitch = (width - 2 * margin.l) / Math.max(1, bars.length);
  const bottom = height - margin.b;
  const scale = (bottom - margin.t - 14) / Math.max(1, ...bars.map(({ n }) => n));
  const every = Math.ceil((10 + labelsWidth(bars.map(({ label }) => label))) / pitch);
  return bars.map(({ label, n, text }, i) => {
    const middle = margin.l + (i + 0.5) * pitch;
    const mark = bar(figure, middle - (pitch * (1 - bargap)) / 2, bottom - n * scale, pitch * (1 - bargap), n * scale);
    const above = figure.data[0].textposition === 'none' ? '' : write(middle, bottom - n * scale - 4, text, 'middle');
    const below = i % every > 0 ? '' : write(middle, bottom + 16, label, 'middle');
    return mark + above + below;
  });
}

const bar = (figure: Figure<BarTrace>, x: number, y: number, width: number, height: number): string =>
  rect(x, y, width, height, `fill="${figure.data[0].marker.color}"`);

function heatmap(trace: HeatmapTrace, layout: FigureLayout): Drawing {
  const { width, height, margin, shapes = [] } = layout;
  const [right, bottom] = [width - margin.r, height - margin.b];
  const across = (right - margin.l) / trace.x.length;
  const down = (bottom - margin.t) / trace.y.length;
  const left = (column: number) => margin.l + column * across;
  const top = (row: number) => margin.t + row * down;
  const cells = trace.z.flatMap((values, row) =>
    values.map((value, column) => {
      const { fill, text } = cellColours(trace, value);
      const inside = plainText(trace.text[row]?.[column] ?? '');
      const written =
        inside === ''
          ? ''
          : write(
              left(column + 0.5),
              top(row + 0.5) + 3.5,
              inside,
              'middle',
              ` font-size="${trace.textfont.size}" fill="${text}"`,
            );
      return named(
        trace.hovertext[row]?.[column],
        rect(left(column) + 0.5, top(row) + 0.5, across - 1, down - 1, `fill="${fill}"`) + written,
      );
    }),
  );
  const labels = [
    ...trace.y.map((label, row) => write(margin.l - 6, top(row + 0.5) + 4, shortLabel(plainText(label)), 'end')),
    ...trace.x.map((label, column) =>
      write(
        left(column + 0.5) + 4,
        bottom + 12,
        shortLabel(plainText(label)),
        'end',
        turned(-45, left(column + 0.5) + 4, bottom + 12),
      ),
    ),
  ];
  const outlines = shapes.map(({ x0, x1, y0, y1, line }) =>
    rect(
      left(x0 + 0.5),
      top(y0 + 0.5),
      (x1 - x0) * across,
      (y1 - y0) * down,
      `fill="none" stroke="${line.color}" stroke-width="${line.width}"`,
    ),
  );
  return {
    told: `${trace.y.length} rows, ${trace.x.length} columns`,
    marks: [...axisTitles(layout), ...labels, ...cells, ...outlines],
  };
}

function reliability(trace: ReliabilityTrace, layout: FigureLayout): Drawing {
  const { across, up, ticks } = plane(layout, (share) => percent(share, 0));
  const diagonals = (layout.shapes ?? []).map((shape) =>
    line(across(shape.x0), up(shape.y0), across(shape.x1), up(shape.y1), stroke(shape.line)),
  );
  const path = trace.x.map((x, i) => `${round(across(x))},${round(up(trace.y[i] ?? 0))}`).join(' ');
  const points = trace.x.map((confidence, i) => {
    const [x, y, radius] = [across(confidence), up(trace.y[i] ?? 0), (trace.marker.size[i] ?? 0) / 2];
    const side = trace.textposition[i] === 'top left' ? -1 : 1;
    const mark = `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${trace.marker.color}"/>`;
    return named(
      trace.hovertext[i],
      mark + write(x + side * radius, y + 4 + side * (radius + 4), trace.text[i] ?? '', side < 0 ? 'end' : 'start'),
    );
  });
  const told = trace.hovertext.map((text) => plainText(text).replace(/\n/g, ' ')).join(', ');
  return {
    told,
    marks: [...ticks, ...diagonals, `<polyline points="${path}" fill="none" ${stroke(trace.line)}/>`, ...points],
  };
}

function scatter(traces: readonly ScatterTrace[], layout: FigureLayout): Drawing {
  const { across, up, ticks } = plane(layout, edgeText);
  const points = traces.map(({ x, y, marker }) => {
    const circles = x.map(
      (at, i) => `<circle cx="${round(across(at))}" cy="${round(up(y[i] ?? 0))}" r="${marker.size / 2}"/>`,
    );
    return `<g fill="${marker.color}" fill-opacity="${marker.opacity}">${circles.join('')}</g>`;
  });
  const left = layout.width - layout.margin.r + 14;
  const names = traces.map(({ name }) => plainText(name));
  const legend =
    layout.legend === undefined
      ? []
      : [
          write(left, layout.margin.t + 10, plainText(layout.legend.title.text)),
          ...traces.map(({ marker }, i) => {
            const y = layout.margin.t + 30 + 19 * i;
            return (
              `<circle cx="${left + 5}" cy="${y}" r="4" ` +
              `fill="${marker.color}"/>${write(left + 16, y + 4, shortLabel(names[i] ?? ''))}`
            );
          }),
        ];
  const told = traces.map(({ x }, i) => `${names[i]} ${plural(x.length, 'point')}`.trim()).join(', ');
  return { told, marks: [...ticks, ...points, ...legend] };
}

/** Two axes of numbers: where their values lie, and the lines and texts of their ticks. */
function plane(layout: FigureLayout, written: (value: number) => string) {
  const { width, height, margin } = layout;
  const [right, bottom] = [width - margin.r, height - margin.b];
  const scale =
    ([low, high]: readonly [number, number], from: number, to: number) =>
    (value: number) =>
      from + ((value - low) / (high - low)) * (to - from);
  const [ofX, ofY] = [layout.xaxis.range ?? unit, layout.yaxis.range ?? unit];
  const [across, up] = [scale(ofX, margin.l, right), scale(ofY, bottom, margin.t)];
  const vertical = ticksOf(ofX).map(
    (value) =>
      line(across(value), bottom, across(value), margin.t, `stroke="${grid}"`) +
      write(across(value), bottom + 16, written(value), 'middle'),
  );
  const level = ticksOf(ofY).map(
    (value) =>
      line(margin.l, up(value), right, up(value), `stroke="${grid}"`) +
      write(margin.l - 6, up(value) + 4, written(value), 'end'),
  );
  return { across, up, ticks: [...axisTitles(layout), ...vertical, ...level] };
}

const unit: readonly [number, number] = [0, 1];

/** What is pointed at says this. */
const named = (text = '', marks: string): string => `<g><title>${escapeHtml(plainText(text))}</title>${marks}</g>`;

function axisTitles({ width, height, margin, xaxis, yaxis }: FigureLayout): string[] {
  const [x, y] = [(margin.l + width - margin.r) / 2, (margin.t + height - margin.b) / 2];
  return [
    write(x, height - 10, plainText(xaxis.title?.text ?? ''), 'middle'),
    write(16, y, plainText(yaxis.title?.text ?? ''), 'middle', turned(-90, 16, y)),
  ];
}

type Anchor = 'start' | 'middle' | 'end';

function write(x: number, y: number, text: string, anchor: Anchor = 'start', more = ''): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}"${anchored}${more}>${escapeHtml(text)}</text>`;
}

const turned = (degrees: number, x: number, y: number): string =>
  ` transform="rotate(${degrees} ${round(x)} ${round(y)})"`;

const rect = (x: number, y: number, width: number, height: number, more: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ${more}/>`;

const line = (x1: number, y1: number, x2: number, y2: number, more: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${more}/>`;

const stroke = ({ color, width, dash }: Shape['line']): string =>
  `stroke="${color}" stroke-width="${width}"${dash === undefined ? '' : ' stroke-dasharray="2 3"'}`;

const round = (number: number): number => Math.round(number * 10) / 10;
