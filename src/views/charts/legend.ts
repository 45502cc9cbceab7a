import type { FigureLayout } from './figure.js';
import { labelsWidth, plainText, plotlyText, shortLabel } from './figure.js';
import { write } from './svg.js';

/** The part of a layout that explains colours by a column's values, at the right; nothing without a column. */
export function legendLayout(
  column: string | undefined,
  labels: readonly string[],
): { width: number; layout: Pick<FigureLayout, 'showlegend' | 'legend'> } {
  if (column === undefined) return { width: 0, layout: {} };
  return {
    width: 44 + labelsWidth([column, ...labels]),
    layout: {
      showlegend: true,
      legend: { title: { text: plotlyText(column), font: { size: 12 } }, itemsizing: 'constant' },
    },
  };
}

/** A legend as SVG; nothing where the layout has none. */
export function legendMarks(
  entries: readonly { name: string; colour: string }[],
  { legend, width, margin }: FigureLayout,
): string[] {
  if (legend === undefined) return [];
  const left = width - margin.r + 14;
  const marks = entries.map(({ name, colour }, i) => {
    const y = margin.t + 30 + 19 * i;
    const mark = `<circle cx="${left + 5}" cy="${y}" r="4" fill="${colour}"/>`;
    return mark + write(left + 16, y + 4, shortLabel(plainText(name)));
  });
  return [write(left, margin.t + 10, plainText(legend.title.text)), ...marks];
}
