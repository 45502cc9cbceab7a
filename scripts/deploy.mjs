#!/usr/bin/env zx
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { clients, PipelineError } from '../dist/index.js';
import {
  clientSettings,
  codeParameter,
  definitions,
  deploymentTemplate,
  replaceFile,
  tasks,
} from '../dist/internal.js';
import { apply, foresee, megabytes, takeAway } from './deploy/actions.mjs';
import { architectures, bundle } from './deploy/bundle.mjs';
import { checkNames, free, keyMissing, ownStack } from './deploy/checks.mjs';
import { isUnfinished } from './deploy/stack.mjs';
import { hasBucket, keyOf } from './deploy/upload.mjs';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';

/**
 * @import { Aws } from '../dist/index.js'
 * @import { Result } from './deploy/actions.mjs'
 * @import { Architecture } from './deploy/bundle.mjs'
 * @import { Parameters } from './deploy/change-set.mjs'
 * @import { Step } from './lib/cli.mjs'
 * @import { Options, Values } from './lib/options.mjs'
 */

/** The tasks whose functions are given a whole core. */
const onWholeCore = tasks.filter((task) => definitions[task].lambda.memory === 'memory');

/** ARNs of a service, with commas between. @param {string} service @param {string} resource */
function arnsOf(service, resource) {
  const arn = `arn:aws[\\w-]*:${service}:[\\w-]+:\\d{12}:${resource}`;
  return new RegExp(`^${arn}(,${arn})*$`);
}

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
  'image-bucket': {
    type: 'string',
    value: 'BUCKET',
    clears: true,
    help: "another bucket that the table's images are in, for the functions to read (ML_PIPELINE_IMAGE_BUCKET)",
  },
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
  'kms-key': {
    type: 'string',
    value: 'ARN',
    clears: true,
    pattern: arnsOf('kms', 'key/[\\w-]+'),
    example: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    help: 'a KMS key of your own that encrypts the bucket or the tables, or several with commas between',
  },
  'object-tags': {
    type: 'string',
    value: 'none|copy',
    choices: ['none', 'copy'],
    help: 'copy: images have tags, which an export copies',
  },
  'alarm-topic': {
    type: 'string',
    value: 'ARN',
    clears: true,
    pattern: arnsOf('sns', '[\\w-]+'),
    example: 'arn:aws:sns:eu-west-1:123456789012:alarms',
    help: 'an SNS topic that receives the alarms',
  },
  aws: consent,
  json,
});

const exclusive = /** @type {const} */ (['dry-run', 'remove', 'bundle-only']);

await cli(
  {
    usage: 'npx zx scripts/deploy.mjs [--stack NAME] [--dry-run | --remove | --bundle-only DIR] [--aws] [--json]',
    about:
      'Deploys the queues and their Lambda functions by CloudFormation, or brings them up to date. What is ' +
      'not given stays as it was deployed.',
    options,
    resume: 'Nothing was deployed; run it again.',
  },
  async ({ values, ...step }) => {
    const modes = exclusive.filter((mode) => values[mode] !== undefined);
    if (modes.length > 1) throw new UsageError(`--${modes[0]} and --${modes[1]} exclude each other`);
    const wanted = wantedParameters(values);
    const folder = values['bundle-only'];
    const result =
      folder === undefined ? await deploy(values, wanted, step) : await bundleOnly(folder, values, step.signal);
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
  await replaceFile(path.join(folder, 'template.json'), `${JSON.stringify(deploymentTemplate, null, 2)}\n`);
  return { data: { zips }, text: zips.map(({ file, bytes }) => `${file}  ${megabytes(bytes)}`).join('\n') };
}

/** @param {Values<typeof options>} values @param {Parameters} wanted @param {Step} step @returns {Promise<Result>} */
async function deploy(values, wanted, step) {
  const { signal } = step;
  const aws = clients({ allowAws: values.aws, stack: values.stack });
  const client = new CloudFormationClient(clientSettings('CLOUDFORMATION', { allowAws: values.aws }));
  const cloud = { client, real: aws.real, endpoint: aws.endpoint };
  try {
    await announce(aws);
    const name = aws.stack;
    // The first request: it fails where nobody answers, and where the credentials are not known.
    const seeded = await hasBucket(aws, aws.bucket, signal);
    const stack = ownStack(await free(cloud, name, signal), name);
    if (values.remove) return await takeAway(cloud, aws, stack, values.bucket, step);
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
    /** @type {Parameters} */
    const named = aws.imageBucket === undefined ? {} : { ImageBucket: aws.imageBucket };
    const settings = { ...defaults, ...pick(before?.parameters, Object.keys(defaults)), ...named, ...wanted };
    const missing = await keyMissing(aws, String(settings.KmsKeyArns ?? ''), signal);
    if (missing !== undefined) console.error(missing);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-deploy-'));
    try {
      const zips = await bundleAll(folder, settings.Architecture === 'arm64' ? 'arm64' : 'x64', signal);
      const keyed = zips.map((zip) => ({ ...zip, key: keyOf(name, zip) }));
      const codes = Object.fromEntries(keyed.map(({ task, key }) => [codeParameter(task), key]));
      const parameters = { ...settings, Table: aws.table, Bucket: aws.bucket, CodeBucket: codeBucket, ...codes };
      const template = JSON.stringify(deploymentTemplate);
      const goal = { cloud, aws, name, stack, before, codeBucket, zips: keyed, parameters, template };
      return await (values['dry-run'] ? foresee : apply)(goal, step);
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
  const { timeout, 'max-concurrency': concurrency, 'image-bucket': imageBucket } = values;
  if (imageBucket && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(imageBucket))
    throw new UsageError(`--image-bucket ${imageBucket} is not the name of a bucket: give it alone, without s3://`);
  if (concurrency === 1) throw new UsageError('--max-concurrency is 1, but AWS takes 2 or more; 0 for no limit');
  const wanted = {
    Architecture: values.architecture && lambdaName(values.architecture),
    MaxConcurrency: concurrency,
    Memory: values.memory,
    Timeout: timeout,
    // AWS asks for six times the timeout.
    Visibility: timeout && 6 * timeout,
    LogDays: values['log-days'],
    ImageBucket: imageBucket,
    KmsKeyArns: values['kms-key'],
    ObjectTags: values['object-tags'],
    AlarmTopicArn: values['alarm-topic'],
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
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
