import { PipelineError } from '../work/index.js';
import { CutOffAnswer, cutOff, notAws } from './answers.js';
import { defaultEndpoint } from './endpoints.js';
import { type Failed, statusOf } from './failed.js';
import { refusal } from './refusals.js';

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** What to do where nothing answers: `up` can only help for an endpoint on this machine. */
function bringUp(endpoint: string): string {
  const [, port] = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\/?$/.exec(endpoint) ?? [];
  if (port === undefined) return 'Look at the network, AWS_ENDPOINT_URL and AWS_REGION.';
  return `Start the mock with: npx zx scripts/up.mjs${port === new URL(defaultEndpoint).port ? '' : ` --port ${port}`}`;
}

/** Middleware that makes of the SDK's errors such that say what to do. */
export const explainErrors =
  ({ region, ...names }: Pick<Failed, 'endpoint' | 'table' | 'bucket'> & { region(): Promise<string> }) =>
  <A extends { input: object }, R>(next: (args: A) => Promise<R>, { commandName = '' }: { commandName?: string }) =>
  (args: A): Promise<R> =>
    next(args).catch(async (error: unknown) => {
      const asked = { commandName, input: args.input, region: await region().catch(() => 'none') };
      throw explained(error, { ...names, ...asked });
    });

/** An error of the SDK as a PipelineError that says what to do; where none is known, the error itself. */
export function explained(error: unknown, failed: Failed): unknown {
  if (!(error instanceof Error) || error instanceof PipelineError) return error;
  const { endpoint, table, bucket, commandName, input } = failed;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (unreachable.has(code)) {
    return new PipelineError('aws.unreachable', `Nothing answers at ${endpoint} (${code}). ${bringUp(endpoint)}`, {
      value: endpoint,
      cause: error,
    });
  }
  if (error instanceof CutOffAnswer) {
    return cutOff(`The answer of ${endpoint} to ${commandName.replace(/Command$/, '')}`, error);
  }
  if (statusOf(error) >= 500 || isThrottling(error)) {
    return new PipelineError(
      'aws.unavailable',
      `${endpoint} answers ${error.name} (${error.message}), again and again. It is overloaded or out of order: ` +
        'run it again later; what was done is kept.',
      { value: endpoint, cause: error },
    );
  }
  const refused = refusal(error, failed);
  if (refused) return refused;
  // AWS says in the body what is wrong, except for a HEAD request, whose answer has no body. (dynalite names the
  // exception and leaves its message empty.)
  if (
    error.message.includes('Deserialization error') ||
    (error.message === 'UnknownError' && !commandName.startsWith('Head') && !error.name.endsWith('Exception'))
  ) {
    return notAws(endpoint, { cause: error });
  }
  if (error.name === 'ResourceNotFoundException') {
    return new PipelineError(
      'aws.tableMissing',
      `The table ${table} does not exist at ${endpoint}. Create and fill it with: npx zx scripts/seed.mjs`,
      { value: table, cause: error },
    );
  }
  if (error.name === 'NoSuchBucket') {
    const missing = typeof input.Bucket === 'string' ? input.Bucket : bucket;
    return new PipelineError(
      'aws.bucketMissing',
      `The bucket ${missing} does not exist at ${endpoint}. Create and fill it with: npx zx scripts/seed.mjs`,
      { value: missing, cause: error },
    );
  }
  return error;
}

/** Whether AWS refused a request, and all attempts at it, for its rate. */
export const isThrottled = (error: unknown): boolean =>
  error instanceof PipelineError && error.cause instanceof Error && isThrottling(error.cause);

const isThrottling = (error: Error): boolean => statusOf(error) === 429 || throttling.has(error.name);

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const throttling = new Set([
  'SlowDown',
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'ThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottledException',
]);
