#!/usr/bin/env zx
import { clients } from '../dist/index.js';
import { count, ensureQueues, plural, queueHandler, runWorker, tasks } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, jsonLines, port } from './lib/cli.mjs';

await cli(
  {
    usage: `npx zx scripts/worker.mjs [--tasks ${tasks.join()}] [--concurrency N]`,
    about:
      'Takes messages from the queues and does what they say, with the handlers that AWS Lambda runs. Run as ' +
      'many as there are cores.',
    options: {
      tasks: {
        type: 'string',
        list: true,
        choices: tasks,
        default: tasks,
        help: 'only these queues, joined by commas',
      },
      concurrency: { type: 'integer', min: 1, max: 64, default: 1, help: 'batches at a time for each queue' },
      visibility: {
        type: 'integer',
        value: 'SECONDS',
        min: 1,
        max: 43_200,
        help: 'on a mock: how long a message stays hidden while a worker has it (default 60)',
      },
      beside: { ...port, help: "the port of the emulator that it belongs to, for 'down' to find it" },
      'give-up-after': {
        type: 'integer',
        value: 'SECONDS',
        min: 1,
        max: 86_400,
        help: 'end when nobody has answered for so long; default never',
      },
      verbose: { type: 'boolean', help: 'a line for each batch' },
      aws: consent,
      json: jsonLines('batch'),
    },
    resume: 'What was not done is in the queues again.',
  },
  async ({ values, signal }) => {
    // The handlers find their clients by the environment, as in Lambda.
    if (values.aws) process.env.ML_PIPELINE_AWS = '1';
    const aws = clients();
    await announce(aws);
    const { tasks: chosen, concurrency, visibility: visibilityTimeout, 'give-up-after': giveUpAfter } = values;
    await ensureQueues(aws, { visibilityTimeout });
    const say = values.json ? console.error : console.log;
    say(`The worker takes ${chosen.join(', ')} from ${aws.endpoint}, pid ${process.pid}. Stop it with Ctrl-C.`);
    process.send?.('ready', () => process.disconnect());
    await runWorker(aws, queueHandler, {
      signal,
      tasks: chosen,
      concurrency,
      giveUpAfter,
      visibilityTimeout,
      onBatch(batch) {
        const { task, messages, failed, seconds } = batch;
        if (values.json) console.log(JSON.stringify(batch));
        else if (values.verbose)
          console.log(
            `${task}: ${plural(messages, 'message')} in ${seconds.toFixed(2)} s` +
              `${failed > 0 ? `, ${count(failed)} come back` : ''}`,
          );
      },
    });
    aws.close();
    signal.throwIfAborted();
  },
);
