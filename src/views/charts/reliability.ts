import type { AttributeEvaluation } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';
import { type Axis, type Figure, invisibleTicks, layoutOf, plotlyText } from './figure.js';
import { blue, grey, grid } from './palette.js';

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
 * How far a model's confidence can be trusted: what it claims (across) against how often it is right (up), for ten bins
 * of confidence. On the diagonal both are the same; below it the model is too sure. A point is as large as its bin,
 * whose images are counted beside it.
 *
 * @example
 * const { attributes } = evaluate(scored);
 * await writeFile('reliability.svg', figureSvg(reliabilityFigure(attributes[3])));
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
    layout: layoutOf(`${attribute}: calibration error ${percent(calibrationError)}`, {
      width: 460,
      height: 460,
      margin: { l: 60, r: 40, t: 60, b: 60 },
      xaxis: { ...axis, title: { text: 'confidence', font: { size: 12 } } },
      yaxis: { ...axis, title: { text: 'accuracy', font: { size: 12 } } },
      shapes: [{ type: 'line', x0: 0, y0: 0, x1: 1, y1: 1, line: { color: grey, width: 1, dash: 'dot' } }],
    }),
  };
}
