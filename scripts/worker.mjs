#!/usr/bin/env zx
import { clients } from '../dist/index.js';
import { ensureQueues, queueHandler, runWorker, tasks } from '../dist/internal.js';
import { announce, cli, UsageError } from './cli.mjs';

await cli(
  {
    usage: `npx zx scripts/worker.mjs [--tasks ${tasks.join()}] [--concurrency N]`,
    about:
      'Takes messages from the queues and does what they say, with the handlers that AWS Lambda runs. Run as ' +
      'many as there are cores.',
    options: {
      tasks: { type: 'string', value: 'LIST', default: tasks.join(), help: 'only these queues, joined by commas' },
      concurrency: { type: 'string', value: 'N', default: '1', help: 'batches at a time for each queue (default 1)' },
      visibility: {
        type: 'string',
        value: 'SECONDS',
        help: 'on a mock: how long a message stays hidden while a worker has it (default 60)',
      },
      beside: {
        type: 'string',
        value: 'PORT',
        help: "the port of the emulator that it belongs to, for 'down' to find it",
      },
      'give-up-after': {
        type: 'string',
        value: 'SECONDS',
        help: 'end when nobody has answered for so long; default never',
      },
      verbose: { type: 'boolean', help: 'a line for each batch' },
      aws: { type: 'boolean', help: 'consent to a real AWS account' },
    },
    resume: 'What was not done is in the queues again.',
  },
  async ({ values, signal }) => {
    const chosen = values.tasks.split(',');
    const unknown = chosen.find((task) => !tasks.includes(task));
    if (unknown !== undefined) throw new UsageError(`--tasks has '${unknown}'; the tasks are ${tasks.join(', ')}`);
    // The handlers find their clients by the environment, as in Lambda.
    if (values.aws) process.env.ML_PIPELINE_AWS = '1';
    const aws = clients();
    await announce(aws);
    const visibilityTimeout = wholeNumber(values.visibility, '--visibility', 43_200);
    const concurrency = wholeNumber(values.concurrency, '--concurrency', 64);
    const giveUpAfter = wholeNumber(values['give-up-after'], '--give-up-after', 86_400);
    await ensureQueues(aws, { visibilityTimeout });
    console.log(`The worker takes ${chosen.join(', ')} from ${aws.endpoint}, pid ${process.pid}. Stop it with Ctrl-C.`);
    process.send?.('ready', () => process.disconnect());
    await runWorker(aws, queueHandler, {
      signal,
      tasks: chosen,
      concurrency,
      giveUpAfter,
      visibilityTimeout,
      onBatch: ({ task, messages, failed, seconds }) =>
        values.verbose &&
        console.log(
          `${task}: ${messages} messages in ${seconds.toFixed(2)} s${failed > 0 ? `, ${failed} come back` : ''}`,
        ),
    });
    aws.close();
    signal.throwIfAborted();
  },
);

function wholeNumber(text, option, max) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new UsageError(`${option} is '${text}'; give a whole number from 1 to ${max}`);
}
