import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { type Aws, sdkClient } from '../../../aws/index.js';
import { messageOf, PipelineError } from '../../../work/index.js';
import { jsonOf } from '../message.js';
import { jobsTableName } from '../settings.js';
import { type Task, tasks } from '../tasks/index.js';
import {
  type JobPlan,
  type JobRecord,
  type JobState,
  jobStates,
  type ListedJob,
  type Outcome,
  outcomeSchema,
  planSchema,
} from './job-record.js';

const head = 'job';
const days = 24 * 60 * 60;

/** Where an item of a job is: the job itself, or what else is kept under its id. */
export const itemAt = ({ stack }: Aws, job: string, part = head) => ({
  TableName: jobsTableName(stack),
  Key: { job: { S: job }, part: { S: part } },
});

/** When DynamoDB may forget an item: after a month. */
export const expiry = (): AttributeValue => ({ N: String(Math.floor(Date.now() / 1000) + 30 * days) });

/** Whether a request's condition was not met. */
export const unmet = (error: unknown): boolean => error instanceof ConditionalCheckFailedException;

const now = (): AttributeValue => ({ N: String(Math.floor(Date.now() / 1000)) });

/** Writes the record of a new job, whose messages are still to be sent. */
export async function createJob(aws: Aws, id: string, plan: JobPlan): Promise<void> {
  const { TableName, Key } = itemAt(aws, id);
  await aws.dynamodb.send(
    new PutItemCommand({
      TableName,
      Item: { ...Key, expires: expiry(), state: { S: 'running' }, plan: { S: JSON.stringify(plan) }, sending: now() },
    }),
  );
}

/** Removes a job from the table. */
export async function forgetJob(aws: Aws, id: string): Promise<void> {
  await aws.dynamodb.send(new DeleteItemCommand(itemAt(aws, id)));
}

/** A job; undefined where there is none of this id. */
export async function readJob(aws: Aws, id: string, signal?: AbortSignal): Promise<JobRecord | undefined> {
  const { Item } = await aws.dynamodb.send(new GetItemCommand({ ...itemAt(aws, id), ConsistentRead: true }), {
    abortSignal: signal,
  });
  return Item && toRecord(Item);
}

export const unknownJob = ({ stack }: Aws, id: string): PipelineError =>
  new PipelineError(
    'job.unknown',
    `There is no job '${id}' in the stack ${stack}. List them: npx zx scripts/jobs.mjs`,
    { value: id },
  );

/** A job; where its record is malformed, what can be read of it. Undefined where there is none of this id. */
export async function findJob(aws: Aws, id: string): Promise<ListedJob | undefined> {
  const { Item } = await aws.dynamodb.send(new GetItemCommand({ ...itemAt(aws, id), ConsistentRead: true }));
  return Item && toListed(Item);
}

/** All jobs, the newest first; of those whose record is malformed, what can be read. */
export async function listRecords(aws: Aws, signal?: AbortSignal): Promise<ListedJob[]> {
  const pages = paginateScan(
    { client: sdkClient(aws.dynamodb, DynamoDBClient) },
    {
      TableName: jobsTableName(aws.stack),
      FilterExpression: 'part = :head',
      ExpressionAttributeValues: { ':head': { S: head } },
    },
    { abortSignal: signal },
  );
  const jobs: ListedJob[] = [];
  for await (const { Items = [] } of pages) jobs.push(...Items.map(toListed));
  return jobs.sort((a, b) => b.created.localeCompare(a.created));
}

const itemSchema = z.object({
  job: z.object({ S: z.string() }),
  state: z.object({ S: z.enum(jobStates) }),
  plan: z.object({ S: z.string() }),
  reason: z.object({ S: z.string() }).optional(),
  outcome: z.object({ S: z.string() }).optional(),
  backends: z.object({ SS: z.array(z.string()) }).optional(),
  sending: z.object({ N: z.coerce.number() }).optional(),
  waits: z.object({ S: z.string() }).optional(),
  waitsUntil: z.object({ N: z.coerce.number() }).optional(),
});

function toRecord(item: Record<string, AttributeValue>): JobRecord {
  try {
    const { job, state, plan, reason, outcome, backends, sending, waits, waitsUntil } = itemSchema.parse(item);
    return {
      ...planSchema.parse(JSON.parse(plan.S)),
      id: job.S,
      state: state.S,
      reason: reason?.S,
      outcome: outcome && outcomeSchema.parse(JSON.parse(outcome.S)),
      backends: backends?.SS ?? [],
      sending: sending && sending.N * 1000,
      waiting: waits && waitsUntil && { reason: waits.S, until: waitsUntil.N * 1000 },
    };
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new PipelineError(
      'job.malformed',
      `The record of the job ${item.job?.S} is not as this version of the kit writes it: ${reason}. Use the version ` +
        `that wrote it, or remove the job: npx zx scripts/jobs.mjs remove ${item.job?.S}`,
      { value: item.job?.S, cause },
    );
  }
}

