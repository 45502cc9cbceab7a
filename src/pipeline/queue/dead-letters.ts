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
    tasks.map((task) =>
      withDeadLetters(aws, task, signal, async (messages) => messages.map((message) => letterOf(task, message))),
    ),
  );
  return letters.flat().filter((letter) => job === undefined || letter.job === job);
}

/** Sends the dead letters of a job back to their queues; returns how many. */
export async function redriveDeadLetters(aws: Aws, job: string, signal?: AbortSignal): Promise<number> {
  const counts = await Promise.all(
    tasks.map((task) =>
      withDeadLetters(aws, task, signal, async (messages, DeadUrl) => {
        const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
        const mine = messages.filter((message) => letterOf(task, message).job === job);
        for (const { Body, ReceiptHandle } of mine) {
          // By an attribute its handler knows that earlier attempts may have left images.
          const MessageAttributes = { redriven: { DataType: 'String', StringValue: 'yes' } };
          await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: Body, MessageAttributes }));
          await aws.sqs.send(new DeleteMessageCommand({ QueueUrl: DeadUrl, ReceiptHandle }));
        }
        return mine;
      }),
    ),
  );
  return counts.flat().length;
}

/** Hides the dead letters of a task from others for as long as `look` takes. */
async function withDeadLetters<T>(
  aws: Aws,
  task: Task,
  signal: AbortSignal | undefined,
  look: (messages: SqsMessage[], url: string) => Promise<T[]>,
): Promise<T[]> {
  const QueueUrl = await queueUrl(aws, deadLetterQueueName(aws.stack, task));
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    { abortSignal: signal },
  );
  if (Attributes?.ApproximateNumberOfMessages === '0') return [];
  const messages = new Map<string, SqsMessage>();
  try {
    for (;;) {
      const { Messages = [] } = await aws.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 60,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      if (Messages.length === 0) break;
      for (const message of Messages) messages.set(message.MessageId ?? '', message);
    }
    return await look([...messages.values()], QueueUrl);
  } finally {
    // What was deleted meanwhile is not found, which is no matter.
    for (const some of chunks([...messages.values()], 10)) {
      await aws.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: some.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 })),
        }),
      );
    }
  }
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
