// What is looked at before a stack is touched.
import { GetBucketEncryptionCommand } from '@aws-sdk/client-s3';
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
    const restart = aws.real
      ? ''
      : ', or begin anew with an empty mock (npx zx scripts/down.mjs --delete, then up.mjs)';
    throw new PipelineError(
      'deploy.nameTaken',
      `The queue ${name} is there already, but not by a deployment: a worker or a job made it. Deploy under ` +
        `another name (--stack NAME, and ML_PIPELINE_STACK=NAME for jobs)${restart}.`,
      { value: name },
    );
  }
}

/**
 * Why the functions cannot use a bucket that a KMS key of one's own encrypts; undefined where they can, or where the
 * bucket does not say.
 *
 * @param {Pick<Aws, 's3' | 'bucket'>} aws
 * @param {string} keys The ARNs of the keys that they may use, with commas between.
 * @param {AbortSignal} [signal]
 */
export async function keyMissing({ s3, bucket }, keys, signal) {
  const key = await keyOf(s3, bucket, signal);
  if (key === undefined || keys.split(',').some((arn) => arn === key || arn.endsWith(`/${key}`))) return undefined;
  return (
    `The bucket ${bucket} is encrypted by the KMS key ${key}, which the functions may not use: their jobs will fail ` +
    'with AccessDenied. Deploy again with --kms-key and the ARN of the key.'
  );
}

/**
 * The key of one's own that encrypts what is put into a bucket. The key that AWS keeps for S3 needs no permission.
 *
 * @param {Aws['s3']} s3
 * @param {string} Bucket
 * @param {AbortSignal} [abortSignal]
 */
async function keyOf(s3, Bucket, abortSignal) {
  try {
    const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket }), { abortSignal });
    const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
    const { SSEAlgorithm = '', KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {};
    return SSEAlgorithm.startsWith('aws:kms') && !KMSMasterKeyID?.endsWith('alias/aws/s3') ? KMSMasterKeyID : undefined;
  } catch {
    // Not everybody may ask, and not every mock knows.
    abortSignal?.throwIfAborted();
    return undefined;
  }
}
