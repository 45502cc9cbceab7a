import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { SQSEvent } from 'aws-lambda';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { type Task, tasks } from '../../src/pipeline/queue/tasks/index.js';
import { json, run } from '../scripts/script.js';

export const host = process.arch === 'arm64' ? 'arm64' : 'x64';

/** npm, which may have to fetch binaries, needs more of the environment than a script. */
const npm = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(HOME|npm_config_.*|https?_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);

const zipsSchema = z.object({
  zips: z.array(z.object({ task: z.enum(tasks), file: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** The zips of all tasks, made by deploy.mjs --bundle-only. */
export async function bundleInto(folder: string, architecture = host, env: Record<string, string> = {}) {
  return zipsSchema.parse(
    json(await run('deploy', ['--bundle-only', folder, '--architecture', architecture, '--json'], { ...npm, ...env })),
  ).zips;
}

export const entriesOf = async (zip: string): Promise<Record<string, Uint8Array>> => unzipSync(await readFile(zip));

export async function unpack(zip: string, folder: string): Promise<void> {
  for (const [name, bytes] of Object.entries(await entriesOf(zip))) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

const invoked = z.object({
  answers: z.array(z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })),
});

/** Hands events to a function's unpacked zip in a Node process of its own, each with the time that it has. */
export async function invoke(
  folder: string,
  invocations: { event: SQSEvent; milliseconds: number }[],
  env: Record<string, string>,
) {
  const child = spawn(process.execPath, [path.resolve('test/deploy/invoke.mjs'), folder], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify(invocations));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const parsed = invoked.safeParse(stdout === '' ? undefined : JSON.parse(stdout));
  if (!parsed.success) throw new Error(`The function in ${folder} gave no answer: ${stderr.slice(-2000)}`);
  return { answers: parsed.data.answers, stderr };
}

export interface TestMessage {
  id: string;
  body: string;
  receipt: string;
}

/** An event of messages as Lambda's event source mapping makes it. */
export function eventOf(task: Task, messages: readonly TestMessage[]): SQSEvent {
  return {
    Records: messages.map(({ id, body, receipt }) => ({
      messageId: id,
      receiptHandle: receipt,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'test',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${task}`,
      awsRegion: 'us-east-1',
    })),
  };
}
