import { hash } from 'node:crypto';
import type { Schema } from '../../catalogue/index.js';
import { Dataset } from '../../dataset/index.js';
import type { Item } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';
import { reviewScript, scriptJson } from '../browser.js';
import { Html, html } from '../html.js';
import type { Images } from '../images.js';
import { blue, green, grey, vermilion } from '../palette.js';
import { type ImageBytes, isTiles } from '../tile.js';
import { cut, valueText } from '../value-text.js';
import { altText, chosen, itemLine, noteHtml, productName, urlOf, whyNot } from './grid.js';
import { type Paging, pageOf } from './paging.js';
import { type Question, questionsOf, type Reviewable } from './proposals.js';

/**
 * What a review knows beside the images.
 *
 * @example
 * const options: ReviewOptions = { reason: 'seasons looked at', labels: { season: ['Fall', 'Winter'] }, page: 2 };
 * await show.review(suspectLabels(scored, { attributes: ['season'] }), shoes, options);
 */
export interface ReviewOptions extends Paging {
  /** Why the catalogue is changed, for whoever reads the change set; default: `reviewed by pictures`. */
  reason?: string | undefined;
  /** The labels that are offered, by field; default: those that are there. */
  labels?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The table that the decisions are for, which `corrections.json` names; default: that of the data set. */
  table?: string | undefined;
  /** The schema of the catalogue that the decisions are for, which `corrections.json` has. */
  schema?: Schema | undefined;
}

/** A browser draws so many cards in a moment. */
const mostCards = 500;
/** So many labels are offered of a field. */
const mostLabels = 500;

/** What a review shows on one page, and what to say of the rest. */
export function reviewPage<T extends Item>(
  reviewable: Reviewable<T>,
  { limit = mostCards, page }: Paging = {},
): { questions: Question<T>[]; note: string } {
  const all = questionsOf(reviewable);
  const { numbers, note } = pageOf(all.length, { limit, ...(page !== undefined && { page }) }, 'images');
  return { questions: chosen(all, numbers), note };
}

/**
 * A review as HTML: a card for each question, with keys and buttons to keep, accept, choose another label, leave out
 * and undo. What was decided stands below it as a cell to copy and as a file to download, and is still there after a
 * reload. Where scripts do not run, it shows the images with what is proposed.
 *
 * @example
 * const suspects = suspectLabels(scored);
 * reviewHtml(suspects, await readImages(suspects.map(({ item }) => item), shoes));
 */
export function reviewHtml<T extends Item>(
  reviewable: Reviewable<T>,
  images: Images<T>,
  options: ReviewOptions = {},
): string {
  const { questions, note } = reviewPage(reviewable, options);
  if (questions.length === 0) return '<p>There is nothing to review.</p>';
  const { reason = 'reviewed by pictures', table, schema } = options;
  const asked = questions.map(({ item, field, part, now, proposal }) => ({
    id: item.id,
    ...(field !== undefined && { field, type: typeOf(field, now, schema) }),
    ...(part !== undefined && { part }),
    now,
    proposal,
  }));
  const file = {
    kind: 'corrections',
    version: 1,
    ...(table !== undefined && { table }),
    ...(schema && { schema: { id: schema.id, fields: schema.fields } }),
  };
  const digest = hash('sha256', JSON.stringify([asked, table])).slice(0, 16);
  const fields = [...new Set(questions.flatMap(({ field, part }) => (part === undefined ? (field ?? []) : [])))];
  const lists = fields.map((field) => labelList(digest, field, questions, options));
  const tools = [
    button('undo', 'Undo', 'u'),
    button('copy', 'Copy as a cell'),
    button('download', 'Download corrections.json'),
  ];
  const cards = questions.map((question, i) =>
    cardOf(question, images.get(question.item), i, questions.length, digest),
  );
  return String(html`<div class="mlr" data-key="${digest}" data-lm-suppress-shortcuts="true">
<script type="application/json">${scriptJson({ questions: asked, file, reason })}</script>
<style>${styles}</style>
<div class="mlr-bar" role="toolbar" aria-label="Review">
<strong class="mlr-status" role="status" aria-live="polite" tabindex="-1">${plural(questions.length, 'image')}</strong>
<span class="mlr-tools">${tools}</span>
<span class="mlr-keys">${keysInWords}</span>
</div>
${lists}
<div class="mlr-cards">
${cards}</div>
${noteHtml(note)}<details class="mlr-result"><summary>What was decided, as a cell</summary>
<pre class="mlr-cell"></pre></details>
${reviewScript()}</div>`);
}

