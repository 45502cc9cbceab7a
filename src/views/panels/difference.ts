import type { Difference, Row, RowChange } from '../../dataset/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { valueText } from '../value-text.js';
import { card, chosen, noteHtml, productName, tiles } from './grid.js';
import { type Paging, pageOf } from './paging.js';
import { tableHtml, tableText } from './table.js';

/** How many rows that differ have their pictures shown. */
const mostShown = 20;

/** The changes of one page, and what to say of the others. */
export function changePage(
  { rows }: Difference,
  { limit = mostShown, ...paging }: Paging = {},
): { changes: RowChange[]; note: string } {
  const { numbers, note } = pageOf(rows.length, { limit, ...paging }, 'rows');
  return { changes: chosen(rows, numbers), note };
}

/** The rows whose images are shown of some changes: before and after where the image is another, else the last one. */
export const changedRows = (changes: readonly RowChange[]): Row[] =>
  changes.flatMap((change) => sidesOf(change).map(({ row }) => row));

function sidesOf({ before, after, image, change }: RowChange): { row: Row; title: string }[] {
  if (image && before && after)
    return [
      { row: before, title: 'before' },
      { row: after, title: 'after' },
    ];
  const row = before ?? after;
  return row ? [{ row, title: change }] : [];
}

/** How two data sets differ, as HTML: one line, a table of the values, and pictures with what is different below. */
export function differenceHtml(difference: Difference, images: Images<Row>, paging?: Paging): string {
  const { changes, note } = changePage(difference, paging);
  const cards = changes.flatMap((change) =>
    sidesOf(change).map(({ row, title }) => {
      const fields = change.fields.map(
        ({ field, before, after }) => html`${field} <s>${textOf(before, field)}</s> → ${textOf(after, field)}`,
      );
      return card(row, images.get(row), [title, ...productName(row)], fields);
    }),
  );
  const pictures = cards.length === 0 ? '' : String(html`${tiles(150, cards)}${noteHtml(note)}`);
  const values = valuesOf(difference);
  const table = values.length === 0 ? '' : tableHtml(values);
  return `${html`<p>${String(difference)}</p>`}${table}${pictures}`;
}

/** The lines of its table that have a value: what was only added or removed is a picture. */
const valuesOf = (difference: Difference) => difference.table().filter(({ field }) => field !== null);

/** The same as text for a terminal. */
export const differenceText = (difference: Difference): string =>
  [
    String(difference),
    ...(difference.rows.length === 0 ? [] : [tableText(difference.table(), { width: process.stdout.columns })]),
  ].join('\n');

const textOf = (value: unknown, field: string): string => (value === null ? '(none)' : valueText(value, field));
