import { isIPv4, isIPv6 } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PipelineError } from '../work/errors.js';
import { keepHandlers } from './command-cache.js';
import { requestHandler } from './http.js';

/**
 * A client of the AWS SDK, as far as most code needs it. The SDK's own types are megabytes that every notebook's first
 * cell would have to check; what takes nothing else gets them from `sdkClient`.
 */
export interface AwsClient {
  /** Sends a command of the client's package, such as `@aws-sdk/client-s3`, and gives its answer. */
  send<Answer extends object>(
    command: AwsCommand<Answer>,
    options?: { abortSignal?: AbortSignal | undefined },
  ): Promise<Answer>;
  readonly config: { region(): Promise<string> };
  /** Closes its connections. */
  destroy(): void;
}

/** What tells the type of a command's answer. */
export interface AwsCommand<Answer> {
  resolveMiddleware(stack: never, configuration: never, options: never): (input: never) => Promise<{ output: Answer }>;
}

/** The clients of one account or mock, and where the catalogue lies there. */
export interface Aws {
  /** Takes the commands of `@aws-sdk/client-dynamodb`. */
  dynamodb: AwsClient;
  /** Takes the commands of `@aws-sdk/client-s3`. */
  s3: AwsClient;
  /** Takes the commands of `@aws-sdk/client-sqs`. */
  sqs: AwsClient;
  /** The table of products. */
  table: string;
  /** The bucket of images, exports and statistics. */
  bucket: string;
  /** What the names of the queues, the functions and the table of jobs begin with. */
  stack: string;
  /** For people: the mock's endpoint, or `AWS`. */
  where: string;
  /** Whether any of the clients talks to a real account. */
  real: boolean;
  /** Closes the connections of all clients. */
  close(): void;
}

