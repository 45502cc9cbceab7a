import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { Task } from './tasks/index.js';

/** What the queues, functions and the table of jobs of a stack are called. */
export const queueName = (stack: string, task: Task): string => `${stack}-${task}`;
export const deadLetterQueueName = (stack: string, task: Task): string => `${stack}-${task}-dead-letters`;
export const jobsTableName = (stack: string): string => `${stack}-jobs`;

/** The keys of the table of jobs, as DynamoDB and CloudFormation both take them. */
export const jobsTableKeys = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'job', AttributeType: 'S' },
    { AttributeName: 'part', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'job', KeyType: 'HASH' },
    { AttributeName: 'part', KeyType: 'RANGE' },
  ],
} satisfies Pick<CreateTableCommandInput, 'BillingMode' | 'AttributeDefinitions' | 'KeySchema'>;

/** Products in a message, at most: as many as one BatchGetItem reads. */
export const mostProducts = 100;

/** Images that a task makes of one message, at most: a handler has to get through them before its time is over. */
const mostImages = 1000;

/** Products in each message of a job that makes so many images of each of them. */
export const chunkSizeOf = (imagesEach: number): number =>
  Math.max(1, Math.min(mostProducts, Math.floor(mostImages / imagesEach)));

/** Messages in an invocation. Few, so that a job of some hundred images spreads over several workers. */
export const batchSize = 2;

/** How often a message is received without success before it goes to the dead-letter queue. */
export const maxReceiveCount = 5;

/** Days that a message waits, in a queue or a dead-letter queue: SQS's longest. */
export const retentionDays = 14;
