// From the figures of all runs to tables, a chart and a file.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { chart } from './chart.mjs';
import { costOf } from './cost.mjs';
import { groupBy } from './group-by.mjs';

const run = promisify(execFile);

/** Writes `results.json`, `results.md` and `chart.svg`, and gives the Markdown. */
export async function report(runs, { out, bin }) {
  const rows = summarise(runs);
  const about = await machine(bin);
  const tables = [...groupBy(rows, ({ stage, delay }) => `${stage}${delay ? `, with ${delay} ms added to each request` : ''}`)].map(([title, contenders]) => table(title, contenders));
  const markdown = [`Measured on ${about}.`, ...tables].join('\n\n');
  await writeFile(path.join(out, 'results.json'), `${JSON.stringify({ about, rows, runs }, null, 1)}\n`);
  await writeFile(path.join(out, 'results.md'), `${markdown}\n`);
  await writeFile(path.join(out, 'chart.svg'), chart(rows));
  return markdown;
}

/** A row for each contender of each stage: medians over its runs. */
function summarise(runs) {
  const groups = groupBy(runs, ({ stage, delay, contender }) => JSON.stringify([stage, delay, contender]));
  const rows = [...groups.values()].map((group) => {
    const [{ stage, unit, delay, role, contender }] = group;
    const done = group.filter(({ error }) => error === undefined);
    if (done.length === 0) return { stage, unit, delay, role, contender, error: group[0].error };
    const rates = done.map(({ items, seconds }) => items / seconds);
    return {
      stage, unit, delay, role, contender,
      runs: done.length,
      rate: median(rates),
      slowest: Math.min(...rates),
      fastest: Math.max(...rates),
      cpuPerThousand: median(done.map(({ cpuSeconds, items }) => (1000 * cpuSeconds) / items)),
      peakMB: median(done.map(({ peakMB }) => peakMB)),
      costPerMillion: done[0].requests && 1e6 * costOf(done[0].requests) / done[0].items,
    };
  });
  const first = (row) => rows.find(({ stage, delay }) => stage === row.stage && delay === row.delay);
  return rows.map((row) => ({ ...row, ratio: row.rate === undefined ? undefined : first(row).rate / row.rate }));
}

function table(title, rows) {
  const [{ unit }] = rows;
  const lines = rows.map(({ role, contender, error, rate, slowest, fastest, cpuPerThousand, peakMB, ratio, costPerMillion }, i) => {
    const cells = error !== undefined ? [`failed: ${error}`, '', '', '', '', ''] : [number(rate), `${number(slowest)}–${number(fastest)}`, i === 0 ? '' : `${ratio.toFixed(2)}x`, number(cpuPerThousand), number(peakMB), costPerMillion === undefined ? '' : number(costPerMillion)];
    return `| ${role} | ${contender} | ${cells.join(' | ')} |`;
  });
  return [`### ${title}`, '', `| | | ${unit}/s | from–to | the kit is | CPU s per 1,000 | peak MB | AWS $ per million |`, '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |', ...lines].join('\n');
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const number = (value) => (value < 10 ? value.toPrecision(2) : Math.round(value).toLocaleString('en-US'));

async function machine(bin) {
  const [cpu] = os.cpus();
  const { stdout } = await run(path.join(bin, 'python'), ['-m', 'pip', 'list', '--format=freeze', '--disable-pip-version-check']);
  const pinned = (await readFile(path.join(import.meta.dirname, 'requirements.txt'), 'utf8')).match(/^[\w-]+(?===)/gm);
  const versions = stdout.split('\n').filter((line) => pinned.some((name) => line.toLowerCase().startsWith(`${name}==`)));
  return `${os.availableParallelism()} cores of ${cpu.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, Linux ${os.release()}, Node ${process.versions.node}; ${versions.join(', ').replaceAll('==', ' ')}`;
}