/** Which account or mock is meant, and where the catalogue lies there. */
export interface AwsOptions {
  /** Consent to a real AWS account; else the environment's `ML_PIPELINE_AWS=1`. Without it only a mock is talked to. */
  aws?: boolean | undefined;
  /** Default: `ML_PIPELINE_TABLE`, else `FashionProducts`. */
  table?: string | undefined;
  /** Default: `ML_PIPELINE_BUCKET`, else `static-s3-bucket`. */
  bucket?: string | undefined;
  /** The stack of queues and functions; default: `ML_PIPELINE_STACK`, else `ml-pipeline`. */
  stack?: string | undefined;
  /** The environment to read; default `process.env`. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

export const defaultEndpoint = 'http://127.0.0.1:4566';

const services = ['DYNAMODB', 'S3', 'SQS'] as const;
type Service = (typeof services)[number];

/**
 * The AWS clients, configured as AWS's own tools are: `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`,
 * `AWS_REGION`, credentials from the SDK's chain. With no endpoint set they talk to the mock at 127.0.0.1:4566. Makes
 * no request.
 *
 * @throws PipelineError `aws.consent` where the environment leads to a real account and no consent was given;
 * `aws.badEndpoint` where an endpoint is no http URL; `aws.badTable` and `aws.badStack` where AWS takes no such name.
 *
 * @example
 * const aws = clients();
 * await aws.s3.send(new ListBucketsCommand({}));
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function clients(options: AwsOptions = {}): Aws {
  const env = options.env ?? process.env;
  const consent = options.aws ?? env.ML_PIPELINE_AWS === '1';
  const endpoints = endpointsFrom(env, consent);
  const of = (service: Service) => settingsOf(endpoints[service], env);
  const dynamodb = new DynamoDBClient(of('DYNAMODB'));
  const s3 = new S3Client({ ...of('S3'), forcePathStyle: endpoints.S3 !== undefined });
  const sqs = new SQSClient(of('SQS'));
  const table = checkTable(options.table ?? (env.ML_PIPELINE_TABLE || 'FashionProducts'));
  const bucket = options.bucket ?? (env.ML_PIPELINE_BUCKET || 'static-s3-bucket');
  const stack = checkStack(options.stack ?? (env.ML_PIPELINE_STACK || 'ml-pipeline'));
  const where = [...new Set(services.map((service) => endpoints[service] ?? 'AWS'))].join(', ');
  const real = services.some((service) => !isMock(endpoints[service]));
  // One place for every request: what the SDK throws becomes something a person can act on.
  const explain =
    <A, R>(next: (args: A) => Promise<R>, { commandName = '' }: { commandName?: string }) =>
    (args: A): Promise<R> =>
      next(args).catch((error: unknown) => {
        throw explained(error, { where, table, bucket, commandName });
      });
  const first = { step: 'initialize', name: 'explainErrors' } as const;
  dynamodb.middlewareStack.add(explain, first);
  s3.middlewareStack.add(explain, first);
  sqs.middlewareStack.add(explain, first);
  // It copies all that is sent and all that comes, for a logger that is not there.
  for (const client of [dynamodb, s3, sqs]) {
    client.middlewareStack.remove('loggerMiddleware');
    keepHandlers(client);
  }
  return {
    dynamodb,
    s3,
    sqs,
    table,
    bucket,
    stack,
    where,
    real,
    close: () => [dynamodb, s3, sqs].forEach((client) => client.destroy()),
  };
}

/**
 * A client by the SDK's own class, for functions of the SDK that take no other.
 *
 * @example
 * for await (const page of paginateListObjectsV2({ client: sdkClient(aws.s3, S3Client) }, { Bucket: aws.bucket })) console.log(page.KeyCount);
 */
export function sdkClient<C>(client: AwsClient, type: new (...settings: never) => C): C {
  if (client instanceof type) return client;
  throw new PipelineError(
    'aws.otherClient',
    `The client is no ${type.name} of this copy of the SDK. Import ${type.name} from the package that the kit uses.`,
  );
}

/**
 * The settings of a client of another service, by the same rules as those of {@link clients}; `service` as in
 * `AWS_ENDPOINT_URL_<SERVICE>`.
 *
 * @throws PipelineError `aws.consent`, `aws.badEndpoint`
 *
 * @example
 * const cloudFormation = new CloudFormationClient(clientSettings('CLOUDFORMATION'));
 */
export function clientSettings(
  service: string,
  { env = process.env, aws = env.ML_PIPELINE_AWS === '1' }: Pick<AwsOptions, 'aws' | 'env'> = {},
) {
  return settingsOf(endpointOf(service, env, aws), env);
}

/**
 * Says whose account the clients act in, asking STS; for a mock, its endpoint.
 *
 * @throws PipelineError `aws.credentials` where there are none that work.
 */
export async function identity(aws: Aws): Promise<string> {
  if (!aws.real) return aws.where;
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const region = await aws.s3.config.region();
    const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return `AWS account ${Account}, region ${region}`;
  } catch (cause) {
    throw new PipelineError(
      'aws.credentials',
      `AWS does not say whose account this is: ${cause}. Set credentials and a region (aws configure, ` +
        'AWS_PROFILE, AWS_REGION).',
      { cause },
    );
  }
}

function endpointsFrom(
  env: Readonly<Record<string, string | undefined>>,
  consent: boolean,
): Partial<Record<Service, string>> {
  const endpoints: Partial<Record<Service, string>> = {};
  for (const service of services) {
    const endpoint = endpointOf(service, env, consent);
    if (endpoint !== undefined) endpoints[service] = endpoint;
  }
  return endpoints;
}

function endpointOf(
  service: string,
  env: Readonly<Record<string, string | undefined>>,
  consent: boolean,
): string | undefined {
  const endpoint =
    env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || (consent ? undefined : defaultEndpoint);
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint))) {
    throw new PipelineError(
      'aws.badEndpoint',
      `The endpoint '${endpoint}' is no http URL; set AWS_ENDPOINT_URL to something like ${defaultEndpoint}.`,
      { value: endpoint },
    );
  }
  if (!consent && !isMock(endpoint)) {
    throw new PipelineError(
      'aws.consent',
      `The endpoint ${endpoint} is not on this machine or its network, so it may be a real AWS account. If ` +
        'it is meant, consent with --aws, connect({ aws: true }) or ML_PIPELINE_AWS=1; else unset ' +
        'AWS_ENDPOINT_URL.',
      { value: endpoint },
    );
  }
  return endpoint;
}

