import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { type Aws, retryUnprocessed } from '../../aws/index.js';
import { messageOf, oneLine, PipelineError, shared } from '../../work/index.js';
import type { Handler } from './event.js';
import { ensureQueues, forgetQueues, queueUrl } from './provision.js';
import { batchSize, queueName } from './settings.js';
import { type Task, tasks } from './tasks/index.js';

/** A batch that a worker has handed to a handler. */
export interface Batch {
  task: Task;
  messages: number;
  /** How many of its messages failed and will be delivered again. */
  failed: number;
  seconds: number;
}

export interface WorkerOptions {
  /** Stops the worker. Messages that are being handled go back to their queues. */
  signal: AbortSignal;
  /** The queues to poll; default: all. */
  tasks?: readonly Task[];
  /** Invocations at a time for each queue; default 1. */
  concurrency?: number;
  /** Called after each batch. */
  onBatch?: (batch: Batch) => void;
  /** Receives a line when a handler throws, and when the server goes away or comes back; default: stderr. */
  log?: (line: string) => void;
  /** Seconds without an answer after which the worker gives up; default never. */
  giveUpAfter?: number | undefined;
  /**
   * On a mock: seconds that a message stays hidden while a worker has it; default 60 where the queues are not there
   * yet.
   */
  visibilityTimeout?: number | undefined;
}

/** A long poll, in seconds: shorter than the clients' own timeout. */
const pollSeconds = 10;

/** Seconds of a message's visibility timeout that a handler does not get, for the messages to be deleted in time. */
const spare = 2;

/**
 * Does on this machine what Lambda's event source mapping does: polls the queues, invokes their handlers with batches
 * in Lambda's form, and deletes the messages that succeeded. Several workers share the queues.
 *
 * @throws PipelineError `aws.unreachable` where `giveUpAfter` is given and nobody answers for so long.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 *
 * @example
 * await runWorker(aws, queueHandler, { signal: AbortSignal.timeout(60_000) });
 */
export async function runWorker(aws: Aws, handlerOf: (task: Task) => Handler, options: WorkerOptions): Promise<void> {
  const { concurrency = 1, log = console.error, giveUpAfter = Infinity, visibilityTimeout } = options;
  const prepare = () => ensureQueues(aws, { visibilityTimeout });
  await prepare();
  const connection = new Connection(aws, prepare, log, giveUpAfter);
  const givenUp = new AbortController();
  const signal = shared(AbortSignal.any([options.signal, givenUp.signal]));
  const loops = (options.tasks ?? tasks).flatMap((task) => {
    const handler = handlerOf(task);
    return Array.from({ length: concurrency }, async () => {
      while (!signal.aborted) {
        try {
          await takeBatch(aws, task, handler, { ...options, signal, log });
          connection.works();
        } catch (error) {
          if (!signal.aborted) await connection.fails(error, signal).catch((reason: unknown) => givenUp.abort(reason));
        }
      }
    });
  });
  await Promise.all(loops);
  givenUp.signal.throwIfAborted();
}

/** Receives messages, invokes the handler with them, and deletes those that succeeded. */
async function takeBatch(
  aws: Aws,
  task: Task,
  handler: Handler,
  { signal, onBatch, log }: WorkerOptions & { log: (line: string) => void },
): Promise<void> {
  const source = await sourceOf(aws, task);
  const { QueueUrl } = source;
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: pollSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: signal },
  );
  if (Messages.length === 0) return;
  const received = performance.now();
  if (signal.aborted) return giveBack(aws, QueueUrl, Messages);
  const getRemainingTimeInMillis = () =>
    Math.max(0, source.visibility - spare - (performance.now() - received) / 1000) * 1000;
  let failed: ReadonlySet<string>;
  try {
    const { batchItemFailures } = await handler(
      { Records: Messages.map((message) => recordOf(message, source)) },
      { getRemainingTimeInMillis, signal },
    );
    failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  } catch (error) {
    // As in Lambda, a handler that throws has failed with the whole batch.
    log(`The handler of ${task} failed: ${oneLine(messageOf(error))}`);
    if (signal.aborted) return giveBack(aws, QueueUrl, Messages);
    failed = new Set(Messages.map(({ MessageId = '' }) => MessageId));
  }
  const done = Messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  await retryUnprocessed(
    done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
    async (entries) => {
      const { Failed = [] } = await aws.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [...entries] }));
      return entries.filter(({ Id }) => Failed.some((one) => one.Id === Id && !one.SenderFault));
    },
  );
  onBatch?.({ task, messages: Messages.length, failed: failed.size, seconds: (performance.now() - received) / 1000 });
}

interface Source {
  QueueUrl: string;
  arn: string;
  region: string;
  /** Seconds. */
  visibility: number;
}

/** The queue of a task as it is now: its visibility timeout can change. */
async function sourceOf(aws: Aws, task: Task): Promise<Source> {
  const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'VisibilityTimeout'] }),
  );
  return {
    QueueUrl,
    arn: Attributes.QueueArn ?? '',
    visibility: Number(Attributes.VisibilityTimeout ?? 30),
    region: await aws.sqs.config.region(),
  };
}

/** A message in the form that a Lambda function receives. */
function recordOf(
  { MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes = {}, MessageAttributes = {} }: Message,
  { arn, region }: Source,
): SQSRecord {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: Attributes.SentTimestamp ?? '',
      SenderId: Attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue, BinaryValue, DataType }]) => [
        name,
        {
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType ?? 'String',
        },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: region,
  };
}

/** Makes messages that were not begun visible to other workers at once. */
async function giveBack({ sqs }: Aws, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 })),
    }),
  );
}

/** What a worker does when the server goes away, or comes back without its queues. */
class Connection {
  readonly #aws: Aws;
  readonly #prepare: () => Promise<void>;
  readonly #log: (line: string) => void;
  readonly #giveUpAfter: number;
  #lostAt: number | undefined;
  #attempts = 0;

  constructor(aws: Aws, prepare: () => Promise<void>, log: (line: string) => void, giveUpAfter: number) {
    this.#aws = aws;
    this.#prepare = prepare;
    this.#log = log;
    this.#giveUpAfter = giveUpAfter;
  }

  works(): void {
    if (this.#lostAt !== undefined) this.#log('The worker goes on.');
    this.#lostAt = undefined;
    this.#attempts = 0;
  }

  /** Waits a while, longer each time up to 2 s. */
  async fails(error: unknown, signal: AbortSignal): Promise<void> {
    if (this.#lostAt === undefined) {
      this.#lostAt = performance.now();
      this.#log(`The worker waits: ${oneLine(messageOf(error))}`);
    }
    if ((performance.now() - this.#lostAt) / 1000 > this.#giveUpAfter) throw error;
    await sleep(Math.min(2000, 100 * 2 ** this.#attempts++), undefined, { signal }).catch(() => {});
    // A restarted emulator has no queues.
    if (error instanceof QueueDoesNotExist || (error instanceof PipelineError && error.code === 'queue.missing')) {
      forgetQueues(this.#aws);
      await this.#prepare().catch(() => {});
    }
  }
}
