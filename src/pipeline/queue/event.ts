/**
 * A message as Lambda passes it to a function, as far as the kit reads it. Written out, not taken from `aws-lambda`:
 * the public declarations reach this file, and a notebook does not have that package.
 */
export interface QueueRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: { ApproximateReceiveCount: string };
  /** What the kit writes beside the body; absent in events that were made by hand. */
  messageAttributes?: Readonly<Record<string, { stringValue?: string | undefined }>>;
}

/** A batch of messages. */
export interface QueueEvent {
  Records: QueueRecord[];
}

/** What a handler uses of Lambda's context. */
export interface Context {
  /** Milliseconds until Lambda ends the invocation by force. */
  getRemainingTimeInMillis(): number;
  /** Not Lambda's own: aborted when a local worker is asked to stop. */
  signal?: AbortSignal;
}

/**
 * A Lambda function for a queue: the messages that it returns come back, the others are done.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export type Handler = (
  event: QueueEvent,
  context: Context,
) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
