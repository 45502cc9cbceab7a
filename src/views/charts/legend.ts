import type { FigureLayout } from './figure.js';
import { labelsWidth, plainText, plotlyText, shortLabel } from './figure.js';
import { write } from './svg.js';

/** The part of a layout that explains colours by a column's values, at the right; nothing without a column. */
export function legendLayout(
  column: string | undefined,
  labels: readonly string[],
): { width: number; height: number; layout: Pick<FigureLayout, 'showlegend' | 'legend'> } {
  if (column === undefined) return { width: 0, height: 0, layout: {} };
  return {
    width: legendWidth([column, ...labels]),
    // With less, Plotly gives it a bar to scroll by.
    height: 104 + 19 * labels.length,
    layout: {
      showlegend: true,
      legend: { title: { text: plotlyText(column), font: { size: 12 } }, itemsizing: 'constant', traceorder: 'normal' },
    },
  };
}

/** Pixels. */
const legendWidth = (texts: readonly string[]): number => 44 + labelsWidth(texts);

/** A legend as SVG; nothing where the layout has none. */
export function legendMarks(
  entries: readonly { name: string; colour: string }[],
  { legend, width, margin }: FigureLayout,
): string[] {
  if (legend === undefined) return [];
  const title = plainText(legend.title.text);
  const left = width - legendWidth([title, ...entries.map(({ name }) => plainText(name))]) + 14;
  const marks = entries.map(({ name, colour }, i) => {
    const y = margin.t + 30 + 19 * i;
    const mark = `<circle cx="${left + 5}" cy="${y}" r="4" fill="${colour}"/>`;
    return mark + write(left + 16, y + 4, shortLabel(plainText(name)));
  });
  return [write(left, margin.t + 10, title), ...marks];
}
