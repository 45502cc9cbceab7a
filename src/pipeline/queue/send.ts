import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { type Aws, retryUnprocessed } from '../../aws/index.js';
import { concurrently, PipelineError } from '../../work/index.js';
import { encode, type Message, maxBytes } from './message.js';
import { queueUrl } from './provision.js';
import { queueName } from './settings.js';
import type { Task } from './tasks/index.js';

/** A message before it is given its version. */
export type Outgoing = Omit<Message, 'version'>;

/** Sends messages to the queues of their next steps, in batches; those that SQS does not take are sent again. *
 * @throws PipelineError `message.tooLarge`, `message.refused` where SQS says that a message itself is wrong.
 */
export async function send(
  aws: Aws,
  messages: Iterable<Outgoing>,
  signal?: AbortSignal,
  onSent: (count: number) => void = () => {},
): Promise<void> {
  await concurrently(
    batches(messages),
    async ({ task, bodies }) => {
      const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
      const entries = bodies.map((MessageBody, i): SendMessageBatchRequestEntry => ({ Id: String(i), MessageBody }));
      await retryUnprocessed(
        entries,
        async (Entries) => {
          const { Failed = [] } = await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [...Entries] }), {
            abortSignal: signal,
          });
          for (const { SenderFault, Code, Message } of Failed)
            if (SenderFault && !/throttl/i.test(String(Code))) throw refused(Code, Message);
          return entries.filter(({ Id }) => Failed.some((failed) => failed.Id === Id));
        },
        signal,
      );
      onSent(bodies.length);
    },
    { concurrency: 8, signal },
  );
}

const refused = (code = '', reason = ''): PipelineError =>
  new PipelineError('message.refused', `SQS does not take a message (${code}): ${reason}`, { value: code });

/** Up to ten messages for one queue, as many bytes as SQS takes at once. */
function* batches(messages: Iterable<Outgoing>): Generator<{ task: Task; bodies: string[] }> {
  let task: Task = 'copy';
  let bodies: string[] = [];
  let bytes = 0;
  for (const message of messages) {
    const next: Task = message.steps[0]?.task ?? task;
    const body = encode(message);
    const size = Buffer.byteLength(body);
    if (bodies.length > 0 && (bodies.length === 10 || bytes + size > maxBytes || next !== task)) {
      yield { task, bodies };
      bodies = [];
      bytes = 0;
    }
    task = next;
    bodies.push(body);
    bytes += size;
  }
  if (bodies.length > 0) yield { task, bodies };
}
