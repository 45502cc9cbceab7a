#!/usr/bin/env zx
import { clients, Pipeline } from '../dist/index.js';
import { count, definitions, percent, plural, readDeadLetters, redriveDeadLetters, tasks } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { formatTable } from './lib/table.mjs';

/**
 * @import { Aws, DeadLetter, Job } from '../dist/index.js'
 * @import { Step } from './lib/cli.mjs'
 * @typedef {Step & { aws: Aws, pipeline: Pipeline }} JobStep
 * @typedef {{ data: object, text: string }} Result What is printed with and without --json.
 */

/** Takes the id of a job, unlike `list`. @type {Record<string, (job: Job, step: JobStep) => Promise<Result>>} */
const actions = { show, watch, cancel, resume, redrive, remove };

await cli(
  {
    usage:
      'npx zx scripts/jobs.mjs [list | show ID | watch ID | cancel ID | resume ID | redrive ID | remove ID] [--json]',
    about: [
      'Jobs are runs through the queues (query.mjs --queue, pipeline.run(…, { mode: "queue" })).',
      '',
      '  list        all jobs, the newest first (default)',
      '  show ID     how far one has come, and its dead letters with their reasons',
      '  watch ID    wait for its end',
      '  cancel ID   stop it; what was done is kept',
      '  resume ID   go on with one that was cancelled, has failed, was interrupted or has lost messages',
      '  redrive ID  send its dead letters to the queues again',
      '  remove ID   forget it, and its dead letters; what it made stays',
    ].join('\n'),
    options: {
      aws: consent,
      json,
    },
    positionals: 2,
    resume: 'The job goes on without you.',
  },
  async ({ values, positionals: [name = 'list', id], ...call }) => {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action && name !== 'list')
      throw new UsageError(`there is no '${name}'; it can be list, ${Object.keys(actions).join(', ')}`);
    if (!action && id !== undefined) throw new UsageError(`list takes no id; see one with: show ${id}`);
    if (action && id === undefined) throw new UsageError(`${name} needs the id of a job`);
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    const pipeline = new Pipeline(aws);
    const step = { ...call, aws, pipeline };
    const result = await (action && id !== undefined ? action(await pipeline.job(id), step) : list(step));
    console.log(values.json ? JSON.stringify(result.data) : result.text);
    aws.close();
  },
);

/** @param {JobStep} step */
async function list({ aws, pipeline }) {
  const [jobs, letters] = await Promise.all([pipeline.jobs(), readDeadLetters(aws)]);
  const all = await Promise.all(
    jobs.map((job) =>
      summary(
        job,
        letters.filter((letter) => letter.job === job.id),
      ).catch((error) => {
        // Another process removed it meanwhile.
        if (error.code !== 'job.unknown') throw error;
      }),
    ),
  );
  const data = all.filter((one) => one !== undefined);
  const others = letters.filter((letter) => !jobs.some(({ id }) => id === letter.job));
  const rows = data.map(({ id, name, folder, state, products, done, deadLetters, seconds }) => [
    id,
    name,
    state,
    products,
    done === null ? '?' : percent(done, 0),
    deadLetters.length,
    seconds.toFixed(1),
    folder,
  ]);
  const table =
    rows.length > 0
      ? formatTable(['job', 'query', 'state', 'products', 'done', 'dead letters', 'seconds', 'folder'], rows)
      : 'There are no jobs. Start one: npx zx scripts/query.mjs --query 1 --queue';
  const notes = [
    ...data
      .filter(({ state }) => state === 'interrupted' || state === 'malformed')
      .map(({ id, state, reason }) => `\n${id} is ${state}: ${reason}`),
    ...data.flatMap(({ id, waiting }) =>
      waiting ? [`\n${id} waits until ${time(waiting.until)}: ${waiting.reason}`] : [],
    ),
    ...others.map(({ task, reason }) => `\nA dead letter of ${task} belongs to no job: ${reason}`),
  ];
  return { data: { jobs: data, otherDeadLetters: others }, text: table + notes.join('') };
}

