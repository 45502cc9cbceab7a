import { didYouMean, PipelineError } from '../../work/index.js';
import { batchSize, chunkSize, type Task, tasks } from './settings.js';

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
const dynamoPartitions =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html';
const dynamoWarm =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html (a new table)';
const s3Latency =
  'https://docs.aws.amazon.com/whitepapers/latest/s3-optimizing-performance-best-practices/timeouts-and-retries-for-latency-sensitive-applications.html ' +
  '(tens of ms)';
const scaling = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html';
const measured = 'measured with this kit, on one core';
const template = 'the template of the stack';

/** All that the estimate rests on; a person may know better. */
export const assumptions = {
  copyCpu: { value: 1.1, unit: 'ms an image and vCPU', source: measured },
  augmentCpu: { value: 5, unit: 'ms an image and vCPU', source: measured },
  inferCpu: { value: 5.5, unit: 'ms an image and vCPU (wasm)', source: measured },
  completion: { value: 17_000, unit: 'rows of metadata a second and vCPU', source: measured },
  latency: { value: 50, unit: 'ms a request', source: s3Latency },
  imageConcurrency: { value: 64, unit: 'requests at a time in a function', source: 'src/aws/bucket.ts' },
  variants: { value: 1, unit: 'augmented images of each', source: 'the query' },
  copyMemory: { value: 512, unit: 'MB', source: template },
  memory: { value: 1769, unit: 'MB, augment and infer', source: template },
  vcpuMemory: {
    value: 1769,
    unit: 'MB a vCPU',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html',
  },
  timeout: { value: 300, unit: 's of an invocation', source: template },
  maxConcurrency: { value: 50, unit: 'invocations at a time of each function', source: template },
  accountConcurrency: {
    value: 1000,
    unit: 'invocations at a time',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  },
  rampStart: { value: 5, unit: 'invocations at once', source: scaling },
  rampPerMinute: { value: 300, unit: 'invocations more each minute', source: scaling },
  pollers: { value: 1250, unit: 'batches of a queue at a time', source: scaling },
  s3Writes: { value: 3500, unit: 'puts and copies a second and prefix', source: s3Limits },
  s3Reads: { value: 5500, unit: 'gets a second and prefix', source: s3Limits },
  s3Partitions: { value: 1, unit: "prefixes that S3 has split each export's folder into", source: s3Limits },
  sourcePartitions: { value: 1, unit: "prefixes that S3 has split the catalogue's images into", source: s3Limits },
  jobWrites: { value: 1000, unit: 'write units a second, the partition of a job', source: dynamoPartitions },
  tableWrites: { value: 4000, unit: 'write units a second, the table of jobs', source: dynamoWarm },
  tableReads: { value: 12_000, unit: 'read units a second, the table of products', source: dynamoWarm },
  lambdaSecond: { value: 0.0000133334, unit: 'USD a GB-second (arm64)', source: lambdaPrices },
  lambdaRequests: { value: 0.2, unit: 'USD a million invocations', source: lambdaPrices },
  sqsRequests: {
    value: 0.4,
    unit: 'USD a million requests',
    source: 'https://aws.amazon.com/sqs/pricing/ (us-east-1)',
  },
  s3WriteRequests: { value: 5, unit: 'USD a million puts and copies', source: s3Prices },
  s3ReadRequests: { value: 0.4, unit: 'USD a million gets', source: s3Prices },
  readUnits: { value: 0.125, unit: 'USD a million read units', source: dynamoPrices },
  writeUnits: { value: 0.625, unit: 'USD a million write units', source: dynamoPrices },
  queryUnits: {
    value: 0.033,
    unit: 'read units a product found by a scan',
    source: 'measured with this kit: 1,335 for 39,930',
  },
} satisfies Record<string, Assumption>;

export type Assumptions = Record<keyof typeof assumptions, number>;

/** The assumptions, some of them replaced. @throws PipelineError `scale.unknown`, `scale.notPositive` */
export function assume(changes: Readonly<Record<string, number>> = {}): Assumptions {
  const names = Object.keys(assumptions);
  for (const [name, value] of Object.entries(changes)) {
    if (!names.includes(name))
      throw new PipelineError(
        'scale.unknown',
        `There is no assumption '${name}'.${didYouMean(name, names)} They are ${names.join(', ')}.`,
        { value: name },
      );
    if (!(value > 0 && Number.isFinite(value)))
      throw new PipelineError('scale.notPositive', `The assumption ${name} is ${value}; give a number above 0.`, {
        value,
      });
  }
  const given = Object.entries(assumptions).map(([name, { value }]) => [name, changes[name] ?? value]);
  return Object.fromEntries(given) as Assumptions;
}