function settingsOf(endpoint: string | undefined, env: Readonly<Record<string, string | undefined>>) {
  return {
    ...(endpoint && { endpoint }),
    ...(isMock(endpoint) && mockIdentity(env)),
    maxAttempts: 6,
    requestHandler: requestHandler(),
  };
}

function checkTable(table: string): string {
  if (/^[\w.-]{3,255}$/.test(table)) return table;
  throw new PipelineError(
    'aws.badTable',
    `The table cannot be called '${table}': DynamoDB takes 3 to 255 letters, digits, -, _ and . as a name. ` +
      'Set ML_PIPELINE_TABLE.',
    { value: table },
  );
}

function checkStack(stack: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,47}$/.test(stack)) return stack;
  throw new PipelineError(
    'aws.badStack',
    `The stack cannot be called '${stack}': the names of queues and functions begin with it, so it takes up ` +
      'to 48 letters, digits and -, a letter first. Set ML_PIPELINE_STACK.',
    { value: stack },
  );
}

/** Whether an endpoint can only be a mock: on this machine, in a private network, or a container's bare name. */
function isMock(endpoint: string | undefined): boolean {
  if (endpoint === undefined) return false;
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
  if (isIPv6(host)) return host === '::1' || /^f[cd]/.test(host);
  if (isIPv4(host)) return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0$)/.test(host);
  return !host.includes('.') || /\.(localhost|local|internal|localhost\.localstack\.cloud)$/.test(`.${host}`);
}

/** A mock takes any credentials; those of a real account have no business there unless they are in the environment. */
function mockIdentity(env: Readonly<Record<string, string | undefined>>) {
  return {
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID || 'test',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY || 'test',
    },
  };
}

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

/** What to do where nothing answers: only on this machine can `up` help. */
function bringUp(where: string): string {
  const [, port] = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\/?$/.exec(where) ?? [];
  if (port === undefined) return 'Look at the network, AWS_ENDPOINT_URL and AWS_REGION.';
  return `Start the mock with: npx zx scripts/up.mjs${port === new URL(defaultEndpoint).port ? '' : ` --port ${port}`}`;
}

function explained(
  error: unknown,
  { where, table, bucket, commandName }: Record<'where' | 'table' | 'bucket' | 'commandName', string>,
): unknown {
  if (!(error instanceof Error) || error instanceof PipelineError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (unreachable.has(code)) {
    return new PipelineError('aws.unreachable', `Nothing answers at ${where} (${code}). ${bringUp(where)}`, {
      value: where,
      cause: error,
    });
  }
  // AWS says in the body what is wrong; only a HEAD has none. (dynalite names an exception and leaves its message
  // empty.)
  if (
    error.message.includes('Deserialization error') ||
    (error.message === 'UnknownError' && !commandName.startsWith('Head') && !error.name.endsWith('Exception'))
  ) {
    return new PipelineError(
      'aws.notAws',
      `What answers at ${where} does not speak AWS's protocol. Stop it and start the mock with npx zx ` +
        'scripts/up.mjs, or set AWS_ENDPOINT_URL.',
      { value: where, cause: error },
    );
  }
  if (error.name === 'ResourceNotFoundException') {
    return new PipelineError(
      'aws.tableMissing',
      `The table ${table} does not exist at ${where}. Create and fill it with: npx zx scripts/seed.mjs`,
      { value: table, cause: error },
    );
  }
  if (error.name === 'NoSuchBucket') {
    return new PipelineError(
      'aws.bucketMissing',
      `The bucket ${bucket} does not exist at ${where}. Create and fill it with: npx zx scripts/seed.mjs`,
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
      `${where} refuses: ${error.message}. Look at the credentials and what they allow.`,
      { cause: error },
    );
  }
  if (statusOf(error) >= 500 || throttling.has(error.name)) {
    return new PipelineError(
      'aws.unavailable',
      `${where} answers ${error.name} (${error.message}), again and again. It is overloaded or out of order: ` +
        'run it again later; what was done is kept.',
      { value: where, cause: error },
    );
  }
  return error;
}

/** The HTTP status that the SDK notes on its errors; 0 where there is none. */
function statusOf(error: Error): number {
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