/** @param {Job} job */
async function show(job) {
  const data = await summary(job, await job.deadLetters());
  const { id, name, folder, state, reason, products, tasks, waiting, deadLetters, seconds } = data;
  const lines = [
    `${id}: ${name}, ${state}${reason ? ` (${reason})` : ''}, ${count(products)} products, ` +
      `${seconds.toFixed(1)} s, to ${folder}`,
    ...tasks.map(
      ({ task, done, total, failed }) =>
        `${task.padEnd(8)} ${count(done)} of ${count(total)} images, ` + `${count(failed)} failed`,
    ),
    ...(waiting ? [`waits    until ${time(waiting.until)}: ${waiting.reason}`] : []),
    ...deadLetters.map(
      ({ task, chunk, products, reason }) =>
        `dead     ${task} of chunk ${chunk} (${plural(products, 'product')}): ${reason}`,
    ),
    ...(deadLetters.length > 0 ? [`Repair the cause, then: npx zx scripts/jobs.mjs redrive ${id}`] : []),
  ];
  return { data, text: lines.join('\n') };
}

/** @param {Job} job @param {JobStep} step */
async function watch(job, { signal, onProgress, note }) {
  note(`The job goes on without you. Stop it: npx zx scripts/jobs.mjs cancel ${job.id}`);
  const { report, failures } = await job.result({ signal, onProgress });
  for (const { id, stage, reason } of failures.slice(0, 10)) console.error(`failed: ${stage} of ${id}: ${reason}`);
  const { name, folder, failed, seconds } = report;
  const made = Object.values(definitions).map(({ made }) => `${count(report[made])} ${made}`);
  return {
    data: { ...report, failures },
    text: `${name}: ${made.join(', ')}, ${count(failed)} failed, in ${seconds.toFixed(1)} s, in ${folder}`,
  };
}

/** @param {Job} job */
async function cancel(job) {
  const cancelled = await job.cancel();
  const { state } = await job.progress();
  return {
    data: { job: job.id, state },
    text: cancelled
      ? `${job.id} is cancelled. Go on with it: npx zx scripts/jobs.mjs resume ${job.id}`
      : `${job.id} had ended already: it is ${state}.`,
  };
}

/** @param {Job} job @param {JobStep} step */
async function resume(job, { signal }) {
  await job.resume({ signal });
  return { data: { job: job.id }, text: `${job.id} goes on. See it end: npx zx scripts/jobs.mjs watch ${job.id}` };
}

/** @param {Job} job @param {JobStep} step */
async function redrive(job, { aws, signal }) {
  const letters = await redriveDeadLetters(aws, job.id, signal);
  const sent = tasks.flatMap((task) => {
    const own = letters.filter((letter) => letter.task === task);
    const products = own.reduce((sum, letter) => sum + letter.products, 0);
    return own.length > 0 ? [{ task, messages: own.length, products }] : [];
  });
  const parts = sent.map(
    ({ task, messages, products }) => `${count(messages)} of ${task} (${count(products)} products)`,
  );
  return {
    data: { job: job.id, redriven: letters.length, tasks: sent },
    text:
      letters.length > 0
        ? `${count(letters.length)} dead letters of ${job.id} are in their queues again: ${parts.join(', ')}. See it ` +
          `end: npx zx scripts/jobs.mjs watch ${job.id}`
        : `${job.id} has no dead letters.`,
  };
}

/** @param {Job} job */
async function remove(job) {
  await job.remove();
  return { data: { job: job.id }, text: `${job.id} is forgotten.` };
}

/** The time of day. @param {number} milliseconds */
const time = (milliseconds) => new Date(milliseconds).toTimeString().slice(0, 8);

/** @param {Job} job @param {readonly DeadLetter[]} deadLetters */
async function summary(job, deadLetters) {
  const { state, reason, tasks, waiting, seconds, unfinished } = await job.progress();
  const { id, name, folder, products } = job;
  // Of the task that has come the least far.
  const share = Math.min(...tasks.map(({ done, total }) => (total === 0 ? 1 : done / total)));
  const done = tasks.length === 0 ? null : state === 'completed' ? 1 : Math.floor(100 * share) / 100;
  return {
    id,
    name,
    folder,
    state,
    reason: reason ?? null,
    products,
    tasks,
    waiting: waiting ?? null,
    unfinished,
    done,
    deadLetters: deadLetters.map(({ body: _body, ...letter }) => letter),
    seconds,
  };
}
