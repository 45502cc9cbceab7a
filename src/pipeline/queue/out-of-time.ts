import { type Aws, headOf } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { codeOf, isPassing } from './attempts.js';
import { readJob } from './jobs/jobs-table.js';

/** Milliseconds within which a server that works gives some answer; less than handlers keep in reserve. */
const patience = 1000;

/**
 * Why the time of a message was over: because a server is away, or accepts requests and does not answer them; else
 * because there was too much to do.
 *
 * @param error What the handler was stopped with.
 * @param end What stopped it: its own reason says nothing of servers.
 */
export async function outOfTime(aws: Aws, error: unknown, end: AbortSignal): Promise<unknown> {
  if (error !== end.reason && isPassing(codeOf(error))) return error;
  const signal = AbortSignal.timeout(patience);
  const questions = { S3: headOf(aws, 'jobs/none', signal), DynamoDB: readJob(aws, 'none', signal) };
  const silent = await Promise.all(
    Object.entries(questions).map(([server, answer]) =>
      answer.then(
        () => [],
        // A refusal is an answer.
        () => (signal.aborted ? [server] : []),
      ),
    ),
  );
  const servers = silent.flat().join(' and ');
  if (servers === '') {
    return new PipelineError(
      'message.outOfTime',
      'The function ran out of time before the chunk was done. Raise its timeout or its memory.',
      { cause: error },
    );
  }
  return new PipelineError(
    'aws.unreachable',
    `${servers} at ${aws.endpoint} accepts requests and does not answer them: it is overloaded or out of order.`,
    { value: aws.endpoint, cause: error },
  );
}
