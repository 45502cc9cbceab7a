#!/usr/bin/env zx
// The whole pipeline once, on the local mock: emulator, catalogue, the five queries, and a page to look at.
import path from 'node:path';
import {
  barFigure,
  clients,
  contactSheet,
  folderSource,
  histogramFigure,
  loadModel,
  Pipeline,
  pairs,
  queries,
} from '../dist/index.js';
import { count, replaceFile } from '../dist/internal.js';
import { titles } from '../localstack/lifecycle.mjs';
import { ensureCatalogue, ensureMock } from './lib/bring-up.mjs';
import { cli, json } from './lib/cli.mjs';
import { formatTable } from './lib/table.mjs';

/**
 * @import { Report, Run } from '../dist/index.js'
 * @typedef {(typeof queries)[keyof typeof queries]} NamedQuery
 */

const page = path.resolve(import.meta.dirname, '../out/contact-sheet.html');

await cli(
  {
    usage: 'npm run demo -- [--dataset DIR] [--json]',
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
      json,
    },
    resume: 'What was done is kept; the same command goes on from there.',
  },
  async ({ values, signal, onProgress }) => {
    // The only line on stdout is the JSON, where that is asked for.
    const say = values.json ? console.error : console.log;
    const aws = clients({ allowAws: false });
    const source = values.dataset === undefined ? undefined : await folderSource(path.resolve(values.dataset));
    const mock = await ensureMock({ mode: 'embedded', signal, log: say });
    say(`mock       ${titles[mock.kind]} at ${mock.endpoint}`);
    const catalogue = await ensureCatalogue(aws, source, { signal, onProgress });
    if (catalogue) say(`catalogue  ${count(catalogue.products)} products of ${catalogue.source}`);
    const model = await loadModel();
    say(`model      ${model.name} on ${model.backend}\n`);

    const pipeline = new Pipeline(aws, { onProgress });
    const runs = [];
    for (const query of Object.values(queries)) {
      runs.push({ query, run: await pipeline.run(query, { model, signal }) });
    }
    if (!values.json) say(tableOf(runs.map(({ run }) => run.report)));
    for (const { id, stage, reason } of runs.flatMap(({ run }) => run.failures).slice(0, 10))
      say(`failed: ${stage} of ${id}: ${reason}`);

    await replaceFile(page, contactSheet(await Promise.all(runs.map(section))));
    model.dispose();
    aws.close();
    if (values.json) {
      const reports = runs.map(({ run }) => ({ ...run.report, failures: run.failures }));
      console.log(JSON.stringify({ endpoint: mock.endpoint, runs: reports, page }));
      return;
    }
    say(`\nLook at    ${path.relative(process.cwd(), page)}  (in a browser)`);
    say('Next       npm run lab   (the notebooks, in JupyterLab)');
    if (mock.kind === 'embedded') say('Stop       npm run down  (the emulator goes on until then)');
  },
);

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
