import type { Task } from './tasks/index.js';

/** What the queues, functions and the table of jobs of a stack are called. */
export const queueName = (stack: string, task: Task): string => `${stack}-${task}`;
export const deadLetterQueueName = (stack: string, task: Task): string => `${stack}-${task}-dead-letters`;
export const jobsTableName = (stack: string): string => `${stack}-jobs`;

/** Products of a message: as many as DynamoDB gives in one BatchGetItem. */
export const chunkSize = 100;

/** Messages that one invocation gets. Few, for a job of some hundred images to spread over several workers. */
export const batchSize = 2;

/** A message that was received so often without success goes to the dead-letter queue. */
export const maxReceiveCount = 5;

/** Days that a message waits, in a queue or a dead-letter queue: SQS's longest. */
export const retentionDays = 14;