const keysInWords = html`<kbd>K</kbd> keep <kbd>A</kbd> accept <kbd>L</kbd> another label <kbd>X</kbd> leave out
<kbd>U</kbd> undo <kbd>←</kbd><kbd>→</kbd><kbd>↑</kbd><kbd>↓</kbd> go`;

/** The type of a field's values: as the schema says, else as the value is. */
function typeOf(field: string, now: unknown, schema: Schema | undefined): string {
  const type = schema?.fields[field];
  return type ?? (Array.isArray(now) ? 'string[]' : now === null ? 'string' : typeof now);
}

function cardOf<T extends Item>(
  question: Question<T>,
  data: ImageBytes | undefined,
  i: number,
  of: number,
  digest: string,
): Html {
  const { item, field, part, proposal } = question;
  const alt = altText(item);
  const url = urlOf(data);
  const why = `${alt}: ${whyNot(data)}`;
  const picture = url
    ? html`<img src="${url}" alt="${alt}" title="${alt}" decoding="async">`
    : html`<div class="mlr-none" role="img" aria-label="${why}" title="${why}">cannot be shown</div>`;
  const [name] = productName(item);
  const title = name === undefined ? '' : html`<strong>${name}</strong><br>`;
  const list = part === undefined && field !== undefined ? html` list="mlr-${digest}-${field}"` : '';
  const other =
    field === undefined ? '' : html`<input hidden${list} aria-label="Another ${field}" placeholder="${field}">`;
  const label = `${i + 1} of ${of}: ${alt}; ${askText(question)}`;
  const said = html`<span class="mlr-id">${item.id}</span> <em class="mlr-said" aria-live="polite"></em>`;
  const buttons = [
    decision('keep', 'Keep'),
    ...(proposal === null ? [] : [decision('accept', 'Accept')]),
    ...(field === undefined ? [] : [html`<button type="button" tabindex="-1" data-does="other">Other…</button>`]),
    decision('out', 'Leave out'),
  ];
  return html`<div class="mlr-card" role="group" tabindex="-1" aria-label="${label}">
${picture}
<div class="mlr-text">${title}${askHtml(question)}<br>${said}</div>
<div class="mlr-buttons">${buttons}</div>
${other}</div>
`;
}

const button = (does: string, text: string, key = ''): Html =>
  html`<button type="button" data-does="${does}"${key && html` aria-keyshortcuts="${key}"`}>${text}</button>`;
const decision = (name: string, text: string): Html =>
  html`<button type="button" tabindex="-1" data-decision="${name}" aria-pressed="false">${text}</button>`;

const nowText = ({ now, field }: Question<unknown>): string => (now === null ? 'none' : cut(valueText(now, field), 60));
const sureText = ({ confidence, group }: Question<unknown>): string =>
  confidence === undefined ? '' : group === undefined ? percent(confidence, 0) : confidence.toFixed(4);

/** `season Summer → Winter 98%`, `group 1, similarity 0.9996 → left out` */
function askHtml(question: Question<unknown>): Html {
  const { field, part, proposal, group } = question;
  const what = field === undefined ? `group ${count(group ?? 0)}` : part === undefined ? field : `${field}: ${part}`;
  const from = field === undefined ? sureText(question) : nowText(question);
  const to = proposal === null ? '' : html` → <b>${proposal}</b> ${field === undefined ? '' : sureText(question)}`;
  return html`<span class="mlr-id">${what}</span> ${from}${to}`;
}

/** The same for those who hear it. */
function askText(question: Question<unknown>): string {
  const { field, part, proposal, group } = question;
  if (field === undefined)
    return `group ${group}, similarity ${sureText(question)}${proposal === null ? '' : `, proposed: ${proposal}`}`;
  const sure = sureText(question);
  const proposed = proposal === null ? '' : `, proposed ${proposal}${sure && `, ${sure} sure`}`;
  return `${part === undefined ? field : `${field}: ${part}`} is ${nowText(question)}${proposed}`;
}

