import type { Context as LambdaContext, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** What a handler uses of Lambda's context. */
export interface Context extends Pick<LambdaContext, 'getRemainingTimeInMillis'> {
  /** Not Lambda's own: aborted when a local worker is asked to stop. */
  signal?: AbortSignal;
}

/**
 * A Lambda function for a queue: the messages that it returns come back, the others are done.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
