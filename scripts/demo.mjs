#!/usr/bin/env zx
// The whole pipeline once, on the local mock: emulator, catalogue, the five queries, and a page to look at.
import path from 'node:path';
import { $ } from 'zx';
import {
  barFigure,
  clients,
  contactSheet,
  folderSource,
  histogramFigure,
  loadModel,
  Pipeline,
  PipelineError,
  pairs,
  queries,
} from '../dist/index.js';
import { count, replaceFile, tasks } from '../dist/internal.js';
import { titles } from '../localstack/lifecycle.mjs';
import { ensureCatalogue, ensureMock } from './lib/bring-up.mjs';
import { cli, json } from './lib/cli.mjs';
import { lastLine } from './lib/python.mjs';
import { formatTable } from './lib/table.mjs';

/**
 * @import { Report, Run } from '../dist/index.js'
 * @typedef {(typeof queries)[keyof typeof queries]} NamedQuery
 */

const deployProgram = path.join(import.meta.dirname, 'deploy.mjs');
const page = path.resolve(import.meta.dirname, '../out/contact-sheet.html');

await cli(
  {
    usage: 'npm run demo -- [--lambda] [--dataset DIR] [--json]',
    about:
      'Runs the five queries with export, augmentation and inference against the local mock, and draws a ' +
      'contact sheet.',
    options: {
      dataset: {
        type: 'string',
        value: 'DIR',
        help:
          'a folder with styles.csv and images/<id>.jpg; default: the catalogue that is there, else the drawn ' +
          'sample',
      },
      lambda: {
        type: 'boolean',
        help: 'as jobs that Lambda functions do, on MiniStack, which runs them without Docker (needs Python)',
      },
      json,
    },
    resume: 'What was done is kept; the same command goes on from there.',
  },
  async ({ values, signal, onProgress }) => {
    // The only line on stdout is the JSON, where that is asked for.
    const say = values.json ? console.error : console.log;
    const aws = clients({ allowAws: false });
    const source = values.dataset === undefined ? undefined : await folderSource(path.resolve(values.dataset));
    const mock = await ensureMock({ mode: values.lambda ? 'ministack' : 'embedded', signal, log: say });
    say(`mock       ${titles[mock.kind]} at ${mock.endpoint}`);
    const catalogue = await ensureCatalogue(aws, source, { signal, onProgress });
    if (catalogue) say(`catalogue  ${count(catalogue.products)} products of ${catalogue.source}`);
    const pipeline = new Pipeline(aws, { onProgress });
    const { run, close } = await (values.lambda ? byFunctions : here)(pipeline, signal, say);
    const runs = [];
    for (const query of Object.values(queries)) runs.push({ query, run: await run(query) });
    if (!values.json) say(tableOf(runs.map(({ run }) => run.report)));
    for (const { id, stage, reason } of runs.flatMap(({ run }) => run.failures).slice(0, 10))
      say(`failed: ${stage} of ${id}: ${reason}`);

    await replaceFile(page, contactSheet(await Promise.all(runs.map(section))));
    close();
    aws.close();
    if (values.json) {
      const reports = runs.map(({ run }) => ({ ...run.report, failures: run.failures }));
      console.log(JSON.stringify({ endpoint: mock.endpoint, runs: reports, page }));
      return;
    }
    say(`\nLook at    ${path.relative(process.cwd(), page)}  (in a browser)`);
    say('Next       npm run lab   (the notebooks, in JupyterLab)');
    if (mock.kind !== 'docker') say('Stop       npm run down  (the mock goes on until then)');
  },
);

/**
 * Runs a query in this process.
 *
 * @param {Pipeline} pipeline
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 * @returns {Promise<{ run: (query: NamedQuery) => Promise<Run>, close: () => void }>}
 */
async function here(pipeline, signal, say) {
  const model = await loadModel();
  say(`model      ${model.name} on ${model.backend}\n`);
  return { run: (query) => pipeline.run(query, { model, signal }), close: () => model.dispose() };
}

/**
 * Runs a query as a job of functions, which are deployed first.
 *
 * @type {typeof here}
 */
async function byFunctions(pipeline, signal, say) {
  if (process.platform !== 'linux')
    throw new PipelineError(
      'demo.platform',
      "The functions' code is for Linux, as Lambda is: leave --lambda out here.",
    );
  say('functions  being deployed: npx zx scripts/deploy.mjs');
  const deployed = await $({ quiet: true, nothrow: true, signal })`${process.execPath} ${deployProgram}`;
  if (!deployed.ok) throw new PipelineError('demo.deploy', `The functions cannot be deployed. ${lastLine(deployed)}`);
  say(`functions  ${tasks.join(', ')}: each is called by its queue\n`);
  return {
    run: async (query) => (await pipeline.run(query, { mode: 'queue', signal })).result({ signal }),
    close() {},
  };
}

/** @param {readonly Report[]} reports */
function tableOf(reports) {
  return formatTable(
    ['', 'query', 'access path', 'products', 'read units', 'of a scan', 'images', 'failed', 'seconds'],
    reports.map(({ query, name, plan, products, readUnits, exported, augmented, failed, seconds }) => [
      query,
      name,
      plan.split(',')[0],
      products,
      readUnits.consumed,
      readUnits.scan,
      exported + augmented,
      failed,
      seconds.toFixed(1),
    ]),
  );
}

/**
 * A part of the page.
 *
 * @param {{ query: NamedQuery, run: Run }} done
 * @returns {Promise<Parameters<typeof contactSheet>[0][number]>}
 */
async function section({ query, run }) {
  const { report, augmented, inferred } = run;
  /** @type {[string, string | number][]} */
  const figures = [
    ['products', report.products],
    ['read', report.plan],
    ['read units consumed', report.readUnits.consumed],
    ['images exported', report.exported],
  ];
  if (augmented) figures.push(['images augmented', report.augmented]);
  if (inferred) figures.push(['images inferred from', report.inferred]);
  figures.push(['failed', report.failed], ['seconds', report.seconds.toFixed(1)]);
  return {
    title: query.description,
    query: JSON.stringify(query.where),
    figures,
    charts: [histogramFigure(run, 'year'), barFigure(run, 'season')],
    pictures: await run.sample(10, { seed: 1 }),
    pairs: augmented && (await pairs(run, augmented, { limit: 10, seed: 1 })),
    predictions: inferred && (await inferred.sample(10, { seed: 1 })),
  };
}
