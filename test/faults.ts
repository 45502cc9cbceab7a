import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Random, randomFrom } from '../src/work/random.js';
import { listen } from './proxy.js';

/**
 * What may happen to a call: AWS is out of order (500), overloaded (503, or its own kind of throttling), cuts the
 * connection before it does anything, answers late, breaks off in the middle of its answer, does as it is told and is
 * not heard, or leaves some items of a batch undone.
 */
export const faultKinds = ['error', 'throttle', 'reset', 'slow', 'cut', 'unheard', 'unprocessed'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultOptions {
  /** The share of all calls that meets each fault; of `unprocessed`, the share of the batches. */
  rates: Partial<Record<FaultKind, number>>;
  /** The same seed gives the same faults to the same calls in the same order. */
  seed: number;
  /** How late a slow answer is at most, in milliseconds; default 1000. */
  slow?: number;
}

export interface Faults {
  endpoint: string;
  /** How many calls met a fault, and how many there were. */
  injected(): { faults: number; calls: number };
  /** How many calls met each fault. */
  counts(): Record<FaultKind, number>;
  /** Resolves when so many calls have come in from now on. */
  after(calls: number): Promise<void>;
  close(): Promise<void>;
}

interface Call {
  method: string | undefined;
  url: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** A proxy before a mock of AWS, on a free port, in which a share of all calls meets a fault. */
export async function faultyProxy(upstream: string, { rates, seed, slow = 1000 }: FaultOptions): Promise<Faults> {
  const random = randomFrom(seed, 'faults');
  const counts = { error: 0, throttle: 0, reset: 0, slow: 0, cut: 0, unheard: 0, unprocessed: 0 };
  const agent = new http.Agent({ keepAlive: true });
  const waiting: { calls: number; reached: () => void }[] = [];
  let calls = 0;

  const server = http.createServer(async (request, response) => {
    calls++;
    for (const { reached } of waiting.filter((waiter) => waiter.calls === calls)) reached();
    const fault = drawn(request, rates, random);
    const share = random();
    // The client reads an answer only after all that it sends has been read; one that goes away takes only itself.
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const call = { method: request.method, url: request.url, headers: request.headers, body };
    if (fault) counts[fault]++;
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    if (fault === 'error' || fault === 'throttle') return refuse(call, response, fault);
    const answer = await forward(upstream, fault === 'unprocessed' ? half(call) : call, agent).catch(() => undefined);
    if (answer === undefined || fault === 'unheard') return void request.socket.destroy();
    if (fault === 'slow') await sleep(share * slow);
    if (fault === 'unprocessed') answer.body = withUnprocessed(call, answer.body);
    const { 'transfer-encoding': _, ...headers } = answer.headers;
    const isHead = request.method === 'HEAD';
    response.writeHead(answer.status, isHead ? headers : { ...headers, 'content-length': answer.body.length });
    if (fault !== 'cut') return void response.end(answer.body);
    response.flushHeaders();
    response.write(answer.body.subarray(0, Math.floor(share * answer.body.length)), () => response.destroy());
  });
  return {
    ...(await listen(server, agent)),
    injected: () => ({ faults: Object.values(counts).reduce((sum, count) => sum + count, 0), calls }),
    counts: () => ({ ...counts }),
    after: (more) => new Promise((reached) => waiting.push({ calls: calls + more, reached })),
  };
}

function drawn({ headers }: http.IncomingMessage, rates: FaultOptions['rates'], random: Random): FaultKind | undefined {
  // One number for each kind, so that a change of one rate leaves the faults of the others where they are.
  const hits = faultKinds.filter((kind) => random() < (rates[kind] ?? 0));
  const isBatch = headers['x-amz-target'] === 'DynamoDB_20120810.BatchWriteItem';
  return hits.find((kind) => kind !== 'unprocessed' || isBatch);
}

/** Sends a call on and reads the whole answer. */
async function forward(upstream: string, { method, url, headers, body }: Call, agent: http.Agent): Promise<Answer> {
  const { hostname, port } = new URL(upstream);
  const onward = http.request({ hostname, port, method, path: url, headers, agent });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) =>
    onward.once('response', resolve).once('error', reject),
  );
  onward.end(body);
  const answer = await answered;
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
}

const Batch = z.object({ RequestItems: z.record(z.string(), z.array(z.unknown())) });

/** The first half of the items of each table, rounded up. */
function half(call: Call): Call {
  const { RequestItems, ...others } = Batch.loose().parse(JSON.parse(call.body.toString()));
  const kept = Object.entries(RequestItems).map(([table, items]) => [
    table,
    items.slice(0, Math.ceil(items.length / 2)),
  ]);
  const body = Buffer.from(JSON.stringify({ ...others, RequestItems: Object.fromEntries(kept) }));
  return { ...call, body, headers: { ...call.headers, 'content-length': String(body.length) } };
}

/** The answer to the first half as that to the whole, without the checksum that it no longer has. */
function withUnprocessed(call: Call, answer: Buffer): Buffer {
  const { RequestItems } = Batch.parse(JSON.parse(call.body.toString()));
  const left = Object.entries(RequestItems)
    .map(([table, items]) => [table, items.slice(Math.ceil(items.length / 2))] as const)
    .filter(([, items]) => items.length > 0);
  return Buffer.from(JSON.stringify({ ...JSON.parse(answer.toString()), UnprocessedItems: Object.fromEntries(left) }));
}

const names = {
  error: { dynamodb: 'InternalServerError', sqs: 'InternalFailure', s3: 'InternalError', status: 500 },
  throttle: {
    dynamodb: 'ProvisionedThroughputExceededException',
    sqs: 'ThrottlingException',
    s3: 'SlowDown',
    status: 503,
  },
};

/** Answers as each service does. */
function refuse({ headers }: Call, response: http.ServerResponse, fault: 'error' | 'throttle'): void {
  const { dynamodb, sqs, s3, status } = names[fault];
  const target = String(headers['x-amz-target'] ?? '');
  if (target) {
    const __type = target.startsWith('DynamoDB')
      ? `com.amazonaws.dynamodb.v20120810#${dynamodb}`
      : `com.amazonaws.sqs#${sqs}`;
    response.writeHead(fault === 'error' ? 500 : 400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type, message: 'Please try again later' }));
  } else {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${s3}</Code><Message>Please try again later.</Message></Error>`);
  }
}
