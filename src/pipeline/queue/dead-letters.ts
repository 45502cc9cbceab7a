import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { Aws } from '../../aws/index.js';
import { idSchema } from '../../catalogue/index.js';
import { chunks } from '../../work/index.js';
import { jsonOf } from './message.js';
import { queueUrl } from './provision.js';
import { deadLetterQueueName, maxReceiveCount, queueName } from './settings.js';
import { type Task, tasks } from './tasks/index.js';

/** A message that no handler could deal with. */
export interface DeadLetter {
  task: Task;
  /** The job that it belongs to; undefined where it is no message of the kit's. */
  job: string | undefined;
  /** The number of the chunk, from 0. */
  chunk: number | undefined;
  /** The products in it. */
  products: number;
  /** The error's code, for programs. */
  code: string;
  /** Why it failed, for people. */
  reason: string;
  body: string;
}

/** The dead letters of all queues, or of one job; they stay where they are. */
export async function readDeadLetters(aws: Aws, job?: string, signal?: AbortSignal): Promise<DeadLetter[]> {
  const letters = await Promise.all(
    tasks.map(async (task) => {
      const found: DeadLetter[] = [];
      for await (const message of messagesOf(aws, task, signal)) found.push(letterOf(task, message));
      return found;
    }),
  );
  return letters.flat().filter((letter) => job === undefined || letter.job === job);
}

/** Sends the dead letters of a job back to their queues; returns them. */
export async function redriveDeadLetters(aws: Aws, job: string, signal?: AbortSignal): Promise<DeadLetter[]> {
  const redriven = await Promise.all(
    tasks.map(async (task) => {
      const sent: DeadLetter[] = [];
      for await (const message of messagesOf(aws, task, signal)) {
        const letter = letterOf(task, message);
        if (letter.job !== job) continue;
        const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
        // By an attribute its handler knows that earlier attempts may have left images.
        const MessageAttributes = { redriven: { DataType: 'String', StringValue: 'yes' } };
        await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: message.Body, MessageAttributes }));
        await message.remove();
        sent.push(letter);
      }
      return sent;
    }),
  );
  return redriven.flat();
}

/** Removes the dead letters of a job. */
export async function removeDeadLetters(aws: Aws, job: string): Promise<void> {
  await Promise.all(
    tasks.map(async (task) => {
      for await (const message of messagesOf(aws, task))
        if (letterOf(task, message).job === job) await message.remove();
    }),
  );
}

/** Seconds that a received dead letter is hidden from others, unless it is shown again before. */
const hidden = 10;

/** Milliseconds without a letter that is new, after which those that somebody else holds are not waited for. */
const patience = (hidden + 5) * 1000;

/**
 * The dead letters of a task, each once. SQS can only receive messages, which hides them from others: each letter that
 * is left is shown again at the end, or sooner where others look at the same time, and what others hold is waited for.
 */
async function* messagesOf(
  aws: Aws,
  task: Task,
  signal?: AbortSignal,
): AsyncGenerator<SqsMessage & { remove(): Promise<void> }> {
  const QueueUrl = await queueUrl(aws, deadLetterQueueName(aws.stack, task));
  if ((await countOf(aws, QueueUrl, signal)) === 0) return;
  const seen = new Set<string | undefined>();
  const held = new Map<string | undefined, SqsMessage>();
  let removed = 0;
  let news = performance.now();
  try {
    for (;;) {
      const { Messages = [] } = await aws.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: hidden,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      for (const message of Messages) held.set(message.MessageId, message);
      const fresh = Messages.filter(({ MessageId }) => !seen.has(MessageId));
      for (const message of fresh) {
        const { MessageId, ReceiptHandle } = message;
        seen.add(MessageId);
        news = performance.now();
        yield {
          ...message,
          async remove() {
            await aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
            held.delete(MessageId);
            removed++;
          },
        };
      }
      if (fresh.length > 0) continue;
      const late = performance.now() - news > patience;
      if (late || (await countOf(aws, QueueUrl, signal)) <= seen.size - removed) return;
      if (Messages.length > 0) continue;
      await showAgain(aws, QueueUrl, held);
      await sleep(1000 * Math.random(), undefined, { signal });
    }
  } finally {
    await showAgain(aws, QueueUrl, held);
  }
}

/** How many messages a queue has, those that somebody holds among them. */
async function countOf(aws: Aws, QueueUrl: string, signal?: AbortSignal): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    { abortSignal: signal },
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

/** Shows messages that were received to others again. One that is no longer there is no matter. */
async function showAgain(aws: Aws, QueueUrl: string, held: Map<string | undefined, SqsMessage>): Promise<void> {
  for (const some of chunks([...held.values()], 10)) {
    await aws.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: some.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 })),
      }),
    );
  }
  held.clear();
}

const bodySchema = z.object({ job: z.string(), chunk: z.int(), ids: z.array(idSchema) });

function letterOf(task: Task, { Body = '', MessageAttributes = {} }: SqsMessage): DeadLetter {
  const known = bodySchema.safeParse(jsonOf(Body)).data;
  return {
    task,
    job: known?.job,
    chunk: known?.chunk,
    products: known?.ids.length ?? 0,
    code: MessageAttributes.code?.StringValue ?? 'handler.silent',
    reason:
      MessageAttributes.reason?.StringValue ??
      `The handler gave no answer ${maxReceiveCount} times: it crashed, or ran out of time or memory. Its ` +
        'log tells more.',
    body: Body,
  };
}
