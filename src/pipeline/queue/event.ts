/**
 * A message as Lambda's event source mapping hands it to a function. @see
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: {
    ApproximateReceiveCount: string;
    SentTimestamp: string;
    SenderId: string;
    ApproximateFirstReceiveTimestamp: string;
  };
  messageAttributes: Record<string, unknown>;
  md5OfBody: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

export interface SqsEvent {
  Records: SqsRecord[];
}

/** What a handler uses of Lambda's context. */
export interface Context {
  /** Milliseconds until the invocation is ended by force. */
  getRemainingTimeInMillis(): number;
  /** Not Lambda's: a local worker that is asked to stop says so. */
  signal?: AbortSignal;
}

/** The messages of a batch that failed and come back; the others are done. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

export type Handler = (event: SqsEvent, context: Context) => Promise<BatchResponse>;
