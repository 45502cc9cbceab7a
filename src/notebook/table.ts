import { type Columns, type Tabular, columnsOf, cut, endRows, shapeText, valueText } from './columns.js';
import { type Html, html } from './html.js';

/** How much of a table is shown. */
export interface TableOptions {
  /** Rows shown: half of them the first, half the last (default 10). */
  rows?: number;
}

const longest = 36;

/**
 * A table as HTML: the first and last rows, numbers to the right, long text cut (the whole in its title), and the shape.
 *
 * @example
 * tableHtml(dataset.metadata, { rows: 6 });
 */
export function tableHtml(tabular: Tabular, { rows = 10 }: TableOptions = {}): string {
  const columns = columnsOf(tabular);
  const shown = endRows(columns.rows, rows);
  // On each cell: JupyterLab's own style of tables would win over the table's.
  const styles = new Map(columns.names.map((name) => [name, `text-align:${sideOf(columns, name, shown)};white-space:nowrap`]));
  const heads = columns.names.map((name) => html`<th style="${styles.get(name)}">${name}</th>`);
  const body = shown.map((row) => {
    const cells = columns.names.map((name) => {
      const style = styles.get(name);
      return row === null ? html`<td style="${style}">…</td>` : cell(columns.at(name, row), style);
    });
    return html`<tr>${cells}</tr>\n`;
  });
  return String(html`<div style="overflow-x:auto"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
<p>${shapeText(columns)}</p>`);
}

function cell(value: unknown, style: string | undefined): Html {
  if (value === null) return html`<td style="${style}"><span style="opacity:0.5">null</span></td>`;
  const text = valueText(value);
  return text.length > longest
    ? html`<td style="${style}" title="${text}">${cut(text, longest)}</td>`
    : html`<td style="${style}">${text}</td>`;
}

/** Numbers stand to the right: a column is one of numbers when all its shown values are. */
function sideOf(columns: Columns, name: string, shown: readonly (number | null)[]): 'left' | 'right' {
  const values = shown.flatMap((row) => (row === null ? [] : [columns.at(name, row)])).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number') ? 'right' : 'left';
}

/** The same table as text for a terminal `width` characters wide; columns that do not fit are left out and counted. */
export function tableText(tabular: Tabular, { rows = 10, width = 120 }: TableOptions & { width?: number } = {}): string {
  const columns = columnsOf(tabular);
  const shown = endRows(columns.rows, rows);
  const texts = columns.names.map((name) => {
    const cells = shown.map((row) => (row === null ? '…' : cut(valueText(columns.at(name, row)), 24)));
    const widest = Math.max(...[name, ...cells].map((text) => text.length));
    const side = sideOf(columns, name, shown);
    return [name, ...cells].map((text) => (side === 'right' ? text.padStart(widest) : text.padEnd(widest)));
  });
  const fitting: string[][] = [];
  let used = 0;
  for (const cells of texts) {
    used += (cells[0] ?? '').length;
    if (fitting.length > 0 && used > width) break;
    fitting.push(cells);
    used += 2;
  }
  const lines = [-1, ...shown].map((_, line) => fitting.map((cells) => cells[line]).join('  ').trimEnd());
  const hidden = columns.names.slice(fitting.length);
  return [...lines, shapeText(columns) + (hidden.length > 0 ? ` (not shown: ${hidden.join(', ')})` : '')].join('\n');
}
