import { inspect } from 'node:util';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PipelineError } from '../work/index.js';
import { wholeAnswers } from './answers.js';
import { keepHandlers } from './command-cache.js';
import { type EndpointOptions, endpointSettings, serviceEndpoints } from './endpoints.js';
import { explainErrors } from './errors.js';
import { closeRoad, openRoad } from './road.js';

// The SDK's notice about Node 20 would stand above each first cell. It is given when a client is made.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * A client of the AWS SDK, as far as most code needs it. The SDK's own types are megabytes, which the first cell of
 * every notebook would have to check; functions of the SDK that require its own type get it from `sdkClient`.
 *
 * @example
 * import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
 * const { TableNames } = await clients().dynamodb.send(new ListTablesCommand({}));
 */
export interface AwsClient {
  /**
   * Sends a command of the client's package, such as `@aws-sdk/client-s3`, and returns its answer.
   *
   * @throws PipelineError `aws.unreachable`, `aws.notAws`, `aws.cutOff`, `aws.unavailable`; `aws.credentials`,
   * `aws.denied`, `aws.clock`, `aws.otherRegion`, `aws.noRegion`; `aws.tableMissing`, `aws.bucketMissing`; any other
   * error as the SDK throws it.
   */
  send<Answer extends object>(
    command: AwsCommand<Answer>,
    options?: { abortSignal?: AbortSignal | undefined },
  ): Promise<Answer>;
  readonly config: { region(): Promise<string> };
  /** Closes its connections. */
  destroy(): void;
}

/** A command of the AWS SDK, as far as the type of its answer can be read from it. */
export interface AwsCommand<Answer> {
  resolveMiddleware(stack: never, configuration: never, options: never): (input: never) => Promise<{ output: Answer }>;
}

/**
 * The clients of one account or mock, and the names of what belongs to the catalogue there.
 *
 * @example
 * const aws: Aws = clients({ table: 'Leaves', bucket: 'my-leaves' });
 * console.log(aws.endpoint); // http://127.0.0.1:4566
 */
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
  /** The bucket that products mean where they give the key of their image alone, if it is another. */
  imageBucket?: string | undefined;
  /** The prefix of the names of the queues, the functions and the table of jobs. */
  stack: string;
  /** To be shown: the mock's endpoint, or `AWS`; several, where the services differ, with commas. */
  endpoint: string;
  /** Whether any of the clients talks to a real account. */
  real: boolean;
  /** Whether there is consent to write to a table that another system made. */
  write: boolean;
  /** Closes the connections of all clients. */
  close(): void;
}

/**
 * Which account or mock to use, and the names of what belongs to the catalogue there.
 *
 * @example
 * const options: AwsOptions = { endpoint: 'http://127.0.0.1:4567', table: 'Leaves', bucket: 'my-leaves' };
 * const { catalogue } = await connect(options);
 */
export interface AwsOptions extends EndpointOptions {
  /** Default: `ML_PIPELINE_TABLE`, else `FashionProducts`. */
  table?: string | undefined;
  /** Default: `ML_PIPELINE_BUCKET`, else `static-s3-bucket`. */
  bucket?: string | undefined;
  /**
   * The bucket of the images where the table's rows give a key alone, and it is another than `bucket`. Default:
   * `ML_PIPELINE_IMAGE_BUCKET`, else `bucket`.
   */
  imageBucket?: string | undefined;
  /** The name of the stack of queues and functions. Default: `ML_PIPELINE_STACK`, else `ml-pipeline`. */
  stack?: string | undefined;
  /** Consent to write to a table that another system made; default: it is only read. */
  write?: boolean | undefined;
}

