#!/usr/bin/env zx
import { clients, Pipeline } from '../dist/index.js';
import { definitions, readDeadLetters } from '../dist/internal.js';
import { announce, cli, UsageError } from './cli.mjs';
import { formatTable } from './table.mjs';

const actions = { list, show, watch, cancel, resume, redrive, remove };
let afterwards = 'The job goes on without you.';

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
      '  resume ID   go on with one that was cancelled, has failed or has lost messages',
      '  redrive ID  send its dead letters to the queues again',
      '  remove ID   forget it; what it made stays',
    ].join('\n'),
    options: {
      aws: { type: 'boolean', help: 'consent to a real AWS account' },
      json: { type: 'boolean', help: 'print one JSON object' },
    },
    positionals: 2,
    resume: () => afterwards,
  },
  async ({ values, positionals: [name = 'list', id], signal, onProgress }) => {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`there is no '${name}'; it can be ${Object.keys(actions).join(', ')}`);
    if ((action === list) !== (id === undefined))
      throw new UsageError(
        action === list ? `list takes no id; see one with: show ${id}` : `${name} needs the id of a job`,
      );
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    const pipeline = new Pipeline(aws);
    const result = await action({
      aws,
      pipeline,
      job: id === undefined ? undefined : await pipeline.job(id),
      signal,
      onProgress,
    });
    console.log(values.json ? JSON.stringify(result.data) : result.text);
    aws.close();
  },
);

async function list({ aws, pipeline }) {
  const [jobs, letters] = await Promise.all([pipeline.jobs(), readDeadLetters(aws)]);
  const data = await Promise.all(
    jobs.map((job) =>
      summary(
        job,
        letters.filter((letter) => letter.job === job.id),
      ),
    ),
  );
  const strangers = letters.filter((letter) => letter.job === undefined);
  const rows = data.map(({ id, name, folder, state, products, done, deadLetters, seconds }) => [
    id,
    name,
    state,
    products,
    done,
    deadLetters.length,
    seconds.toFixed(1),
    folder,
  ]);
  const table =
    rows.length > 0
      ? formatTable(['job', 'query', 'state', 'products', 'done', 'dead letters', 'seconds', 'folder'], rows)
      : 'There are no jobs. Start one: npx zx scripts/query.mjs --query 1 --queue';
  const notes = strangers.map(({ task, reason }) => `\nA dead letter of ${task} belongs to no job: ${reason}`);
  return { data: { jobs: data, strangers }, text: table + notes.join('') };
}

async function show({ job }) {
  const data = await summary(job, await job.deadLetters());
  const { id, name, folder, state, reason, products, tasks, deadLetters, seconds } = data;
  const lines = [
    `${id}: ${name}, ${state}${reason ? ` (${reason})` : ''}, ${products.toLocaleString('en-US')} products, ` +
      `${seconds.toFixed(1)} s, to ${folder}`,
    ...tasks.map(
      ({ task, done, total, failed }) =>
        `${task.padEnd(8)} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} images, ` +
        `${failed} failed`,
    ),
    ...deadLetters.map(
      ({ task, chunk, products, reason }) => `dead     ${task} of chunk ${chunk} (${products} products): ${reason}`,
    ),
    ...(deadLetters.length > 0 ? [`Mend the cause, then: npx zx scripts/jobs.mjs redrive ${id}`] : []),
  ];
  return { data, text: lines.join('\n') };
}

async function watch({ job, signal, onProgress }) {
  afterwards = `The job goes on without you. Stop it: npx zx scripts/jobs.mjs cancel ${job.id}`;
  const { report, failures } = await job.result({ signal, onProgress });
  for (const { id, stage, reason } of failures.slice(0, 10)) console.error(`failed: ${stage} of ${id}: ${reason}`);
  const { name, folder, failed, seconds } = report;
  const made = Object.values(definitions).map(({ made }) => `${report[made]} ${made}`);
  return {
    data: report,
    text: `${name}: ${made.join(', ')}, ${failed} failed, in ${seconds.toFixed(1)} s, in ${folder}`,
  };
}

async function cancel({ job }) {
  const cancelled = await job.cancel();
  const { state } = await job.progress();
  return {
    data: { job: job.id, state },
    text: cancelled
      ? `${job.id} is cancelled. Go on with it: npx zx scripts/jobs.mjs resume ${job.id}`
      : `${job.id} had ended already: it is ${state}.`,
  };
}

async function resume({ job, signal }) {
  await job.resume({ signal });
  return { data: { job: job.id }, text: `${job.id} goes on. See it end: npx zx scripts/jobs.mjs watch ${job.id}` };
}

async function redrive({ job, signal }) {
  const count = await job.redrive(signal);
  return {
    data: { job: job.id, redriven: count },
    text:
      count > 0 ? `${count} dead letters of ${job.id} are in their queues again.` : `${job.id} has no dead letters.`,
  };
}

async function remove({ job }) {
  await job.remove();
  return { data: { job: job.id }, text: `${job.id} is forgotten.` };
}

async function summary(job, deadLetters) {
  const { state, reason, tasks, seconds, unfinished } = await job.progress();
  const { id, name, folder, products } = job;
  const done = `${state === 'completed' ? 100 : Math.floor(100 * Math.min(...tasks.map(({ done, total }) => (total === 0 ? 1 : done / total))))}%`;
  return {
    id,
    name,
    folder,
    state,
    reason: reason ?? null,
    products,
    tasks,
    unfinished,
    done,
    deadLetters: deadLetters.map(({ body, ...letter }) => letter),
    seconds,
  };
}
