// Peak memory by the number of products.
import { count, escapeHtml } from '../../dist/internal.js';
import { groupBy } from './group-by.mjs';
import { svg } from './svg.mjs';

/** @import { Peak } from './memory.mjs' */

const [left, width, top, height] = [70, 420, 40, 240];
const colours = ['original', 'today', 'bound', 'other'];

/** @param {readonly Peak[]} memory */
export function memoryChart(memory) {
  const numbers = [...new Set(memory.map(({ products }) => products))];
  const [low, high] = [Math.log10(Math.min(...numbers)), Math.log10(Math.max(...numbers))];
  const step = 100 * 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(...memory.map(({ peakMB }) => peakMB)) / 600)));
  const most = step * Math.ceil(Math.max(...memory.map(({ peakMB }) => peakMB)) / step);
  /** @param {number} products */
  const x = (products) => left + (width * (Math.log10(products) - low)) / (high - low || 1);
  /** @param {number} peakMB */
  const y = (peakMB) => top + height * (1 - peakMB / most);
  const ticks = Array.from({ length: most / step + 1 }, (_, i) => i * step);
  const series = [...groupBy(memory, ({ name }) => name).values()].flatMap((points) =>
    points.slice(-1).map((last) => ({ name: last.name, points, last })),
  );
  // Names stand at the ends of their lines, apart from each other.
  let free = Infinity;
  /** @type {Map<string, number>} */
  const names = new Map();
  for (const { name, last } of series.toSorted((a, b) => y(b.last.peakMB) - y(a.last.peakMB))) {
    free = Math.min(y(last.peakMB) + 4, free - 16);
    names.set(name, free);
  }
  return svg(left + width + 290, top + height + 50, [
    `<text x="12" y="20" class="soft">peak MB</text>`,
    ...ticks.map(
      (value) =>
        `<line class="line" x1="${left}" x2="${left + width}" y1="${y(value)}" y2="${y(value)}"/><text ` +
        `class="soft" x="${left - 10}" y="${y(value) + 4}" ` +
        `text-anchor="end">${count(value)}</text>`,
    ),
    ...numbers.map(
      (value) =>
        `<text class="soft" x="${x(value)}" y="${top + height + 22}" ` + `text-anchor="middle">${count(value)}</text>`,
    ),
    `<text class="soft" x="${left + width / 2}" y="${top + height + 42}" text-anchor="middle">products</text>`,
    ...series.map(({ name, points, last }, i) => {
      const colour = `var(--${colours[i]})`;
      const marks = points.map(
        ({ products, peakMB }) =>
          `<circle cx="${x(products)}" cy="${y(peakMB)}" r="4" fill="${colour}"><title>${escapeHtml(name)}: ` +
          `${Math.round(peakMB)} MB</title></circle>`,
      );
      return (
        `<polyline points="${points.map(({ products, peakMB }) => `${x(products)},${y(peakMB)}`).join(' ')}" ` +
        `fill="none" stroke="${colour}" stroke-width="2"/>${marks.join('')}<text x="${x(last.products) + 12}" ` +
        `y="${names.get(name)}" style="fill: ${colour}">${escapeHtml(name)}</text>`
      );
    }),
  ]);
}
