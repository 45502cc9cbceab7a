import { count } from '../../work/index.js';
import { sortTable } from '../browser.js';
import { type Columns, columnType, endRows, shapeText, type Tabular, toColumns } from '../columns.js';
import { type Html, html } from '../html.js';
import type { Images } from '../images.js';
import { rowAt } from '../row-images.js';
import { areNames, cut, numberText, numberTexts, valueText } from '../value-text.js';
import { altText, image } from './grid.js';
import { type Paging, pageOf } from './paging.js';

/**
 * How much of a table is shown: `limit` rows at most (default 10), half of them the first, half the last; with a
 * `page`, those of that page.
 */
export interface TableOptions extends Paging {}

/** A column of a table: its values and their texts in the rows shown, null where rows are left out. */
interface Shown {
  name: string;
  type: string;
  /** Numbers are aligned to the right. */
  numeric: boolean;
  cells: readonly ({ value: unknown; text: string } | null)[];
}

/** Characters of a cell, and of what shows while the pointer is on it. */
const longest = 36;
const longestHint = 1000;

/**
 * A table as HTML: the first and last rows, the types below the names, long text cut (all of it shows while the pointer
 * is on it), and the number of rows and columns. Where scripts run, a click on a column's name sorts the rows shown.
 *
 * @param images - The images of the rows shown, by row number, for a column in front.
 *
 * @example
 * tableHtml(shoes, { limit: 6 }, await rowImages(shoes, shoes, shownRows(shoes, { limit: 6 })));
 */
export function tableHtml(tabular: Tabular, options: TableOptions = {}, images?: Images<number>): string {
  const columns = toColumns(tabular);
  const { lines, note: left } = tableLines(columns.rows, options);
  const shown = columns.names.map((name) => shownColumn(columns, name, lines));
  const heads = shown.map((column) => {
    const type = html`<small style="opacity:0.7;font-weight:normal">${column.type}</small>`;
    return html`<th scope="col" style="${cellStyle(column)}">${column.name}<br>${type}</th>`;
  });
  const body = lines.map((row, line) => {
    const thumbnail = row === null ? '' : image(images?.get(row), altText(rowAt(columns, row)), 48);
    const first = row === null ? html`<td></td>` : html`<td style="text-align:left;min-width:48px">${thumbnail}</td>`;
    return html`<tr>${images && first}${shown.map((column) => td(column, line))}</tr>\n`;
  });
  const orders = [...(images ? [[]] : []), ...shown.map(ascending)];
  const written = lines.filter((line) => line !== null).length;
  const note = ` · click a name to sort${written < columns.rows ? ` the ${count(written)} rows shown` : ''}`;
  const sorts = columns.rows > 1;
  const forScript = sorts ? html` data-orders="${JSON.stringify(orders)}" data-note="${note}"` : '';
  return String(html`<div${forScript}><div style="overflow-x:auto"><table>
<thead><tr>${images && html`<th></th>`}${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
<p>${shapeText(columns)}${left}</p>
${sorts ? sortTable() : ''}</div>`);
}

/** The numbers of the rows that a table shows. */
export const shownRows = (tabular: Tabular, options: TableOptions = {}): number[] =>
  tableLines(toColumns(tabular).rows, options).lines.filter((row) => row !== null);

/** The numbers of the rows shown, null where some are left out, and what to say of those on other pages. */
function tableLines(rows: number, { limit = 10, page }: TableOptions): { lines: (number | null)[]; note: string } {
  if (page === undefined) return { lines: endRows(rows, limit), note: '' };
  const { numbers, note } = pageOf(rows, { limit, page }, 'rows');
  return { lines: numbers, note: note === '' ? '' : ` · ${note}` };
}

function shownColumn(columns: Columns, name: string, lines: readonly (number | null)[]): Shown {
  const type = columnType(columns, name);
  const numeric = type === 'number' || type === 'number?';
  const values = lines.map((row) => (row === null ? null : columns.at(name, row)));
  const texts = numeric ? numberTexts(values, name) : values.map((value) => valueText(value, name));
  return {
    name,
    type,
    numeric,
    cells: lines.map((row, line) => (row === null ? null : { value: values[line], text: texts[line] ?? '' })),
  };
}

// On each cell, since JupyterLab's style for tables overrides a style of the table.
const cellStyle = ({ numeric }: Shown): string => `text-align:${numeric ? 'right' : 'left'};white-space:nowrap`;

function td(column: Shown, line: number): Html {
  const style = cellStyle(column);
  const cell = column.cells[line] ?? null;
  if (cell === null) return html`<td style="${style}">…</td>`;
  const { value, text } = cell;
  if (value === null) return html`<td style="${style}"><span style="opacity:0.5">null</span></td>`;
  const rounded = typeof value === 'number' && Number(text.replaceAll(',', '')) !== value;
  const whole = rounded ? numberText(value, !areNames([value], column.name)) : cut(text, longestHint);
  const written = cut(text, longest);
  return written === whole
    ? html`<td style="${style}">${written}</td>`
    : html`<td style="${style}" title="${whole}">${written}</td>`;
}

/** The lines of a column in the ascending order of their values, without blanks. */
function ascending({ cells }: Shown): number[] {
  const known = cells.flatMap((cell, line) => (cell === null || cell.value === null ? [] : [{ line, ...cell }]));
  return known
    .sort((a, b) =>
      typeof a.value === 'number' && typeof b.value === 'number'
        ? a.value - b.value
        : a.text.localeCompare(b.text, 'en', { numeric: true }),
    )
    .map(({ line }) => line);
}

/** The table as text for a terminal `width` characters wide; columns that do not fit are left out and named. */
export function tableText(
  tabular: Tabular,
  { width = 120, ...options }: TableOptions & { width?: number } = {},
): string {
  const columns = toColumns(tabular);
  const { lines, note } = tableLines(columns.rows, options);
  const texts = columns.names.map((name) => {
    const { type, numeric, cells } = shownColumn(columns, name, lines);
    const column = [name, type, ...cells.map((cell) => (cell === null ? '…' : cut(cell.text, 24)))];
    const widest = Math.max(...column.map((text) => text.length));
    return column.map((text) => (numeric ? text.padStart(widest) : text.padEnd(widest)));
  });
  const fitting: string[][] = [];
  let used = 0;
  for (const cells of texts) {
    used += (cells[0] ?? '').length;
    if (fitting.length > 0 && used > width) break;
    fitting.push(cells);
    used += 2;
  }
  const hidden = columns.names.slice(fitting.length);
  const written = Array.from({ length: lines.length + 2 }, (_, line) =>
    fitting
      .map((cells) => cells[line])
      .join('  ')
      .trimEnd(),
  );
  return [...written, shapeText(columns) + note + (hidden.length > 0 ? ` (not shown: ${hidden.join(', ')})` : '')].join(
    '\n',
  );
}
