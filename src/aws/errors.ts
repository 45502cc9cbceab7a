import { PipelineError } from '../work/index.js';
import { defaultEndpoint } from './endpoints.js';

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
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

/** An error of the SDK as a PipelineError that says what to do; where none is known, the error itself. */
export function explained(
  error: unknown,
  { endpoint, table, bucket, commandName }: Record<'endpoint' | 'table' | 'bucket' | 'commandName', string>,
): unknown {
  if (!(error instanceof Error) || error instanceof PipelineError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (unreachable.has(code)) {
    return new PipelineError('aws.unreachable', `Nothing answers at ${endpoint} (${code}). ${bringUp(endpoint)}`, {
      value: endpoint,
      cause: error,
    });
  }
  // AWS says in the body what is wrong, except for a HEAD request, whose answer has no body. (dynalite names the
  // exception and leaves its message empty.)
  if (
    error.message.includes('Deserialization error') ||
    (error.message === 'UnknownError' && !commandName.startsWith('Head') && !error.name.endsWith('Exception'))
  ) {
    return new PipelineError(
      'aws.notAws',
      `What answers at ${endpoint} does not speak AWS's protocol. Stop it and start the mock with npx zx ` +
        'scripts/up.mjs, or set AWS_ENDPOINT_URL.',
      { value: endpoint, cause: error },
    );
  }
  if (error.name === 'ResourceNotFoundException') {
    return new PipelineError(
      'aws.tableMissing',
      `The table ${table} does not exist at ${endpoint}. Create and fill it with: npx zx scripts/seed.mjs`,
      { value: table, cause: error },
    );
  }
  if (error.name === 'NoSuchBucket') {
    return new PipelineError(
      'aws.bucketMissing',
      `The bucket ${bucket} does not exist at ${endpoint}. Create and fill it with: npx zx scripts/seed.mjs`,
      { value: bucket, cause: error },
    );
  }
  if (
    [
      'AccessDenied',
      'AccessDeniedException',
      'CredentialsProviderError',
      'ExpiredToken',
      'ExpiredTokenException',
      'UnrecognizedClientException',
      'InvalidAccessKeyId',
    ].includes(error.name)
  ) {
    return new PipelineError(
      'aws.denied',
      `${endpoint} refuses: ${error.message}. Look at the credentials and what they allow.`,
      { cause: error },
    );
  }
  if (httpStatus(error) >= 500 || throttling.has(error.name)) {
    return new PipelineError(
      'aws.unavailable',
      `${endpoint} answers ${error.name} (${error.message}), again and again. It is overloaded or out of order: ` +
        'run it again later; what was done is kept.',
      { value: endpoint, cause: error },
    );
  }
  return error;
}

/** The HTTP status of an error of the SDK; 0 where it has none. */
function httpStatus(error: Error): number {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? Number(metadata.httpStatusCode)
    : 0;
}

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
