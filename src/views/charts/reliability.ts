import type { AttributeEvaluation } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';
import { blue, grey, grid } from '../palette.js';
import { numberAxes } from './axes.js';
import type { Chart } from './chart.js';
import {
  type Axis,
  chartLayout,
  type Figure,
  invisibleTicks,
  plainText,
  plotlyText,
  type Trace,
  widest,
} from './figure.js';
import { line, round, stroke, titled, write } from './svg.js';

/** A point for each bin of confidence (https://plotly.com/javascript/reference/scatter/); sizes are pixels. */
export interface ReliabilityTrace {
  type: 'scatter';
  mode: 'lines+markers+text';
  /** Mean confidences, from 0 to 1. */
  x: number[];
  /** Shares of right predictions, from 0 to 1. */
  y: number[];
  text: string[];
  textposition: ('top left' | 'bottom right')[];
  hovertext: string[];
  hoverinfo: 'text';
  cliponaxis: false;
  line: { color: string; width: number };
  marker: { color: string; opacity: 1; size: number[]; line: { width: 0 } };
}

/**
 * A reliability diagram, which shows how far a model's confidence can be trusted: its mean confidence (across) against
 * its accuracy (up), for ten bins of confidence. On the diagonal both are the same; below it the model is too
 * confident. The area of a point grows with the images in its bin, whose count stands beside it.
 *
 * @example
 * import { evaluateAttribute } from '../../model/index.js';
 * const evaluation = evaluateAttribute('season', ['Summer', 'Winter'], ['Summer'], Float32Array.of(0.1, 0.9));
 * await writeFile('reliability.svg', figureSvg(reliabilityFigure(evaluation)));
 */
export function reliabilityFigure({
  attribute,
  calibrationError,
  reliability,
}: AttributeEvaluation): Figure<ReliabilityTrace> {
  const bins = reliability.filter(({ images }) => images > 0);
  const largest = Math.max(1, ...bins.map(({ images }) => images));
  const axis: Axis = {
    range: [0, 1],
    dtick: 0.2,
    tickformat: '.0%',
    gridcolor: grid,
    ...invisibleTicks,
    zeroline: false,
    fixedrange: true,
  };
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines+markers+text',
        x: bins.map(({ confidence }) => confidence),
        y: bins.map(({ accuracy }) => accuracy),
        text: bins.map(({ images }) => count(images)),
        // Away from the diagonal and from the line between the points.
        textposition: bins.map(({ confidence, accuracy }) => (accuracy < confidence ? 'bottom right' : 'top left')),
        hovertext: bins.map(({ confidence, accuracy, images }) =>
          [`confidence ${percent(confidence)}`, `accuracy ${percent(accuracy)}`, plural(images, 'image')]
            .map(plotlyText)
            .join('<br>'),
        ),
        hoverinfo: 'text',
        cliponaxis: false,
        line: { color: blue, width: 2 },
        marker: {
          color: blue,
          opacity: 1,
          size: bins.map(({ images }) => 6 + 18 * Math.sqrt(images / largest)),
          line: { width: 0 },
        },
      },
    ],
    layout: chartLayout(`${attribute}: calibration error ${percent(calibrationError)}`, {
      width: 400,
      height: 380,
      margin: { l: 60, r: 40, t: 60, b: 60 },
      xaxis: { ...axis, title: { text: 'confidence', font: { size: 12 } } },
      yaxis: { ...axis, title: { text: 'accuracy', font: { size: 12 } } },
      shapes: [{ type: 'line', x0: 0, y0: 0, x1: 1, y1: 1, line: { color: grey, width: 1, dash: 'dot' } }],
    }),
  };
}

/** Reliability diagrams. */
export const reliability: Chart<ReliabilityTrace> = {
  is: (figure): figure is Figure<ReliabilityTrace> => isReliability(figure.data[0]),

  drawing({ data: [trace], layout }) {
    const { across, up, marks } = numberAxes(layout, (share) => percent(share, 0));
    const diagonals = (layout.shapes ?? []).map((shape) =>
      line(across(shape.x0), up(shape.y0), across(shape.x1), up(shape.y1), stroke(shape.line)),
    );
    const path = trace.x.map((x, i) => `${round(across(x))},${round(up(trace.y[i] ?? 0))}`).join(' ');
    const points = trace.x.map((confidence, i) => {
      const [x, y, radius] = [across(confidence), up(trace.y[i] ?? 0), (trace.marker.size[i] ?? 0) / 2];
      const side = trace.textposition[i] === 'top left' ? -1 : 1;
      const mark = `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${trace.marker.color}"/>`;
      return titled(
        trace.hovertext[i],
        mark + write(x + side * radius, y + 4 + side * (radius + 4), trace.text[i] ?? '', side < 0 ? 'end' : 'start'),
      );
    });
    return {
      description: trace.hovertext.map((text) => plainText(text).replace(/\n/g, ' ')).join(', '),
      marks: [...marks, ...diagonals, `<polyline points="${path}" fill="none" ${stroke(trace.line)}/>`, ...points],
    };
  },

  text({ data: [{ x, y, text }] }, width) {
    return x.map((confidence, i) => {
      const accuracy = y[i] ?? 0;
      const images = (text[i] ?? '').padStart(widest(text));
      const [claimed, right] = [confidence, accuracy].map((share) => percent(share).padStart(6));
      const bar = '█'.repeat(Math.round(width * accuracy));
      return `  confidence ${claimed}  accuracy ${right}  images ${images}  ${bar}`.trimEnd();
    });
  },
};

const isReliability = (trace: Trace): boolean => 'mode' in trace && trace.mode === 'lines+markers+text';