/** What is shown of a record that is malformed, as far as it is there. */
const restSchema = z.object({
  name: z.string().catch('?'),
  folder: z.string().catch('?'),
  bucket: z.string().catch('?'),
  products: z.int().catch(0),
  created: z.iso.datetime().catch(new Date(0).toISOString()),
  steps: planSchema.shape.steps.optional().catch(undefined),
});

function toListed(item: Record<string, AttributeValue>): ListedJob {
  try {
    return toRecord(item);
  } catch (error) {
    const rest = restSchema.catch(restSchema.parse({})).parse(jsonOf(item.plan?.S ?? ''));
    return { ...rest, id: item.job?.S ?? '', state: 'malformed', reason: messageOf(error) };
  }
}

/**
 * Counts failures of a task, so that a job which fails everywhere stops early; returns how many there are so far, 0
 * where the job is no longer.
 */
export async function countFailures(aws: Aws, id: string, task: Task, failed: number): Promise<number> {
  const item = await change(aws, id, `ADD ${task}Failed :failed`, { ':failed': { N: String(failed) } });
  return Number(item?.[`${task}Failed`]?.N ?? 0);
}

/** Records a backend that the model of a job ran on. */
export const noteBackend = (aws: Aws, id: string, backend: string) =>
  change(aws, id, 'ADD backends :backend', { ':backend': { SS: [backend] } });

/** Records why a message of a job was put off, for so many seconds. */
export const noteWait = (aws: Aws, id: string, reason: string, seconds: number) =>
  change(aws, id, 'SET waits = :reason, waitsUntil = :until', {
    ':reason': { S: reason },
    ':until': { N: String(Math.ceil(Date.now() / 1000) + seconds) },
  });

/** A sign of life of whoever sends the messages of a job; without one for a while, nobody does any longer. */
export const noteSending = (aws: Aws, id: string) => change(aws, id, 'SET sending = :now', { ':now': now() });

/** Records that all messages of a job are sent. */
export const noteSent = (aws: Aws, id: string) => change(aws, id, 'REMOVE sending');

/**
 * Updates the item of a job, and returns it as it then is. A job that was removed meanwhile stays so: undefined.
 */
export async function change(
  aws: Aws,
  id: string,
  UpdateExpression: string,
  ExpressionAttributeValues?: Record<string, AttributeValue>,
): Promise<Record<string, AttributeValue> | undefined> {
  try {
    const { Attributes = {} } = await aws.dynamodb.send(
      new UpdateItemCommand({
        ...itemAt(aws, id),
        UpdateExpression,
        ConditionExpression: 'attribute_exists(#plan)',
        ExpressionAttributeNames: { '#plan': 'plan' },
        ExpressionAttributeValues,
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes;
  } catch (error) {
    if (unmet(error)) return undefined;
    throw error;
  }
}

/**
 * Moves a job to another state, if it is in the one that leads there: what it is then, why or with which outcome. A job
 * that runs again starts with nothing finished.
 *
 * @returns Whether it was in that state.
 */
export async function moveJob(
  aws: Aws,
  id: string,
  from: JobState,
  to: JobState,
  { reason, outcome }: { reason?: string; outcome?: Outcome } = {},
): Promise<boolean> {
  const values = {
    ':from': { S: from },
    ':to': { S: to },
    ...(reason !== undefined && { ':reason': { S: reason } }),
    ...(outcome && { ':outcome': { S: JSON.stringify(outcome) } }),
  };
  const set = [
    '#state = :to',
    ...(reason === undefined ? [] : ['reason = :reason']),
    ...(outcome ? ['outcome = :outcome'] : []),
  ];
  const remove = [
    ...(to === 'running' ? ['reason'] : []),
    ...(from === 'failed' ? ['finished', ...tasks.map((task) => `${task}Failed`)] : []),
  ];
  try {
    await aws.dynamodb.send(
      new UpdateItemCommand({
        ...itemAt(aws, id),
        UpdateExpression: `SET ${set.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
        ConditionExpression: '#state = :from',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: values,
      }),
    );
    return true;
  } catch (error) {
    if (unmet(error)) return false;
    throw error;
  }
}
