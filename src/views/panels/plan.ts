import { type Candidate, type Plan, predicateText } from '../../catalogue/index.js';
import { count } from '../../work/index.js';
import { type Html, html } from '../html.js';
import { blue, grey } from '../palette.js';

/**
 * A plan as HTML: each access path with the products and read units that it would read, these as bars; the chosen path
 * is marked, and the filter that is applied to the products read stands below.
 *
 * @example
 * planHtml(await catalogue.explain({ subCategory: 'Shoes', gender: 'Men' }));
 */
export function planHtml(plan: Plan): string {
  const dearest = Math.max(...plan.candidates.map(({ estimate }) => estimate?.readUnits ?? 0), Number.MIN_VALUE);
  const rows = plan.candidates.map((candidate) => row(candidate, candidate.access === plan.access, dearest));
  const heads = [
    html`<th scope="col" style="${left}">access path</th>`,
    html`<th scope="col" style="${right}">products read</th>`,
    html`<th scope="col" style="${right}">read units</th>`,
  ];
  return String(html`<div><p><strong>${plan.access}</strong>${plan.toString().slice(plan.access.length)}</p>
<table><thead><tr>${heads}<th></th></tr></thead>
<tbody>
${rows}</tbody></table>
<p>${filterText(plan)}</p>${plan.notes.map((note) => html`<p>${note}</p>`)}</div>`);
}

const left = 'text-align:left;white-space:nowrap';
const right = 'text-align:right;white-space:nowrap';

function row({ access, fits, estimate }: Candidate, chosen: boolean, dearest: number): Html {
  if (!fits) {
    const faint = `${left};opacity:0.6`;
    const reason = html`<td style="${faint}" colspan="3">does not fit the condition</td>`;
    return html`<tr><td style="${faint}">${access}</td>${reason}</tr>\n`;
  }
  const weight = chosen ? ';font-weight:bold' : '';
  const width = estimate === undefined ? 0 : Math.max(2, Math.round((200 * estimate.readUnits) / dearest));
  const bar = html`<div style="width:${width}px;height:12px;background:${chosen ? blue : grey}"></div>`;
  const numbers = [estimate?.productsRead, estimate?.readUnits].map(
    (value) => html`<td style="${right}${weight}">${numberText(value)}</td>`,
  );
  const name = html`<td style="${left}${weight}">${marked(access, chosen)}</td>`;
  return html`<tr>${name}${numbers}<td style="width:200px">${bar}</td></tr>\n`;
}

/** A plan as text for a terminal. */
export function planText(plan: Plan): string {
  const widest = Math.max(0, ...plan.candidates.map(({ access }) => marked(access, true).length));
  const lines = plan.candidates.map(({ access, fits, estimate }) => {
    const cost = fits ? `${numberText(estimate?.readUnits).padStart(10)} read units` : '  does not fit the condition';
    return `  ${marked(access, access === plan.access).padEnd(widest)}${cost}`;
  });
  return [plan.toString(), ...lines, filterText(plan), ...plan.notes].join('\n');
}

const marked = (access: string, chosen: boolean): string => (chosen ? `✓ ${access}` : access);

const numberText = (value: number | undefined): string => (value === undefined ? '?' : count(value));

function filterText({ filter }: Plan): string {
  const words = predicateText(filter);
  return words === '' ? 'Nothing is left to filter.' : `Then filtered by ${words}.`;
}
