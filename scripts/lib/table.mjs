import { count, visible } from '../../dist/internal.js';

/** @typedef {string | number | null | undefined} Cell */

/** @param {Cell} cell */
const textOf = (cell) => (typeof cell === 'number' ? count(cell) : visible(cell ?? '').replace(/[\r\n]+/g, ' '));

/** @param {Cell} cell */
const isNumeric = (cell) =>
  cell === null || !Number.isNaN(Number(typeof cell === 'string' ? cell.replace(/%$/, '') : cell));

/**
 * A table as text: numbers and percentages to the right, a line under the header.
 *
 * @param {readonly string[]} header
 * @param {readonly (readonly Cell[])[]} rows
 */
export function formatTable(header, rows) {
  const cells = [header, ...rows].map((row) => row.map(textOf));
  const columns = header.map((_, column) => ({
    width: Math.max(...cells.map((row) => row[column]?.length ?? 0)),
    numeric: rows.every((row) => isNumeric(row[column])),
  }));
  const [head = '', ...body] = cells.map((row) =>
    row
      .map((text, column) => {
        const { width = 0, numeric = false } = columns[column] ?? {};
        return numeric ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [head, columns.map(({ width }) => '─'.repeat(width)).join('  '), ...body].join('\n');
}

/**
 * The same in Markdown; `right` says of each column whether it stands to the right.
 *
 * @param {readonly Cell[]} header
 * @param {readonly (readonly Cell[])[]} rows
 * @param {readonly boolean[]} right
 */
export function markdownTable(header, rows, right) {
  /** @param {readonly Cell[]} cells */
  const line = (cells) => `| ${cells.map(textOf).join(' | ')} |`;
  return [line(header), line(right.map((yes) => (yes ? '---:' : '---'))), ...rows.map(line)].join('\n');
}
