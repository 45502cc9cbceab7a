// What a deployment does: say what would change, change it, take it away.
import { planChanges } from './change-set.mjs';
import { events } from './events.mjs';
import { change, removeStack } from './stack.mjs';
import { removeZips, upload } from './upload.mjs';

/**
 * @import { Aws } from '../../dist/index.js'
 * @import { Step } from '../lib/cli.mjs'
 * @import { Zip } from './bundle.mjs'
 * @import { Parameters } from './change-set.mjs'
 * @import { Cloud, Stack } from './stack.mjs'
 * @import { KeyedZip } from './upload.mjs'
 */

/** @typedef {{ data: object, text: string }} Result What is printed with and without --json. */

/**
 * What a deployment is to bring about.
 *
 * @typedef {object} Goal
 * @property {Cloud} cloud
 * @property {Aws} aws
 * @property {string} name Of the stack.
 * @property {Stack | undefined} stack What is there.
 * @property {Stack | undefined} before The same; undefined for what has to be removed first.
 * @property {string} codeBucket
 * @property {KeyedZip[]} zips
 * @property {Parameters} parameters
 * @property {string} template
 */

/** @param {number} bytes */
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
/** @param {readonly Zip[]} zips */
const sizes = (zips) => zips.map(({ task, bytes }) => `${task.padEnd(8)} ${megabytes(bytes)}`);
/** @param {KeyedZip} zip */
const summary = ({ task, bytes, sha256, key }) => ({ task, bytes, sha256, key });

/**
 * Says what would change, and leaves nothing behind.
 *
 * @param {Goal} goal
 * @param {Step} step
 * @returns {Promise<Result>}
 */
export async function foresee({ cloud, name, stack, before, zips, parameters, template }, { signal }) {
  /** @param {object[]} changes @param {string} text */
  const report = (changes, text) => ({
    data: { stack: name, status: 'planned', changes, zips: zips.map(summary) },
    text: [...sizes(zips), text].join('\n'),
  });
  if (stack && !before && stack.status !== 'REVIEW_IN_PROGRESS')
    return report([], `The stack ${name} is ${stack.status}: it would be removed and made again.`);
  const plan = await planChanges(cloud, name, { exists: before !== undefined, template, parameters, signal });
  if (!plan) return report([], `The stack ${name} is up to date.`);
  await plan.drop();
  const lines = plan.changes.map(
    ({ action, resource, type, replacement }) =>
      `${action?.padEnd(7)} ${resource} (${type})${replacement ? ', replaced' : ''}`,
  );
  return report(plan.changes, lines.join('\n') || 'Something would change; the server does not say what.');
}

/** Makes or updates the stack. @param {Goal} goal @param {Step} step @returns {Promise<Result>} */
export async function apply(
  { cloud, aws, name, stack, before, codeBucket, zips, parameters, template },
  { signal, onProgress, note },
) {
  const onEvent = events();
  if (stack && !before) await removeStack(cloud, stack, name, { signal, onEvent });
  note('What was uploaded is kept; run it again.');
  await upload(aws, codeBucket, zips, { signal, onProgress });
  const plan = await planChanges(cloud, name, { exists: before !== undefined, template, parameters, signal });
  note(
    `The stack ${name} goes on without you. Run the same again: it waits for it. Or see it: aws cloudformation ` +
      `describe-stack-events --stack-name ${name}`,
  );
  const outputs = (plan ? await change(cloud, name, plan, { signal, onEvent }) : before)?.outputs ?? {};
  await removeZips(
    aws,
    codeBucket,
    zips.map(({ key }) => key),
  );
  const status = !plan ? 'unchanged' : before ? 'updated' : 'created';
  const head = {
    unchanged: `The stack ${name} is up to date: nothing to change.`,
    updated: `The stack ${name} is updated.`,
    created: `The stack ${name} is there.`,
  }[status];
  const width = Math.max(...Object.keys(outputs).map((key) => key.length));
  const lines = Object.entries(outputs)
    .sort()
    .map(([key, value]) => `${key.padEnd(width)}  ${value}`);
  const next =
    `Next: ${name === 'ml-pipeline' ? '' : `ML_PIPELINE_STACK=${name} `}npx zx scripts/query.mjs --query 1 ` +
    `--queue${aws.real ? ' --aws' : ''}`;
  return {
    data: { stack: name, status, zips: zips.map(summary), outputs },
    text: [...sizes(zips), head, ...lines, next].join('\n'),
  };
}

/**
 * Removes the stack, where there is one, and its zips.
 *
 * @param {Cloud} cloud
 * @param {Aws} aws
 * @param {Stack | undefined} stack
 * @param {string | undefined} bucket
 * @param {Step} step
 * @returns {Promise<Result>}
 */
export async function takeAway(cloud, aws, stack, bucket, { signal, note }) {
  note(`The removal of the stack ${aws.stack} goes on without you. Run the same again: it waits for it.`);
  if (stack) await removeStack(cloud, stack, aws.stack, { signal, onEvent: events() });
  const keys = await removeZips(aws, bucket ?? stack?.parameters.CodeBucket ?? aws.bucket);
  const text = stack
    ? `The stack ${aws.stack} is removed, and ${keys.length} zips. Images and exports are kept.`
    : `There is no stack ${aws.stack}; ${keys.length} zips of it were removed.`;
  return { data: { stack: aws.stack, status: stack ? 'removed' : 'absent', zips: keys }, text };
}
