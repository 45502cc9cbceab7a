import { ChangeMessageVisibilityCommand, SendMessageCommand, type SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { type Aws, clients } from '../../aws/index.js';
import { allowedFailures, Failures } from '../../catalogue/index.js';
import type { Held, Part } from '../../dataset/index.js';
import { count, messageOf, PipelineError, shared, Tracker, visible } from '../../work/index.js';
import { type Attempts, codeOf, remedyOf } from './attempts.js';
import type { Context, Handler, QueueRecord } from './event.js';
import { completeJob, endJob } from './jobs/complete.js';
import { isCancelled, isTaken, whileRunning } from './jobs/folder-lock.js';
import type { JobRecord } from './jobs/job-record.js';
import { countFailures, noteBackend, noteWait, readJob } from './jobs/jobs-table.js';
import { getPart, putPart, removePart, removeResults } from './jobs/results.js';
import { markChunk, markShard } from './jobs/shards.js';
import { decode, jsonOf, type Message } from './message.js';
import { checkOfJob } from './of-job.js';
import { outOfTime } from './out-of-time.js';
import { queueUrl } from './provision.js';
import { send } from './send.js';
import { deadLetterQueueName, maxReceiveCount, queueName } from './settings.js';
import { begun, definitions, type Step, type Task } from './tasks/index.js';

/** Milliseconds that an invocation keeps to give back what it did not get to. */
const margin = 3000;

/**
 * The Lambda function of a task's queue: takes a batch of messages, does the task for each, and returns those that
 * failed, to be delivered again after a pause that doubles. Where a server is overloaded or away, its message waits for
 * minutes, longer each time. A message that never succeeds goes to the dead-letter queue with the reason. Warm
 * invocations keep their clients.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function queueHandler(task: Task): Handler {
  let aws: Aws | undefined;
  return async ({ Records }, context) => {
    aws ??= clients();
    const end = AbortSignal.timeout(Math.max(0, Math.floor(context.getRemainingTimeInMillis() - margin)));
    const signal = shared(context.signal ? AbortSignal.any([end, context.signal]) : end);
    const invocation: Invocation = { aws, task, context, signal };
    const failed = await Promise.all(
      Records.map(async (record) => ((await settle(invocation, record)) ? [] : [{ itemIdentifier: record.messageId }])),
    );
    return { batchItemFailures: failed.flat() };
  };
}

interface Invocation {
  aws: Aws;
  task: Task;
  context: Context;
  /** Aborts shortly before the invocation is ended by force. */
  signal: AbortSignal;
}

/** Whether a message is dealt with, so that the queue may forget it: done, sent again, or in the dead-letter queue. */
async function settle(invocation: Invocation, record: QueueRecord): Promise<boolean> {
  const { aws, task, context, signal } = invocation;
  try {
    signal.throwIfAborted();
    await handle(invocation, record);
    return true;
  } catch (error) {
    if (context.signal?.aborted) {
      await comeBack(aws, task, record, 0);
      return false;
    }
    const cause = signal.aborted ? await outOfTime(aws, error, signal) : error;
    const code = codeOf(cause);
    const reason = messageOf(cause);
    const attempts = attemptsOf(record);
    const remedy = remedyOf(code, attempts);
    const then = remedy.is === 'bury' ? 'It is a dead letter.' : `It comes again in ${remedy.seconds} s.`;
    console.error(
      `${task}: attempt ${attempts.received} of ${maxReceiveCount} at message ${record.messageId} failed: ${code}: ` +
        `${visible(reason)} ${then}`,
    );
    if (remedy.is === 'bury') return bury(aws, task, record, code, reason);
    if (remedy.is === 'wait' && (await putOff(aws, task, record, attempts.waits + 1, remedy.seconds))) {
      // For whoever looks at the job; that it cannot be noted is no matter.
      const job = aboutSchema.safeParse(jsonOf(record.body)).data?.job;
      if (job) await noteWait(aws, job, reason, remedy.seconds).catch(() => {});
      return true;
    }
    await comeBack(aws, task, record, remedy.seconds);
    return false;
  }
}

const aboutSchema = z.object({ job: z.string() });

/** How often a message was received, and put off: the copy that is sent then says so. */
function attemptsOf({ attributes, messageAttributes }: QueueRecord): Attempts {
  const waits = Math.max(0, Number(messageAttributes?.waits?.stringValue) || 0);
  return { received: Number(attributes.ApproximateReceiveCount), waits };
}

/** Whether no handler had a message before. One that was put off, or was a dead letter, has attributes. */
const isNew = ({ attributes, messageAttributes = {} }: QueueRecord): boolean =>
  attributes.ApproximateReceiveCount === '1' && Object.keys(messageAttributes).length === 0;

