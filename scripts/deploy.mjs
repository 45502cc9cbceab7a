#!/usr/bin/env zx
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { clients, PipelineError } from '../dist/index.js';
import {
  clientSettings,
  codeParameter,
  definitions,
  deploymentTemplate,
  queueName,
  queueUrl,
  tasks,
} from '../dist/internal.js';
import { architectures, bundle } from './deploy/bundle.mjs';
import { change, isUnfinished, planChanges, readStack, removeStack, settled } from './deploy/stack.mjs';
import { hasBucket, keyOf, removeZips, upload } from './deploy/upload.mjs';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';

/**
 * @import { Aws, OnProgress } from '../dist/index.js'
 * @import { Architecture, Zip } from './deploy/bundle.mjs'
 * @import { Cloud, Event, Stack } from './deploy/stack.mjs'
 * @import { KeyedZip } from './deploy/upload.mjs'
 * @import { Options, Values } from './lib/options.mjs'
 * @typedef {{ signal: AbortSignal, onProgress: OnProgress }} Step
 * @typedef {{ data: object, text: string }} Result What is printed with and without --json.
 * @typedef {Record<string, string | number | undefined>} Parameters Of the template.
 */

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
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
/** @param {readonly Zip[]} zips */
const sizes = (zips) => zips.map(({ task, bytes }) => `${task.padEnd(8)} ${megabytes(bytes)}`);
/** @param {KeyedZip} zip */
const summary = ({ task, bytes, sha256, key }) => ({ task, bytes, sha256, key });

/** The tasks whose functions are given a whole core. */
const onWholeCore = tasks.filter((task) => definitions[task].lambda.memory === 'memory');

const options = /** @satisfies {Options} */ ({
  stack: {
    type: 'string',
    value: 'NAME',
    help: 'what its queues and functions are called after (default ml-pipeline)',
  },
  'dry-run': { type: 'boolean', help: 'say what would change' },
  remove: { type: 'boolean', help: 'take all of it away; images and exports stay' },
  'bundle-only': { type: 'string', value: 'DIR', help: "only write the functions' zips and the template to a folder" },
  architecture: {
    type: 'string',
    value: 'NAME',
    choices: architectures,
    help: 'arm64 or x64; default: arm64 on AWS, the one of this machine on a mock',
  },
  bucket: { type: 'string', value: 'BUCKET', help: "where the zips go; default: the catalogue's bucket" },
  'max-concurrency': {
    type: 'integer',
    min: 0,
    max: 1000,
    help: 'invocations at a time of each function, 2 to 1000, 0 for no limit; default 50, on a mock 0',
  },
  memory: {
    type: 'integer',
    value: 'MB',
    min: 512,
    max: 10_240,
    help: `of the ${onWholeCore.join(' and ')} functions, 512 to 10240; default 1769, a whole core`,
  },
  timeout: {
    type: 'integer',
    value: 'SECONDS',
    min: 30,
    max: 900,
    help: 'of an invocation, 30 to 900; default 300',
  },
  'log-days': { type: 'integer', value: 'DAYS', min: 1, max: 3653, help: 'how long logs are kept; default 14' },
  'alarm-topic': { type: 'string', value: 'ARN', help: 'an SNS topic that receives the alarms' },
  aws: consent,
  json,
});

const exclusive = /** @type {const} */ (['dry-run', 'remove', 'bundle-only']);

let afterwards = 'Nothing was deployed; run it again.';

await cli(
  {
    usage: 'npx zx scripts/deploy.mjs [--stack NAME] [--dry-run | --remove | --bundle-only DIR] [--aws] [--json]',
    about:
      'Deploys the queues and their Lambda functions by CloudFormation, or brings them up to date. What is ' +
      'not given stays as it was deployed.',
    options,
    resume: () => afterwards,
  },
  async ({ values, signal, onProgress }) => {
    const modes = exclusive.filter((mode) => values[mode] !== undefined);
    if (modes.length > 1) throw new UsageError(`--${modes[0]} and --${modes[1]} exclude each other`);
    const [empty] = Object.entries(values).find(([name, value]) => value === '' && name !== 'alarm-topic') ?? [];
    if (empty !== undefined) throw new UsageError(`--${empty} is empty; give a value`);
    const wanted = wantedParameters(values);
    const folder = values['bundle-only'];
    const result =
      folder === undefined
        ? await deploy(values, wanted, { signal, onProgress })
        : await bundleOnly(folder, values, signal);
    console.log(values.json ? JSON.stringify(result.data) : result.text);
  },
);

/**
 * @param {string} folder
 * @param {Values<typeof options>} values
 * @param {AbortSignal} signal
 * @returns {Promise<Result>}
 */