/** The labels that are offered of a field: those given, else those that the items have and that are proposed. */
function labelList<T extends Item>(
  digest: string,
  field: string,
  questions: readonly Question<T>[],
  { labels }: ReviewOptions,
): Html {
  const there = questions.flatMap((question) => [
    ...[Reflect.get(question.item, field)].flat(),
    ...(question.field === field ? [question.proposal] : []),
  ]);
  const values = [...(labels?.[field] ?? []), ...there].filter(
    (value) => value !== null && value !== undefined && value !== '',
  );
  const known = [...new Set(values.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const options = known.slice(0, mostLabels).map((value) => html`<option value="${value}"></option>`);
  return html`<datalist id="mlr-${digest}-${field}">${options}</datalist>\n`;
}

/** What a data set, or pictures, say of themselves: the table, and the labels that the rows have. */
export function knownOf<T extends Item>(
  source: unknown,
  questions: readonly Question<T>[],
): Pick<ReviewOptions, 'table' | 'labels'> {
  const rows = isTiles(source) ? source.map(({ row }) => row) : source instanceof Dataset ? source.rows : undefined;
  const fields = [...new Set(questions.flatMap(({ field, part }) => (part === undefined ? (field ?? []) : [])))];
  const labelsOf = (field: string) => (rows ?? []).flatMap((row) => row[field] ?? []).map(String);
  return {
    ...(source instanceof Dataset && { table: source.manifest.query?.table }),
    ...(rows && { labels: Object.fromEntries(fields.map((field) => [field, [...new Set(labelsOf(field))]])) }),
  };
}

/** The same as text for a terminal. */
export function reviewText<T extends Item>(reviewable: Reviewable<T>, paging?: Paging): string {
  const { questions, note } = reviewPage(reviewable, paging);
  const lines = questions.map((question) => itemLine(question.item, askText(question)));
  return [
    `${plural(questions.length, 'image')} to review in a notebook`,
    ...lines,
    ...(note === '' ? [] : [note]),
  ].join('\n');
}

// Names of its own, since a notebook has many styles; the page behind shows through, light or dark.
const styles = new Html(
  `
.mlr { font-size: 13px; line-height: 1.4; }
.mlr-bar { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center;
  padding: 8px 0; background: var(--jp-layout-color0, var(--vscode-editor-background, Canvas)); }
.mlr-bar, .mlr-card { border-bottom: 1px solid #8886; }
.mlr-status { font-size: 15px; min-width: 14em; }
.mlr-keys { opacity: .75; }
.mlr kbd { border: 1px solid #8889; border-radius: 3px; padding: 0 4px; font: 11px ui-monospace, monospace;
  background: transparent; color: inherit; box-shadow: none; }
.mlr-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 190px), 1fr)); gap: 12px;
  margin: 8px 0; }
.mlr-card { border: 2px solid #8884; border-radius: 6px; padding: 8px; min-width: 0; content-visibility: auto;
  contain-intrinsic-size: auto 260px; scroll-margin: 120px 0 12px; }
.mlr-card:focus { outline: 3px solid ${blue}; outline-offset: 1px; }
.mlr-card img { display: block; width: 100%; height: 140px; object-fit: contain; background: #fff;
  border-radius: 4px; }
.mlr-none { height: 140px; box-sizing: border-box; border: 1px dashed ${grey}; border-radius: 4px; display: flex;
  align-items: center; justify-content: center; }
.mlr-text { margin: 6px 0; overflow-wrap: anywhere; }
.mlr-id { opacity: .7; }
.mlr-said { font-weight: 600; }
.mlr-buttons, .mlr-tools { display: flex; flex-wrap: wrap; gap: 4px; }
.mlr button { font: inherit; color: inherit; background: transparent; border: 1px solid #888a; border-radius: 4px;
  padding: 1px 7px; cursor: pointer; }
.mlr button:hover { background: #8883; }
.mlr button[aria-pressed=true] { background: ${blue}; border-color: ${blue}; color: #fff; }
.mlr button[data-done]::after { content: ' ✓'; }
.mlr-card input { font: inherit; width: 100%; box-sizing: border-box; margin-top: 6px; }
.mlr-card[data-decision=keep] { border-color: ${grey}; }
.mlr-card[data-decision=accept], .mlr-card[data-decision=other] { border-color: ${green}; }
.mlr-card[data-decision=out] { border-color: ${vermilion}; }
.mlr-card[data-decision=out] img, .mlr-card[data-decision=keep] img { opacity: .45; }
.mlr-cell { overflow-x: auto; font: 12px/1.5 ui-monospace, monospace; }
.mlr:not([data-ready]) .mlr-buttons, .mlr:not([data-ready]) .mlr-tools, .mlr:not([data-ready]) .mlr-keys,
.mlr:not([data-ready]) .mlr-result { display: none; }
`.trim(),
);
