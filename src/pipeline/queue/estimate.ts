import { PipelineError } from '../../work/index.js';
import type { Assumptions } from './assumptions.js';
import { batchSize, chunkSizeOf } from './settings.js';
import { definitions, type Task, tasks } from './tasks/index.js';

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

function demandOf(task: Task, chunkSize: number, a: Assumptions): Demand {
  const { cost, lambda } = definitions[task];
  const images = chunkSize * imagesEach(task, a);
  const reads = cost.from === 'export' ? chunkSize : 0;
  const writes = cost.writes ? images : 0;
  const copies = cost.from === 'catalogue' ? chunkSize : 0;
  const rounds = Math.ceil((reads + writes) / (a.imageConcurrency * cost.concurrency));
  const cpu = a[`${task}Cpu`] * images;
  const memory = a[lambda.memory];
  // One after the other: the job, the products or the chunk's originals, the result, the mark, the message to the next
  // queue.
  const waiting = (5 + rounds) * a.latency;
  return {
    task,
    seconds: (waiting + (batchSize * cpu * a.vcpuMemory) / memory) / 1000,
    gigabytes: memory / 1024,
    // The chunk's result, too.
    writes: writes + 1,
    // What the export has of the chunk, too.
    reads: reads > 0 ? reads + 1 : 0,
    copies,
    // Up to 4 KB are half a unit, eventually consistent.
    products: copies / 2,
  };
}

/** Images that a task makes, or goes through, for each product. */
const imagesEach = (task: Task, a: Assumptions): number => (definitions[task].cost.variants ? a.variants : 1);

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
  const chunkSize = chunkSizeOf(Math.max(...steps.map((task) => imagesEach(task, a))));
  const chunks = Math.ceil(images / chunkSize);
  const chain = tasks.filter((task) => steps.includes(task)).map((task) => demandOf(task, chunkSize, a));
  const messages = chunks * chain.length;
  const invocations = Math.ceil(messages / batchSize);
  const sum = (of: (demand: Demand) => number) => chain.reduce((total, demand) => total + of(demand), 0);

  // The function of the last task writes all metadata: a row of each image and task, and a look at the images, 1,000 a
  // request.
  const { gigabytes = 1 } = chain.at(-1) ?? {};
  const rows = images * sum(({ task }) => imagesEach(task, a));
  const lists = (images * sum(({ task }) => (definitions[task].cost.writes ? imagesEach(task, a) : 0))) / 1000;
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

/** Seconds; a longer simulation is not worth its time. */
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
        `${chunks} messages would take more than 30 days. Take fewer of them, or allow more at a time.`,
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
