import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { Aws } from '../../src/aws/clients.js';
import { queueUrl } from '../../src/pipeline/queue/provision.js';
import { queueName } from '../../src/pipeline/queue/settings.js';
import type { Task } from '../../src/pipeline/queue/tasks/index.js';

const urlOf = (aws: Aws, task: Task) => queueUrl(aws, queueName(aws.stack, task));

/** How many messages wait in a task's queue, and how many are taken or come back later. */
export async function depthOf(aws: Aws, task: Task) {
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: await urlOf(aws, task), AttributeNames: ['All'] }),
  );
  const number = (of: '' | 'NotVisible' | 'Delayed') => Number(Attributes[`ApproximateNumberOfMessages${of}`] ?? 0);
  return { waiting: number(''), taken: number('NotVisible') + number('Delayed') };
}

const total = async (aws: Aws, task: Task) => {
  const { waiting, taken } = await depthOf(aws, task);
  return waiting + taken;
};

/** Waits until a task's queue has so many messages, those that are taken among them. */
export const holds = (aws: Aws, task: Task, messages: number) => expect.poll(() => total(aws, task)).toBe(messages);
/** Waits until it has at most so many. */
export const holdsAtMost = (aws: Aws, task: Task, messages: number) =>
  expect.poll(() => total(aws, task)).toBeLessThanOrEqual(messages);

/** The body of a message that waits; it stays there. */
export async function peek(aws: Aws, task: Task): Promise<string> {
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: await urlOf(aws, task), VisibilityTimeout: 0, WaitTimeSeconds: 5 }),
  );
  return Messages[0]?.Body ?? '';
}

export async function sendBody(aws: Aws, task: Task, MessageBody: string): Promise<void> {
  await aws.sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(aws, task), MessageBody }));
}
