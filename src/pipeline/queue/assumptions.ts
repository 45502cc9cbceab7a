import { didYouMean, PipelineError } from '../../work/index.js';
import { definitions, type Task, tasks } from './tasks/index.js';

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

/** Processor time of each task, as `copyCpu` and so on. */
const cpu = Object.fromEntries(
  tasks.map((task) => [`${task}Cpu`, { ...definitions[task].cost.cpu, source: measured }]),
) as Record<`${Task}Cpu`, Assumption>;

const withWholeCore = tasks.filter((task) => definitions[task].lambda.memory === 'memory');

/** Assumptions of the estimate; each can be overridden. */
export const assumptions = {
  ...cpu,
  completion: { value: 17_000, unit: 'rows of metadata a second and vCPU', source: measured },
  latency: { value: 50, unit: 'ms a request', source: s3Latency },
  imageConcurrency: { value: 64, unit: 'requests at a time in a function', source: 'src/aws/bucket.ts' },
  variants: { value: 1, unit: 'augmented images of each', source: 'the query' },
  copyMemory: { value: 512, unit: 'MB', source: template },
  memory: { value: 1769, unit: `MB, ${withWholeCore.join(' and ')}`, source: template },
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
