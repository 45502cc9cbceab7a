import { type Candidate, type Plan, predicateText } from '../../catalogue/index.js';
import { count } from '../../work/index.js';
import { blue, grey } from '../charts/palette.js';
import { type Html, html } from '../html.js';

/**
 * A plan as HTML: each access path with what it would read, as bars of read units; the chosen one is marked, and the
 * filter that is applied to what it reads stands below.
 *
 * @example
 * planHtml(await catalogue.explain({ subCategory: 'Shoes', gender: 'Men' }));
 */
export function planHtml(plan: Plan): string {
  const dearest = Math.max(...plan.candidates.map(({ estimate }) => estimate?.readUnits ?? 0), Number.MIN_VALUE);
  const rows = plan.candidates.map((candidate) => row(candidate, candidate.access === plan.access, dearest));
  return String(html`<div><p><strong>${plan.access}</strong>${plan.toString().slice(plan.access.length)}</p>
<table><thead><tr><th scope="col" style="${left}">access path</th><th scope="col" style="${right}">products read</th><th scope="col" style="${right}">read units</th><th></th></tr></thead>
<tbody>
${rows}</tbody></table>
<p>${filterText(plan)}</p></div>`);
}

const left = 'text-align:left;white-space:nowrap';
const right = 'text-align:right;white-space:nowrap';

function row({ access, fits, estimate }: Candidate, chosen: boolean, dearest: number): Html {
  if (!fits)
    return html`<tr><td style="${left};opacity:0.6">${access}</td><td style="${left};opacity:0.6" colspan="3">does not fit the condition</td></tr>\n`;
  const weight = chosen ? ';font-weight:bold' : '';
  const width = estimate === undefined ? 0 : Math.max(2, Math.round((200 * estimate.readUnits) / dearest));
  const bar = html`<div style="width:${width}px;height:12px;background:${chosen ? blue : grey}"></div>`;
  return html`<tr><td style="${left}${weight}">${named(access, chosen)}</td><td style="${right}${weight}">${numberText(estimate?.productsRead)}</td><td style="${right}${weight}">${numberText(estimate?.readUnits)}</td><td style="width:200px">${bar}</td></tr>\n`;
}

/** The same for a terminal. */
export function planText(plan: Plan): string {
  const widest = Math.max(0, ...plan.candidates.map(({ access }) => named(access, true).length));
  const lines = plan.candidates.map(({ access, fits, estimate }) => {
    const cost = fits ? `${numberText(estimate?.readUnits).padStart(10)} read units` : '  does not fit the condition';
    return `  ${named(access, access === plan.access).padEnd(widest)}${cost}`;
  });
  return [plan.toString(), ...lines, filterText(plan)].join('\n');
}

const named = (access: string, chosen: boolean): string => (chosen ? `✓ ${access}` : access);

const numberText = (value: number | undefined): string => (value === undefined ? '?' : count(value));

function filterText({ filter }: Plan): string {
  const words = predicateText(filter);
  return words === '' ? 'Nothing is left to filter.' : `Then filtered by ${words}.`;
}