async function handle({ aws, task, signal }: Invocation, record: QueueRecord): Promise<void> {
  const message = decode(record.body);
  const [step, ...rest] = isNew(record) ? message.steps : message.steps.map(begun);
  if (step?.task !== task)
    throw new PipelineError(
      'message.otherTask',
      `The message is for the task ${step?.task}, this is the handler of ${task}. Send it to its own queue.`,
      { value: step?.task },
    );
  if (message.table !== aws.table || message.bucket !== aws.bucket) {
    throw new PipelineError(
      'message.otherCatalogue',
      `The message is about the table ${message.table} and the bucket ${message.bucket}, this handler is for ` +
        `${aws.table} and ${aws.bucket}. Set ML_PIPELINE_TABLE and ML_PIPELINE_BUCKET alike where jobs are ` +
        'started and where they are handled, or give each catalogue a stack of its own (ML_PIPELINE_STACK).',
      { value: message.bucket },
    );
  }
  const job = await readJob(aws, message.job, signal);
  // A message that comes twice may bring results back to a job that has tidied up.
  if (job?.state === 'completed') await removeResults(aws, job.id);
  if (job?.state !== 'running') return;

  checkOfJob(message, job);
  try {
    // As whoever started the job has it.
    const where = { ...aws, imageBucket: job.imageBucket };
    await whileRunning(aws, job, step, signal, (held) => doChunk(where, job, message, step, rest, held));
  } catch (error) {
    // What was done of the chunk stays, for when the job is resumed.
    if (isCancelled(error)) return;
    if (!isTaken(error)) throw error;
    await endJob(aws, job, 'failed', { reason: `${error.message} Then resume the job, which starts over.` });
  }
}

/** Does a step with a chunk of a running job. */
async function doChunk(
  aws: Aws,
  job: JobRecord,
  message: Message,
  step: Step,
  rest: readonly Step[],
  { confirm, signal }: Held,
): Promise<void> {
  const { chunk, folder, ids } = message;
  const { task } = step;
  const tracker = new Tracker(task, 'images', undefined, undefined);
  const part = await definitions[task].run(
    aws,
    {
      step,
      folder,
      ids,
      schema: job.schema,
      exported: () => getPart(aws, job.id, 'copy', chunk, signal),
      async noteBackend(backend) {
        if (!job.backends.includes(backend)) await noteBackend(aws, job.id, backend);
      },
    },
    { failures: new Failures(ids.length, Infinity), tracker, confirm, signal },
  );
  await putPart(aws, job.id, task, chunk, part, signal);
  // A message that comes again after this finds it marked, and does the rest again.
  const mark = await markChunk(aws, job.id, task, chunk, { done: tracker.done, failed: tracker.failed });
  if (!mark) return removePart(aws, job.id, task, chunk);
  if (mark.news && part.failures.length > 0) await stopIfHopeless(aws, job, task, part);
  if (rest.length > 0) await send(aws, [{ ...message, steps: [...rest] }], signal);
  else if (mark.full && (await markShard(aws, job, chunk))) await completeJob(aws, job.id, signal);
}

/** Ends a job as a direct run ends: where more items failed than it tolerates. */
async function stopIfHopeless(aws: Aws, job: JobRecord, task: Task, { failures }: Part): Promise<void> {
  const failed = await countFailures(aws, job.id, task, failures.length);
  if (failed <= allowedFailures(job.products)) return;
  const last = failures.at(-1);
  const reason =
    `${count(failed)} of ${count(job.products)} items failed in ${task}, among them ${last?.id}: ${last?.reason} ` +
    'What was done is kept; fix the cause and resume the job.';
  await endJob(aws, job, 'failed', { reason });
}

/** Sends a message to the dead-letter queue itself, for SQS would not say why. */
const bury = (aws: Aws, task: Task, { body }: QueueRecord, code: string, reason: string): Promise<boolean> =>
  sendCopy(aws, deadLetterQueueName(aws.stack, task), {
    MessageBody: body,
    MessageAttributes: { code: text(code), reason: text(reason.slice(0, 1000) || code) },
  });

/**
 * Sends a message again, to arrive after so many seconds. SQS counts its receipts anew: where it was only hidden for so
 * long, waiting would use its attempts up. Whether that succeeded.
 */
const putOff = (aws: Aws, task: Task, { body }: QueueRecord, waits: number, seconds: number): Promise<boolean> =>
  sendCopy(aws, queueName(aws.stack, task), {
    MessageBody: body,
    DelaySeconds: seconds,
    MessageAttributes: { waits: text(String(waits)) },
  });

/** A text as SQS takes it: without control characters and halves of characters. */
const text = (value: string) => ({
  DataType: 'String',
  StringValue: value.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd'),
});

async function sendCopy(aws: Aws, queue: string, message: Omit<SendMessageCommandInput, 'QueueUrl'>): Promise<boolean> {
  try {
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(aws, queue), ...message }));
    return true;
  } catch (error) {
    console.error(`A message cannot be sent to ${queue}: ${messageOf(error)}`);
    return false;
  }
}

/** Has a message come again after so many seconds; where that fails, it comes when its visibility timeout is over. */
async function comeBack(aws: Aws, task: Task, { receiptHandle }: QueueRecord, seconds: number): Promise<void> {
  try {
    const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
    await aws.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
    );
  } catch (error) {
    console.error(`${task}: a message cannot be given back early: ${messageOf(error)}`);
  }
}
