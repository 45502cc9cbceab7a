// The work that is disturbed: here, or in a process that can be killed (`node test/endurance/work.mjs STAGE [other]`).
import { pathToFileURL } from 'node:url';
import { clients, Pipeline, PipelineError, randomCrop, resize, sampleSource, seedCatalogue } from '../../dist/index.js';
import { queueHandler, runWorker } from '../../dist/internal.js';

/**
 * @import { Aws, Query } from '../../dist/index.js'
 * @typedef {'seed' | 'export' | 'augment' | 'label' | 'job'} Stage
 */

/** How many are seeded. */
export const products = Number(process.env.ML_PIPELINE_TEST_PRODUCTS ?? 100);
export const where = { id: { gt: 0 } };
const augment = { transforms: [randomCrop(50, 70), resize(64, 64)], seed: 3 };

/** Each writes below a folder of its own. @type {Record<Exclude<Stage, 'seed'>, Query>} */
export const queries = {
  export: { where, folder: 'endurance-export' },
  augment: { where, folder: 'endurance-augment', augment },
  label: { where, folder: 'endurance-label', infer: true },
  job: { where, folder: 'endurance-job', augment },
};

/** Other work in the same folders, of fewer products and another chain. @type {typeof queries} */
export const others = {
  export: { ...queries.export, where: { id: { gt: 1_000_060 } } },
  augment: { ...queries.augment, augment: { ...augment, seed: 4 } },
  label: { ...queries.label, where: { id: { lt: 1_000_040 } } },
  job: queries.job,
};

/**
 * Does a stage as a cell or a script does. A job is started and waited for; its worker is the caller's.
 *
 * @param {Aws} aws
 * @param {Stage} stage
 * @param {typeof queries} asked
 */
export async function work(aws, stage, asked = queries) {
  if (stage === 'seed') {
    await seedCatalogue(aws, sampleSource({ products }));
  } else if (stage === 'job') {
    await (await startedJob(new Pipeline(aws), asked.job)).result();
  } else {
    await new Pipeline(aws).run(asked[stage]);
  }
}

/**
 * A job outlives who started it: where one is there, it is gone on with.
 *
 * @param {Pipeline} pipeline
 * @param {Query} query
 */
async function startedJob(pipeline, query) {
  const [job] = await pipeline.jobs();
  try {
    if (job && (await job.progress()).state !== 'completed') await job.resume();
    if (job) return job;
  } catch (error) {
    if (!(error instanceof PipelineError && error.code === 'job.unstarted')) throw error;
    await job?.remove();
  }
  return pipeline.run(query, { mode: 'queue' });
}

/** Takes messages until its signal. @param {Aws} aws @param {AbortSignal} signal */
export const worker = (aws, signal) => runWorker(aws, queueHandler, { signal, visibilityTimeout: 15, log: () => {} });

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const aws = clients();
  const [, , stage, other] = process.argv;
  try {
    if (stage === 'worker') await worker(aws, new AbortController().signal);
    else await work(aws, /** @type {Stage} */ (stage), other ? others : queries);
  } catch (error) {
    console.error(String(error));
    process.exitCode = 1;
  } finally {
    aws.close();
  }
}
