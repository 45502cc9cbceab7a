import type { Drift, Strange } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { card, cardSection, chosen, itemLine, noteHtml, productName } from './grid.js';
import { type Paging, pageOf } from './paging.js';
import { tableHtml, tableText } from './table.js';

/** How many of the strangest images are shown. */
const mostStrange = 20;

/** The strangest images of one page, and what to say of the others. */
export function strangePage<T extends Item>(
  { embeddings }: Drift<T>,
  { limit = mostStrange, ...paging }: Paging = {},
): { strangest: Strange<T>[]; note: string } {
  const all = embeddings?.strangest ?? [];
  const { numbers, note } = pageOf(all.length, { limit, ...paging }, 'images');
  return { strangest: chosen(all, numbers), note };
}

/** What has moved as HTML: a few lines, a table of columns and confidences, the images least like any before. */
export function driftHtml<T extends Item>(drift: Drift<T>, images: Images<T>, paging?: Paging): string {
  const { strangest, note } = strangePage(drift, paging);
  const cards = strangest.map(({ item, similarity, like }) =>
    card(item, images.get(item), productName(item), [
      html`<span style="opacity:0.65">nearest</span> ${like.id} ${similarity.toFixed(3)}`,
    ]),
  );
  const lines = String(drift)
    .split('\n')
    .map((line) => html`${line}<br>`);
  const strange = strangest.length === 0 ? '' : `${cardSection('least like any before', cards)}${noteHtml(note)}`;
  return `${html`<p>${lines}</p>`}${tableHtml(drift.table(), { limit: 100 })}${strange}`;
}

/** The same as text for a terminal. */
export function driftText(drift: Drift, paging?: Paging): string {
  const { strangest, note } = strangePage(drift, paging);
  return [
    String(drift),
    tableText(drift.table(), { limit: 100, width: process.stdout.columns }),
    ...strangest.map(({ item, similarity }) => itemLine(item, similarity.toFixed(3))),
    ...(note === '' ? [] : [note]),
  ].join('\n');
}
