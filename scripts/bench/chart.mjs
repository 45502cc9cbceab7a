// All stages in one picture: how fast each contender is, the kit being 1, on a logarithmic axis.
import { groupBy } from './group-by.mjs';

const [left, width, rowHeight, top] = [190, 560, 34, 40];
const decades = [0.01, 0.1, 1, 10];
const colours = { original: '#d55e00', today: '#e69f00', bound: '#0072b2' };
const x = (relative) => left + (width * (Math.log10(Math.min(Math.max(relative, 0.01), 10)) + 2)) / 3;

export function chart(rows) {
  const stages = [...groupBy(rows.filter(({ rate }) => rate !== undefined), ({ stage, delay }) => `${stage}${delay ? ` (${delay} ms)` : ''}`)];
  const height = top + stages.length * rowHeight + 30;
  const grid = decades.map((value) => `<line x1="${x(value)}" x2="${x(value)}" y1="${top - 10}" y2="${height - 30}" stroke="#999" stroke-opacity="${value === 1 ? 1 : 0.4}"/><text x="${x(value)}" y="${height - 12}" text-anchor="middle">${value === 1 ? 'the kit' : `${value}x`}</text>`);
  const marks = stages.flatMap(([stage, contenders], i) => {
    const y = top + (i + 0.5) * rowHeight;
    const dots = contenders.filter(({ role }) => role !== 'kit').map(({ role, contender, ratio }) => `<circle cx="${x(1 / ratio)}" cy="${y}" r="6" fill="${colours[role]}"><title>${contender}: ${(1 / ratio).toPrecision(2)} times the kit's speed</title></circle>`);
    return [`<text x="${left - 12}" y="${y + 4}" text-anchor="end">${stage}</text>`, `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="#999" stroke-opacity="0.25"/>`, ...dots];
  });
  const legend = Object.entries({ original: 'the original’s way', today: 'what a user would pick today', bound: 'the bound' }).map(([role, text], i) => `<circle cx="${left + 8 + i * 190}" cy="14" r="6" fill="${colours[role]}"/><text x="${left + 20 + i * 190}" y="18">${text}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 30} ${height}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>${[...grid, ...marks, ...legend].join('')}</svg>\n`;
}
