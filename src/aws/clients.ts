import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PipelineError } from '../work/index.js';
import { keepHandlers } from './command-cache.js';
import { type EndpointOptions, endpointsOf, isMock, settingsOf } from './endpoints.js';
import { explained } from './errors.js';

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
  endpoint: string;
  /** Whether any of the clients talks to a real account. */
  real: boolean;
  /** Closes the connections of all clients. */
  close(): void;
}

/** Which account or mock is meant, and where the catalogue lies there. */
export interface AwsOptions extends EndpointOptions {
  /** Default: `ML_PIPELINE_TABLE`, else `FashionProducts`. */
  table?: string | undefined;
  /** Default: `ML_PIPELINE_BUCKET`, else `static-s3-bucket`. */
  bucket?: string | undefined;
  /** The stack of queues and functions; default: `ML_PIPELINE_STACK`, else `ml-pipeline`. */
  stack?: string | undefined;
}

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
  const endpoints = endpointsOf(options);
  const dynamodb = new DynamoDBClient(settingsOf(endpoints.DYNAMODB, env));
  const s3 = new S3Client({ ...settingsOf(endpoints.S3, env), forcePathStyle: endpoints.S3 !== undefined });
  const sqs = new SQSClient(settingsOf(endpoints.SQS, env));
  const table = checkTable(options.table ?? (env.ML_PIPELINE_TABLE || 'FashionProducts'));
  const bucket = options.bucket ?? (env.ML_PIPELINE_BUCKET || 'static-s3-bucket');
  const stack = checkStack(options.stack ?? (env.ML_PIPELINE_STACK || 'ml-pipeline'));
  const all = Object.values(endpoints);
  const endpoint = [...new Set(all.map((each) => each ?? 'AWS'))].join(', ');
  const real = all.some((each) => !isMock(each));
  // One place for every request: what the SDK throws becomes something a person can act on.
  const explain =
    <A, R>(next: (args: A) => Promise<R>, { commandName = '' }: { commandName?: string }) =>
    (args: A): Promise<R> =>
      next(args).catch((error: unknown) => {
        throw explained(error, { endpoint, table, bucket, commandName });
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
    endpoint,
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
