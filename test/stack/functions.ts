import { readdirSync, readFileSync } from 'node:fs';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Aws } from '../../src/aws/clients.js';
import { queueUrl } from '../../src/pipeline/queue/provision.js';
import { queueName } from '../../src/pipeline/queue/settings.js';
import type { Task } from '../../src/pipeline/queue/tasks/index.js';
import { depthOf } from './queues.js';

/**
 * A request to a service of which the kit has no client. Mocks read the service and the region in the signature, and
 * do not check it.
 */
export async function ask(aws: Pick<Aws, 'endpoint'>, service: string, path: string, init: RequestInit = {}) {
  const scope = `test/20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=x`;
  const response = await fetch(new URL(path, aws.endpoint), { ...init, headers: { ...init.headers, authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} ${path}: ${response.status} ${text}`);
  return text;
}

const put = (body: object): RequestInit => ({
  method: 'PUT',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

const configurationSchema = z.object({
  MemorySize: z.number(),
  Timeout: z.number(),
  LastUpdateStatus: z.string().optional(),
});

/** The settings of a task's function, as they are now. */
export const configurationOf = async (aws: Aws, task: Task) =>
  configurationSchema.parse(
    JSON.parse(await ask(aws, 'lambda', `/2015-03-31/functions/${queueName(aws.stack, task)}/configuration`)),
  );

/** Changes settings of a task's function past the template, which does not go so low. */
export async function configure(aws: Aws, task: Task, settings: { Timeout: number }): Promise<void> {
  await ask(aws, 'lambda', `/2015-03-31/functions/${queueName(aws.stack, task)}/configuration`, put(settings));
  await expect.poll(async () => (await configurationOf(aws, task)).LastUpdateStatus ?? 'Successful').toBe('Successful');
}

const mappingSchema = z.object({ UUID: z.string(), State: z.string(), BatchSize: z.number() });

async function mappingOf(aws: Aws, task: Task) {
  const found = await ask(
    aws,
    'lambda',
    `/2015-03-31/event-source-mappings/?FunctionName=${queueName(aws.stack, task)}`,
  );
  const { EventSourceMappings } = z.object({ EventSourceMappings: z.array(mappingSchema) }).parse(JSON.parse(found));
  expect(EventSourceMappings).toHaveLength(1);
  return EventSourceMappings[0] ?? { UUID: '', State: '', BatchSize: 0 };
}

/** Changes the mapping between a task's queue and its function, and waits until it is so. */
export async function map(aws: Aws, task: Task, settings: { Enabled: boolean; BatchSize?: number }): Promise<void> {
  const { UUID } = await mappingOf(aws, task);
  await ask(aws, 'lambda', `/2015-03-31/event-source-mappings/${UUID}`, put(settings));
  const state = settings.Enabled ? 'Enabled' : 'Disabled';
  await expect.poll(async () => (await mappingOf(aws, task)).State).toBe(state);
}

/** How long a message of a function that gave no answer stays hidden: six times the timeout is too long for a test. */
export async function hideFor(aws: Aws, task: Task, seconds: number): Promise<void> {
  await aws.sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: await queueUrl(aws, queueName(aws.stack, task)),
      Attributes: { VisibilityTimeout: String(seconds) },
    }),
  );
}

/** Changes the settings of a function, and waits until its processes of before have ended. */
export async function renewed(aws: Aws, task: Task, change: () => Promise<void>): Promise<void> {
  const before = processesOf(queueName(aws.stack, task));
  await change();
  await expect.poll(() => before.some(isAlive)).toBe(false);
}

/** The processes of a function, which LocalStack and MiniStack both run on this machine. */
function processesOf(name: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && textOf(pid, 'environ').split('\0').includes(`AWS_LAMBDA_FUNCTION_NAME=${name}`));
}

const textOf = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
};

const isAlive = (pid: number): boolean => !/^(|\d+ \(.*\) [ZX] .*)$/s.test(textOf(pid, 'stat'));

/**
 * Stops the processes of a function, which has been called before, in the middle of what they do: whatever they begin,
 * they do not end it. `done` goes on with them, or ends them.
 */
export function freeze(aws: Aws, task: Task) {
  const pids = processesOf(queueName(aws.stack, task));
  expect(pids.length).toBeGreaterThan(0);
  const each = (signal: NodeJS.Signals) => {
    for (const pid of pids.filter(isAlive)) process.kill(pid, signal);
  };
  each('SIGSTOP');
  // A server that freezes them itself between two invocations lets them go on with the next.
  const timer = setInterval(() => each('SIGSTOP'), 2);
  return {
    /** Waits until a message is with one of them. */
    busy: () => expect.poll(async () => (await depthOf(aws, task)).taken).toBeGreaterThan(0),
    /** Waits until the server has ended one of them. */
    ended: () => expect.poll(() => pids.every(isAlive)).toBe(false),
    done(signal: 'SIGCONT' | 'SIGKILL') {
      clearInterval(timer);
      each(signal);
    },
  };
}