/**
 * Makes the AWS clients, configured as AWS's own tools are: by `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`,
 * `AWS_REGION`, and credentials from the SDK's chain. Where no endpoint is set they talk to the mock at 127.0.0.1:4566.
 * Sends no request.
 *
 * @throws PipelineError `aws.consent` where an endpoint is neither on this machine nor a listed mock, and no consent
 * was given; `aws.badEndpoint` where one is not an http URL, `aws.badMockHost` where a listed mock is not a host;
 * `aws.badTable` and `aws.badStack` where AWS does not accept the name.
 *
 * @example
 * import { ListBucketsCommand } from '@aws-sdk/client-s3';
 * const aws = clients();
 * const { Buckets } = await aws.s3.send(new ListBucketsCommand({}));
 * aws.close();
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function clients(options: AwsOptions = {}): Aws {
  const env = options.env ?? process.env;
  const endpoints = serviceEndpoints(options);
  const dynamodb = new DynamoDBClient(endpointSettings(endpoints.DYNAMODB, env));
  const s3 = new S3Client({ ...endpointSettings(endpoints.S3, env), forcePathStyle: endpoints.S3.url !== undefined });
  const sqs = new SQSClient(endpointSettings(endpoints.SQS, env));
  const table = checkTable(options.table ?? (env.ML_PIPELINE_TABLE || 'FashionProducts'));
  const bucket = options.bucket ?? (env.ML_PIPELINE_BUCKET || 'static-s3-bucket');
  const imageBucket = options.imageBucket ?? (env.ML_PIPELINE_IMAGE_BUCKET || undefined);
  const stack = checkStack(options.stack ?? (env.ML_PIPELINE_STACK || 'ml-pipeline'));
  const all = Object.values(endpoints);
  const endpoint = [...new Set(all.map(({ url }) => url ?? 'AWS'))].join(', ');
  const real = all.some(({ mock }) => !mock);
  // Every request passes these two.
  const explain = (service: keyof typeof endpoints) =>
    explainErrors({ endpoint: endpoints[service].url ?? 'AWS', table, bucket, region: () => s3.config.region() });
  const whole = (service: keyof typeof endpoints) => wholeAnswers(endpoints[service].url ?? 'AWS');
  const outermost = { step: 'initialize', name: 'explainErrors' } as const;
  const innermost = { step: 'deserialize', name: 'wholeAnswers', priority: 'low' } as const;
  dynamodb.middlewareStack.add(explain('DYNAMODB'), outermost);
  s3.middlewareStack.add(explain('S3'), outermost);
  sqs.middlewareStack.add(explain('SQS'), outermost);
  dynamodb.middlewareStack.add(whole('DYNAMODB'), innermost);
  s3.middlewareStack.add(whole('S3'), innermost);
  sqs.middlewareStack.add(whole('SQS'), innermost);
  if (env.ML_PIPELINE_SDK_ONLY !== '1') {
    openRoad(dynamodb, BatchWriteItemCommand);
    openRoad(s3, GetObjectCommand);
  }
  // The SDK's logger copies each request and each answer, even where no logger is set.
  for (const client of [dynamodb, s3, sqs]) {
    client.middlewareStack.remove('loggerMiddleware');
    // Middleware that is added later sees all requests.
    keepHandlers(client, () => closeRoad(client));
    printsAs(client, () => `${client.constructor.name} at ${endpoint}`);
  }
  const aws: Aws = {
    dynamodb,
    s3,
    sqs,
    table,
    bucket,
    imageBucket,
    stack,
    endpoint,
    real,
    write: options.write ?? false,
    close: () => [dynamodb, s3, sqs].forEach((client) => client.destroy()),
  };
  return printsAs(aws, () => `AWS clients dynamodb, s3 and sqs of ${placeOf(aws)}, stack ${stack}`);
}

/** Where clients work, in words. */
export const placeOf = ({ table, bucket, endpoint }: Pick<Aws, 'table' | 'bucket' | 'endpoint'>): string =>
  `table ${table}, bucket ${bucket}, at ${endpoint}`;

/** Has a value print as a line, at the end of a cell too; a copy of it with other names prints as it is. */
const printsAs = <T extends object>(value: T, line: () => string): T =>
  Object.defineProperty(value, inspect.custom, { value: line });

/**
 * A client as the SDK's own class, for functions of the SDK that accept nothing else: paginators, waiters, uploads.
 *
 * @param client One of the clients of `clients`.
 * @param type Its class: `DynamoDBClient`, `S3Client` or `SQSClient`.
 * @throws PipelineError `aws.otherClient` where the class comes from another copy of the SDK's package.
 *
 * @example
 * import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
 * const aws = clients();
 * const client = sdkClient(aws.s3, S3Client);
 * for await (const page of paginateListObjectsV2({ client }, { Bucket: aws.bucket })) console.log(page.KeyCount);
 */
export function sdkClient<C>(client: AwsClient, type: new (...settings: never) => C): C {
  if (client instanceof type) return client;
  throw new PipelineError(
    'aws.otherClient',
    `The client is not a ${type.name} of this copy of the SDK. Import ${type.name} from the package that the kit uses.`,
  );
}

function checkTable(table: string): string {
  if (/^[\w.-]{3,255}$/.test(table)) return table;
  throw new PipelineError(
    'aws.badTable',
    `The table cannot be called '${table}': a name in DynamoDB has 3 to 255 letters, digits, -, _ and dots. ` +
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