async function bundleOnly(folder, { aws, architecture = aws ? 'arm64' : hostArchitecture() }, signal) {
  const zips = await bundleAll(folder, architecture, signal);
  await writeFile(path.join(folder, 'template.json'), `${JSON.stringify(deploymentTemplate, null, 2)}\n`);
  return { data: { zips }, text: zips.map(({ file, bytes }) => `${file}  ${megabytes(bytes)}`).join('\n') };
}

/** @param {Values<typeof options>} values @param {Parameters} wanted @param {Step} step @returns {Promise<Result>} */
async function deploy(values, wanted, { signal, onProgress }) {
  const aws = clients({ allowAws: values.aws, stack: values.stack });
  const client = new CloudFormationClient(clientSettings('CLOUDFORMATION', { allowAws: values.aws }));
  const cloud = { client, real: aws.real, endpoint: aws.endpoint };
  try {
    await announce(aws);
    const name = aws.stack;
    // The first request: it fails where nobody answers, and where the credentials are not known.
    const seeded = await hasBucket(aws, aws.bucket, signal);
    const stack = ownStack(await free(cloud, name, signal), name);
    if (values.remove) return await takeAway(cloud, aws, stack, values, signal);
    const before = stack && isUnfinished(stack) ? undefined : stack;
    const codeBucket = values.bucket ?? before?.parameters.CodeBucket ?? aws.bucket;
    if (!seeded)
      throw new PipelineError(
        'aws.bucketMissing',
        `The bucket ${aws.bucket} does not exist at ${aws.endpoint}. Create and fill it with: npx zx scripts/seed.mjs`,
        { value: aws.bucket },
      );
    if (!(await hasBucket(aws, codeBucket, signal)))
      throw new UsageError(
        `--bucket ${codeBucket} does not exist at ${aws.endpoint}; create it, or leave --bucket out`,
      );
    if (!stack) await checkNames(aws);
    const defaults = defaultParameters(aws);
    // An earlier version may have had other parameters.
    const settings = { ...defaults, ...pick(before?.parameters, Object.keys(defaults)), ...wanted };
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-deploy-'));
    try {
      const zips = await bundleAll(folder, settings.Architecture === 'arm64' ? 'arm64' : 'x64', signal);
      const keyed = zips.map((zip) => ({ ...zip, key: keyOf(name, zip) }));
      const codes = Object.fromEntries(keyed.map(({ task, key }) => [codeParameter(task), key]));
      const parameters = { ...settings, Table: aws.table, Bucket: aws.bucket, CodeBucket: codeBucket, ...codes };
      const goal = {
        cloud,
        aws,
        name,
        stack,
        before,
        codeBucket,
        zips: keyed,
        parameters,
        template: JSON.stringify(deploymentTemplate),
      };
      return await (values['dry-run'] ? foresee : apply)(goal, { signal, onProgress });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    aws.close();
    client.destroy();
  }
}

/**
 * The parameters where neither a person nor an earlier deployment says otherwise; undefined for what has no default.
 *
 * @param {Aws} aws
 * @returns {Parameters}
 */
function defaultParameters(aws) {
  const defaults = Object.fromEntries(
    Object.entries(deploymentTemplate.Parameters).map(([name, { Default }]) => [name, Default]),
  );
  // LocalStack cannot limit the concurrency, and runs functions on this machine's processor.
  return aws.real ? defaults : { ...defaults, Architecture: lambdaName(hostArchitecture()), MaxConcurrency: 0 };
}

/**
 * Says what would change, and leaves nothing behind.
 *
 * @param {Goal} goal
 * @param {Step} step
 * @returns {Promise<Result>}
 */
async function foresee({ cloud, name, stack, before, zips, parameters, template }, { signal }) {
  /** @param {object[]} changes @param {string} text */
  const report = (changes, text) => ({
    data: { stack: name, status: 'planned', changes, zips: zips.map(summary) },
    text: [...sizes(zips), text].join('\n'),
  });
  if (stack && !before && stack.status !== 'REVIEW_IN_PROGRESS')
    return report([], `The stack ${name} is ${stack.status}: it would be removed and made anew.`);
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
async function apply(
  { cloud, aws, name, stack, before, codeBucket, zips, parameters, template },
  { signal, onProgress },
) {
  const onEvent = events();
  if (stack && !before) await removeStack(cloud, stack, name, { signal, onEvent });
  afterwards = 'What was uploaded is kept; run it again.';
  await upload(aws, codeBucket, zips, { signal, onProgress });
  const plan = await planChanges(cloud, name, { exists: before !== undefined, template, parameters, signal });
  afterwards =
    `The stack ${name} goes on without you. Run the same again: it waits for it. Or see it: aws cloudformation ` +
    `describe-stack-events --stack-name ${name}`;
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
 * @param {Values<typeof options>} values
 * @param {AbortSignal} signal
 * @returns {Promise<Result>}
 */
async function takeAway(cloud, aws, stack, { bucket }, signal) {
  afterwards = `The removal of the stack ${aws.stack} goes on without you. Run the same again: it waits for it.`;
  if (stack) await removeStack(cloud, stack, aws.stack, { signal, onEvent: events() });
  const keys = await removeZips(aws, bucket ?? stack?.parameters.CodeBucket ?? aws.bucket);
  const text = stack
    ? `The stack ${aws.stack} is removed, and ${keys.length} zips. Images and exports are kept.`
    : `There is no stack ${aws.stack}; ${keys.length} zips of it were removed.`;
  return { data: { stack: aws.stack, status: stack ? 'removed' : 'absent', zips: keys }, text };
}

/**
 * A stack of this name may be anything: it is neither changed nor removed unless it is one of the kit's.
 *
 * @param {Stack | undefined} stack
 * @param {string} name
 */
function ownStack(stack, name) {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS' || 'CopyCode' in stack.parameters) return stack;
  throw new PipelineError(
    'deploy.otherStack',
    `The stack ${name} was not made by this script. Deploy under another name: --stack NAME`,
    { value: name },
  );
}

/** The stack once nobody is changing it. @param {Cloud} cloud @param {string} name @param {AbortSignal} signal */
async function free(cloud, name, signal) {
  const stack = await readStack(cloud, name, signal);
  if (!stack?.status.endsWith('_IN_PROGRESS') || stack.status === 'REVIEW_IN_PROGRESS') return stack;
  console.error(`The stack ${name} is ${stack.status}: waiting for that to end.`);
  return settled(cloud, stack.id, { signal, onEvent: events() });
}

/** A stack can only make what is not there yet: a worker makes queues of the same names on a mock. @param {Aws} aws */
async function checkNames(aws) {
  for (const task of tasks) {
    const name = queueName(aws.stack, task);
    const there = await queueUrl(aws, name).catch((error) => {
      if (error.code !== 'queue.missing') throw error;
    });
    if (!there) continue;
    const anew = aws.real ? '' : ', or start the mock anew (npx zx scripts/down.mjs, then up.mjs)';
    throw new PipelineError(
      'deploy.nameTaken',
      `The queue ${name} is there already, but not by a deployment: a worker or a job made it. Deploy under ` +
        `another name (--stack NAME, and ML_PIPELINE_STACK=NAME for jobs)${anew}.`,
      { value: name },
    );
  }
}

/** @param {string} outDir @param {Architecture} architecture @param {AbortSignal} signal */
async function bundleAll(outDir, architecture, signal) {
  const zips = [];
  for (const task of tasks) {
    signal.throwIfAborted();
    zips.push(await bundle({ task, architecture, outDir, signal }));
  }
  return zips;
}

/** What a person asks for. @param {Values<typeof options>} values @returns {Parameters} */
function wantedParameters(values) {
  const { timeout, 'max-concurrency': concurrency } = values;
  if (concurrency === 1) throw new UsageError('--max-concurrency is 1, but AWS takes 2 or more; 0 for no limit');
  const wanted = {
    Architecture: values.architecture && lambdaName(values.architecture),
    MaxConcurrency: concurrency,
    Memory: values.memory,
    Timeout: timeout,
    // AWS asks for six times the timeout.
    Visibility: timeout && 6 * timeout,
    LogDays: values['log-days'],
    AlarmTopicArn: values['alarm-topic'],
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/** Prints a line for each event on stderr; in a terminal one line that changes. */
function events() {
  const { isTTY } = process.stderr;
  /** @param {Event} event */
  return ({ resource, type, status, reason }) => {
    const line = `${status} ${resource} (${type})${reason && status?.endsWith('_FAILED') ? `: ${reason}` : ''}`;
    process.stderr.write(isTTY ? `\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${line}\n`);
    if (isTTY && type === 'AWS::CloudFormation::Stack' && !status?.endsWith('_IN_PROGRESS')) process.stderr.write('\n');
  };
}

/** @param {Record<string, string> | undefined} object @param {readonly string[]} keys */
function pick(object = {}, keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}

/** @returns {Architecture} */
function hostArchitecture() {
  return process.arch === 'arm64' ? 'arm64' : 'x64';
}

/** @param {Architecture} architecture */
function lambdaName(architecture) {
  return architecture === 'x64' ? 'x86_64' : 'arm64';
}