/** What one message asks of AWS, in one task. */
interface Demand {
  task: Task;
  /** Seconds of an invocation that has a batch of such messages. */
  seconds: number;
  gigabytes: number;
  /** Requests to the folder of the export, and what is copied into it from the catalogue's. */
  writes: number;
  reads: number;
  copies: number;
  /** Read units of the products. */
  products: number;
}

function demandOf(task: Task, a: Assumptions): Demand {
  const images = task === 'augment' ? chunkSize * a.variants : chunkSize;
  // An image is augmented between two requests, half as many at a time.
  const rounds =
    task === 'augment'
      ? Math.ceil((chunkSize + images) / (a.imageConcurrency / 2))
      : Math.ceil(chunkSize / a.imageConcurrency);
  const cpu = { copy: a.copyCpu, augment: a.augmentCpu, infer: a.inferCpu }[task] * images;
  const memory = task === 'copy' ? a.copyMemory : a.memory;
  // One after the other: the job, the products or the chunk's originals, the result, the mark, the message to the next
  // queue.
  const waiting = (5 + rounds) * a.latency;
  return {
    task,
    seconds: (waiting + (batchSize * cpu * a.vcpuMemory) / memory) / 1000,
    gigabytes: memory / 1024,
    writes: (task === 'infer' ? 0 : images) + 1,
    reads: task === 'copy' ? 0 : chunkSize + 1,
    copies: task === 'copy' ? chunkSize : 0,
    // Up to 4 KB are half a unit, eventually consistent.
    products: task === 'copy' ? chunkSize / 2 : 0,
  };
}

export interface Estimate {
  images: number;
  /** Jobs, each with a folder of its own, for one invocation to write the metadata of each. */
  jobs: number;
  messages: number;
  invocations: number;
  gigabyteSeconds: number;
  /** Requests of S3 and SQS, and units of DynamoDB. */
  requests: { s3Writes: number; s3Reads: number; sqs: number; readUnits: number; writeUnits: number };
  /** From the first message to the metadata, the jobs running beside each other. */
  seconds: number;
  /** Of these, until each function may run as often at a time as it ever may. */
  rampSeconds: number;
  imagesPerSecond: number;
  /** USD, by service and in all. */
  cost: { lambda: number; sqs: number; s3: number; dynamodb: number; total: number };
  /** Chunks that each task has done in the end. */
  done: number[];
  /** What held the jobs back for the longest, and for which share of their time. */
  limit: { name: string; share: number };
}

/**
 * Estimates jobs on AWS: their requests and what they cost, and their time by a simulation, second by second, of
 * Lambda's ramp, the chunks' way from task to task, and the rates that S3 and DynamoDB allow.
 *
 * @throws PipelineError `scale.tooLong`
 *
 * @example
 * estimate(1_000_000, ['copy', 'infer'], assume({ maxConcurrency: 1000 })).cost.total
 */
export function estimate(images: number, steps: readonly Task[], a: Assumptions): Estimate {
  const chunks = Math.ceil(images / chunkSize);
  const chain = tasks.filter((task) => steps.includes(task)).map((task) => demandOf(task, a));
  const messages = chunks * chain.length;
  const invocations = Math.ceil(messages / batchSize);
  const sum = (of: (demand: Demand) => number) => chain.reduce((total, demand) => total + of(demand), 0);

  // The function of the last task writes all metadata: a row of each image and task, and a look at the images, 1,000 a
  // request.
  const { gigabytes = 1 } = chain.at(-1) ?? {};
  const rows = images * sum(({ task }) => (task === 'augment' ? a.variants : 1));
  const lists = (images * sum(({ task }) => ({ copy: 1, augment: a.variants, infer: 0 })[task])) / 1000;
  const completing = (rows * a.vcpuMemory) / (a.completion * gigabytes * 1024) + (lists * a.latency) / 1000;
  const jobs = Math.max(1, Math.ceil(completing / a.timeout));

  const gigabyteSeconds =
    sum(({ seconds, gigabytes }) => (chunks / batchSize) * seconds * gigabytes) + completing * gigabytes;
  const requests = {
    s3Writes: chunks * sum(({ writes }) => writes) + lists,
    // Completing reads each result.
    s3Reads: chunks * sum(({ reads }) => reads) + messages,
    // Messages are sent ten at a time by who starts the job and one by one by handlers, and received and deleted in
    // batches.
    sqs: chunks / 10 + (messages - chunks) + (2 * messages) / batchSize,
    // The query, the products, and the job.
    readUnits: images * a.queryUnits + chunks * sum(({ products }) => products) + messages,
    writeUnits: messages,
  };
  const million = 1e6;
  const lambda = gigabyteSeconds * a.lambdaSecond + (invocations * a.lambdaRequests) / million;
  const sqs = (requests.sqs * a.sqsRequests) / million;
  const s3 = (requests.s3Writes * a.s3WriteRequests + requests.s3Reads * a.s3ReadRequests) / million;
  const dynamodb = (requests.readUnits * a.readUnits + requests.writeUnits * a.writeUnits) / million;

  const {
    seconds: working,
    held,
    done,
  } = simulate(chunks, chain, { ...a, s3Partitions: a.s3Partitions * jobs, jobWrites: a.jobWrites * jobs });
  const seconds = Math.max(1, working + completing / jobs);
  const [name, most] = [...held, ['writing the metadata', completing / jobs] as const].reduce((one, other) =>
    other[1] > one[1] ? other : one,
  );
  const widest = Math.min(a.maxConcurrency, a.pollers, a.accountConcurrency / Math.max(1, chain.length));
  const rampSeconds = Math.max(0, ((widest - a.rampStart) * 60) / a.rampPerMinute);
  const cost = { lambda, sqs, s3, dynamodb, total: lambda + sqs + s3 + dynamodb };
  return {
    images,
    jobs,
    messages,
    invocations,
    gigabyteSeconds,
    requests,
    seconds,
    rampSeconds,
    imagesPerSecond: images / seconds,
    cost,
    done,
    limit: { name, share: most / seconds },
  };
}

