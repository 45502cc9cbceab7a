// What is looked at before a stack is touched.
import { PipelineError } from '../../dist/index.js';
import { queueName, queueUrl, tasks } from '../../dist/internal.js';
import { events } from './events.mjs';
import { readStack, settled } from './stack.mjs';

/**
 * @import { Aws } from '../../dist/index.js'
 * @import { Cloud, Stack } from './stack.mjs'
 */

/**
 * A stack of this name may be anything: it is neither changed nor removed unless it is one of the kit's.
 *
 * @param {Stack | undefined} stack
 * @param {string} name
 */
export function ownStack(stack, name) {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS' || 'CopyCode' in stack.parameters) return stack;
  throw new PipelineError(
    'deploy.otherStack',
    `The stack ${name} was not made by this script. Deploy under another name: --stack NAME`,
    { value: name },
  );
}

/** The stack once nobody is changing it. @param {Cloud} cloud @param {string} name @param {AbortSignal} signal */
export async function free(cloud, name, signal) {
  const stack = await readStack(cloud, name, signal);
  if (!stack?.status.endsWith('_IN_PROGRESS') || stack.status === 'REVIEW_IN_PROGRESS') return stack;
  console.error(`The stack ${name} is ${stack.status}: waiting for that to end.`);
  return settled(cloud, stack.id, { signal, onEvent: events() });
}

/** A stack can only make what is not there yet: a worker makes queues of the same names on a mock. @param {Aws} aws */
export async function checkNames(aws) {
  for (const task of tasks) {
    const name = queueName(aws.stack, task);
    const there = await queueUrl(aws, name).catch((error) => {
      if (error.code !== 'queue.missing') throw error;
    });
    if (!there) continue;
    const restart = aws.real ? '' : ', or restart the mock (npx zx scripts/down.mjs, then up.mjs)';
    throw new PipelineError(
      'deploy.nameTaken',
      `The queue ${name} is there already, but not by a deployment: a worker or a job made it. Deploy under ` +
        `another name (--stack NAME, and ML_PIPELINE_STACK=NAME for jobs)${restart}.`,
      { value: name },
    );
  }
}
