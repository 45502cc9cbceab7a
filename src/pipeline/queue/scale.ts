import { PipelineError, didYouMean } from '../../errors.js';
import { type Task, batchSize, chunkSize, tasks } from './settings.js';

interface Assumption {
  value: number;
  unit: string;
  /** Where it comes from: a page of AWS's, or a measurement of the kit. */
  source: string;
}

const lambdaPrices = 'https://aws.amazon.com/lambda/pricing/ (us-east-1)';
const s3Prices = 'https://aws.amazon.com/s3/pricing/ (us-east-1)';
const dynamoPrices = 'https://aws.amazon.com/dynamodb/pricing/on-demand/ (us-east-1)';
const s3Limits = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html';
const scaling = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html';
const measured = 'measured with this kit, on one core';
const template = 'the template of the stack';

/** All that the estimate rests on; a person may know better. */
export const assumptions = {
  copyCpu: { value: 1.1, unit: 'ms an image and vCPU', source: measured },
  augmentCpu: { value: 5, unit: 'ms an image and vCPU', source: measured },
  inferCpu: { value: 5.5, unit: 'ms an image and vCPU (wasm)', source: measured },
  completion: { value: 17_000, unit: 'rows of metadata a second and vCPU', source: measured },
  latency: { value: 25, unit: 'ms a request, S3 and DynamoDB', source: 'AWS, within a region: 10 to 50' },
  imageConcurrency: { value: 64, unit: 'requests at a time in a function', source: 'src/bucket.ts' },
  variants: { value: 1, unit: 'augmented images of each', source: 'the query' },
  copyMemory: { value: 512, unit: 'MB', source: template },
  memory: { value: 1769, unit: 'MB, augment and infer', source: template },
  vcpuMemory: { value: 1769, unit: 'MB a vCPU', source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html' },
  timeout: { value: 300, unit: 's of an invocation', source: template },
  maxConcurrency: { value: 50, unit: 'invocations at a time of each function', source: template },
  accountConcurrency: { value: 1000, unit: 'invocations at a time', source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html' },
  rampStart: { value: 5, unit: 'invocations at once', source: scaling },
  rampPerMinute: { value: 300, unit: 'invocations more each minute', source: scaling },
  s3Writes: { value: 3500, unit: 'puts and copies a second and prefix', source: s3Limits },
  s3Reads: { value: 5500, unit: 'gets a second and prefix', source: s3Limits },
  s3Partitions: { value: 1, unit: 'prefixes that S3 has split each folder into', source: s3Limits },
  jobWrites: { value: 1000, unit: 'write units a second, the partition of a job', source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html' },
  lambdaSecond: { value: 0.0000133334, unit: 'USD a GB-second (arm64)', source: lambdaPrices },
  lambdaRequests: { value: 0.2, unit: 'USD a million invocations', source: lambdaPrices },
  sqsRequests: { value: 0.4, unit: 'USD a million requests', source: 'https://aws.amazon.com/sqs/pricing/ (us-east-1)' },
  s3WriteRequests: { value: 5, unit: 'USD a million puts and copies', source: s3Prices },
  s3ReadRequests: { value: 0.4, unit: 'USD a million gets', source: s3Prices },
  readUnits: { value: 0.125, unit: 'USD a million read units', source: dynamoPrices },
  writeUnits: { value: 0.625, unit: 'USD a million write units', source: dynamoPrices },
  queryUnits: { value: 0.033, unit: 'read units a product found by a scan', source: 'measured with this kit: 1,335 for 39,930' },
} satisfies Record<string, Assumption>;

export type Assumptions = Record<keyof typeof assumptions, number>;

/** The assumptions, some of them replaced. @throws PipelineError `scale.unknown`, `scale.notPositive` */
export function assume(changes: Readonly<Record<string, number>> = {}): Assumptions {
  const names = Object.keys(assumptions);
  for (const [name, value] of Object.entries(changes)) {
    if (!names.includes(name)) throw new PipelineError('scale.unknown', `There is no assumption '${name}'.${didYouMean(name, names)} They are ${names.join(', ')}.`, { value: name });
    if (!(value > 0 && Number.isFinite(value))) throw new PipelineError('scale.notPositive', `The assumption ${name} is ${value}; give a number above 0.`, { value });
  }
  const given = Object.entries(assumptions).map(([name, { value }]) => [name, changes[name] ?? value]);
  return Object.fromEntries(given) as Assumptions;
}

/** What one message asks of AWS, in one task. */
interface Demand {
  /** Seconds of an invocation that has a batch of such messages. */
  seconds: number;
  gigabytes: number;
  writes: number;
  reads: number;
  readUnits: number;
}

function demandOf(task: Task, a: Assumptions): Demand {
  const images = task === 'augment' ? chunkSize * a.variants : chunkSize;
  const requests = { copy: chunkSize, augment: chunkSize + images, infer: chunkSize }[task];
  const cpu = { copy: a.copyCpu, augment: a.augmentCpu, infer: a.inferCpu }[task] * images;
  const memory = task === 'copy' ? a.copyMemory : a.memory;
  // One after the other: the job, the products or the chunk's originals, the result, the mark, the message to the next queue.
  const waiting = (5 + Math.ceil(requests / a.imageConcurrency)) * a.latency;
  return {
    seconds: (waiting + (batchSize * cpu * a.vcpuMemory) / memory) / 1000,
    gigabytes: memory / 1024,
    writes: (task === 'infer' ? 0 : images) + 1,
    reads: task === 'copy' ? 0 : chunkSize + 1,
    // The job, and for a copy half a unit a product.
    readUnits: 1 + (task === 'copy' ? chunkSize / 2 : 0),
  };
}

export interface Estimate {
  images: number;
  messages: number;
  invocations: number;
  gigabyteSeconds: number;
  /** Jobs, each with a folder of its own, for one invocation to write the metadata of each. */
  jobs: number;
  /** From the first message to the metadata, the jobs running beside each other. */
  seconds: number;
  imagesPerSecond: number;
  /** USD, by service and in all. */
  cost: { lambda: number; sqs: number; s3: number; dynamodb: number; total: number };
  /** What held the job back for the longest, and for which share of its time. */
  limit: { name: string; share: number };
}

/**
 * Estimates a job on AWS: its requests and what they cost, and its time by a simulation, second by second, of Lambda's
 * ramp, the chunks' way from task to task, and the rates that S3 and DynamoDB allow.
 *
 * @example
 * estimate(1_000_000, ['copy', 'infer'], assume({ maxConcurrency: 1000 })).cost.total
 */
export function estimate(images: number, steps: readonly Task[], a: Assumptions): Estimate {
  const chunks = Math.ceil(images / chunkSize);
  const chain = tasks.filter((task) => steps.includes(task)).map((task) => ({ task, ...demandOf(task, a) }));
  const messages = chunks * chain.length;
  const invocations = Math.ceil(messages / batchSize);
  const gigabyteSeconds = chain.reduce((sum, { seconds, gigabytes }) => sum + (chunks / batchSize) * seconds * gigabytes, 0);
  const each = (of: (demand: Demand) => number) => chunks * chain.reduce((sum, demand) => sum + of(demand), 0);
  // Completing reads each result.
  const reads = each(({ reads }) => reads) + messages;
  const units = each(({ readUnits }) => readUnits) + images * a.queryUnits;
  const million = 1e6;
  const lambda = gigabyteSeconds * a.lambdaSecond + (invocations * a.lambdaRequests) / million;
  // Messages are sent ten at a time by who starts the job and one by one by handlers, and received and deleted in batches.
  const sqs = ((chunks / 10 + (messages - chunks) + (2 * messages) / batchSize) * a.sqsRequests) / million;
  const s3 = (each(({ writes }) => writes) * a.s3WriteRequests + reads * a.s3ReadRequests) / million;
  const dynamodb = (units * a.readUnits + messages * a.writeUnits) / million;
  // The function of the last task writes all metadata.
  const vcpus = ((chain.at(-1)?.gigabytes ?? 1) * 1024) / a.vcpuMemory;
  const completing = chain.reduce((sum, { task }) => sum + images * (task === 'augment' ? a.variants : 1), 0) / (a.completion * vcpus);
  const jobs = Math.max(1, Math.ceil(completing / a.timeout));
  const { seconds: working, limit } = simulate(chunks, chain, { ...a, s3Partitions: a.s3Partitions * jobs, jobWrites: a.jobWrites * jobs });
  const seconds = working + completing / jobs;
  return { images, jobs, messages, invocations, gigabyteSeconds, seconds, imagesPerSecond: images / seconds, cost: { lambda, sqs, s3, dynamodb, total: lambda + sqs + s3 + dynamodb }, limit };
}

/** Goes through a job second by second; what holds back the task that is furthest behind is what holds back the job. */
function simulate(chunks: number, chain: readonly (Demand & { task: Task })[], a: Assumptions): Pick<Estimate, 'seconds' | 'limit'> {
  const done = chain.map(() => 0);
  const held = new Map<string, number>();
  let seconds = 0;
  while ((done.at(-1) ?? chunks) < chunks) {
    const active = chain.filter((_, i) => (done[i] ?? 0) < chunks).length;
    const before = [...done];
    const bounds = chain.map((demand, i) => {
      const available = (i === 0 ? chunks : (before[i - 1] ?? 0)) - (before[i] ?? 0);
      const fastest = { name: '', rate: Infinity };
      for (const [name, rate] of ratesOf(demand, seconds, active, a)) if (rate < fastest.rate) Object.assign(fastest, { name, rate });
      done[i] = (before[i] ?? 0) + Math.min(available, fastest.rate);
      return { name: fastest.name, waits: available < fastest.rate };
    });
    // A task that has too little to do waits for the one before it.
    const slowest = bounds.filter(({ waits }, i) => (before[i] ?? 0) < chunks && !waits).at(-1)?.name;
    if (slowest !== undefined) held.set(slowest, (held.get(slowest) ?? 0) + 1);
    seconds++;
  }
  const [name, count] = [...held].sort((one, other) => other[1] - one[1])[0] ?? ['nothing', 0];
  return { seconds: Math.max(1, seconds), limit: { name, share: seconds === 0 ? 1 : count / seconds } };
}

/** The chunks a second that each limit allows a task. */
function ratesOf({ task, seconds: duration, writes, reads }: Demand & { task: Task }, second: number, active: number, a: Assumptions): [name: string, chunks: number][] {
  const withInvocations = (invocations: number) => (invocations * batchSize) / duration;
  return [
    ["Lambda's ramp", withInvocations(a.rampStart + (second / 60) * a.rampPerMinute)],
    ['the maximum concurrency of a function', withInvocations(a.maxConcurrency)],
    ["the account's concurrency", withInvocations(a.accountConcurrency / active)],
    [`S3's writes to a prefix (${task})`, (a.s3Writes * a.s3Partitions) / writes],
    [`S3's reads from a prefix (${task})`, reads === 0 ? Infinity : (a.s3Reads * a.s3Partitions) / reads],
    ["DynamoDB's writes to a job", a.jobWrites / active],
  ];
}
