import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { type Aws, sdkClient } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import {
  deadLetterQueueName,
  jobsTableKeys,
  jobsTableName,
  maxReceiveCount,
  queueName,
  retentionDays,
} from './settings.js';
import { tasks } from './tasks/index.js';

/** Seconds that a message is hidden from others on a mock while a worker has it. */
const defaultVisibility = 60;

/**
 * Makes sure of the queues, their dead-letter queues and the table of jobs. A mock gets what it lacks; on a real
 * account they come by deployment and are only looked for.
 *
 * @throws PipelineError `queue.missing` where a real account lacks them.
 */
export async function ensureQueues(
  aws: Aws,
  { visibilityTimeout }: { visibilityTimeout?: number | undefined } = {},
): Promise<void> {
  await Promise.all([
    aws.real ? checkTable(aws) : ensureTable(aws),
    ...tasks.map(async (task) => {
      const names = [deadLetterQueueName(aws.stack, task), queueName(aws.stack, task)] as const;
      if (aws.real) return void (await Promise.all(names.map((name) => queueUrl(aws, name))));
      const retention = { MessageRetentionPeriod: String(retentionDays * 24 * 60 * 60) };
      const deadUrl = await ensureQueue(aws, names[0], retention);
      const { Attributes } = await aws.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
      );
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount });
      const url = await ensureQueue(aws, names[1], {
        ...retention,
        RedrivePolicy,
        VisibilityTimeout: String(visibilityTimeout ?? defaultVisibility),
      });
      if (visibilityTimeout !== undefined)
        await aws.sqs.send(
          new SetQueueAttributesCommand({
            QueueUrl: url,
            Attributes: { VisibilityTimeout: String(visibilityTimeout) },
          }),
        );
    }),
  ]);
}

async function ensureQueue(aws: Aws, name: string, attributes: Record<string, string>): Promise<string> {
  try {
    return await queueUrl(aws, name);
  } catch (error) {
    if (!(error instanceof PipelineError && error.code === 'queue.missing')) throw error;
  }
  try {
    await aws.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  } catch (error) {
    // Another process of the same moment made it with other attributes.
    if (!(error instanceof Error && /QueueNameExists|QueueAlreadyExists/.test(error.name))) throw error;
  }
  return queueUrl(aws, name);
}

async function ensureTable({ dynamodb, stack }: Aws): Promise<void> {
  const TableName = jobsTableName(stack);
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        ...jobsTableKeys,
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists(
    { client: sdkClient(dynamodb, DynamoDBClient), maxWaitTime: 60, minDelay: 0.05, maxDelay: 1 },
    { TableName },
  );
}

async function checkTable(aws: Aws): Promise<void> {
  const name = jobsTableName(aws.stack);
  try {
    await aws.dynamodb.send(new DescribeTableCommand({ TableName: name }));
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'aws.tableMissing') throw missing(aws, `table ${name}`, error);
    throw error;
  }
}

const urls = new WeakMap<Aws, Map<string, string>>();

/**
 * The URL of a queue, asked for once.
 *
 * @throws PipelineError `queue.missing`
 */
export async function queueUrl(aws: Aws, name: string): Promise<string> {
  const known = urls.get(aws) ?? new Map<string, string>();
  urls.set(aws, known);
  const url = known.get(name);
  if (url !== undefined) return url;
  try {
    const { QueueUrl = '' } = await aws.sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    known.set(name, QueueUrl);
    return QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) throw missing(aws, `queue ${name}`, error);
    throw error;
  }
}

/** Forgets the queues' URLs: an emulator that was restarted has no queues. */
export function forgetQueues(aws: Aws): void {
  urls.delete(aws);
}

function missing(aws: Aws, what: string, cause: unknown): PipelineError {
  const remedy = aws.real
    ? 'Deploy the stack first: npx zx scripts/deploy.mjs --aws'
    : 'Start a worker, which makes it: npx zx scripts/worker.mjs';
  return new PipelineError('queue.missing', `There is no ${what} at ${aws.endpoint}. ${remedy}`, {
    value: what,
    cause,
  });
}