/** A simulation longer than that is not worth its while. */
const longest = 30 * 24 * 3600;

/** Goes through jobs second by second; what holds back the task that is furthest behind is what holds back the jobs. */
function simulate(
  chunks: number,
  chain: readonly Demand[],
  a: Assumptions,
): { seconds: number; done: number[]; held: Map<string, number> } {
  let done = chain.map(() => 0);
  const held = new Map<string, number>();
  let seconds = 0;
  while ((done.at(-1) ?? chunks) < chunks) {
    if (seconds >= longest)
      throw new PipelineError(
        'scale.tooLong',
        `${chunks * chunkSize} images would take more than 30 days. Take fewer of them, or allow more at a time.`,
        { value: chunks },
      );
    const active = chain.filter((_, i) => (done[i] ?? 0) < chunks);
    const bounds = chain.map((demand, i) => {
      const ready = (i === 0 ? chunks : (done[i - 1] ?? 0)) - (done[i] ?? 0);
      const [name, rate] = ratesOf(demand, seconds, active, a).reduce((one, other) =>
        other[1] < one[1] ? other : one,
      );
      return { name, ready, rate, next: (done[i] ?? 0) + Math.min(ready, rate) };
    });
    // A task that has too little to do waits for the one before it.
    const slowest = bounds.filter(({ ready, rate }) => ready > 0 && ready >= rate).at(-1);
    if (slowest !== undefined) held.set(slowest.name, (held.get(slowest.name) ?? 0) + 1);
    done = bounds.map(({ next }) => next);
    seconds++;
  }
  return { seconds, done, held };
}

/** The chunks a second that each limit allows a task; tasks that are not done share what they have in common. */
function ratesOf(
  { seconds, writes, reads, copies, products }: Demand,
  second: number,
  active: readonly Demand[],
  a: Assumptions,
): [name: string, chunks: number][] {
  const withInvocations = (invocations: number) => (invocations * batchSize) / seconds;
  const writers = active.filter(({ writes }) => writes > 1).length || 1;
  const readers = active.filter(({ reads }) => reads > 0).length;
  return [
    ["Lambda's ramp", withInvocations(a.rampStart + (second / 60) * a.rampPerMinute)],
    ['the maximum concurrency of a function', withInvocations(a.maxConcurrency)],
    ['the pollers of a queue', withInvocations(a.pollers)],
    ["the account's concurrency", withInvocations(a.accountConcurrency / active.length)],
    ["S3's writes to a folder", writes === 1 ? Infinity : (a.s3Writes * a.s3Partitions) / writes / writers],
    ["S3's reads from a folder", (a.s3Reads * a.s3Partitions) / reads / readers],
    ["S3's reads of the catalogue's images", (a.s3Reads * a.sourcePartitions) / copies],
    ["DynamoDB's writes to a job", a.jobWrites / active.length],
    ["DynamoDB's writes to the table of jobs", a.tableWrites / active.length],
    ["DynamoDB's reads of products", a.tableReads / products],
  ];
}
