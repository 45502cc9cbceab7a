import { CloudFormationClient, DescribeStackResourcesCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEmulator } from '../../localstack/emulator.mjs';
import { type Aws, clients } from '../../src/aws/clients.js';
import { clientSettings } from '../../src/aws/endpoints.js';
import { list } from '../../src/aws/listing.js';
import { putBytes } from '../../src/aws/put-object.js';
import { batchSize, maxReceiveCount } from '../../src/pipeline/queue/settings.js';
import { tasks } from '../../src/pipeline/queue/tasks/index.js';
import { errorLine, json, run } from '../scripts/script.js';
import { type Moto, startMoto } from './moto.js';
import { template } from './template.js';
import { needsTools, tools } from './tools.js';

const credentials = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

describe.skipIf(!tools)(`deploy.mjs on a mock with CloudFormation${needsTools}`, () => {
  let moto: Moto;
  let env: Record<string, string>;
  let aws: Aws;
  let cloudFormation: CloudFormationClient;
  const image = 'images/1.jpg';
  beforeAll(async () => {
    moto = await startMoto();
    env = {
      ...credentials,
      AWS_ENDPOINT_URL: moto.endpoint,
      ML_PIPELINE_BUCKET: 'my-bucket',
      ML_PIPELINE_TABLE: 'MyProducts',
      ML_PIPELINE_STACK: 'mine',
    };
    aws = clients({ env });
    cloudFormation = new CloudFormationClient(clientSettings('CLOUDFORMATION', { env }));
  });
  afterAll(async () => {
    aws.close();
    cloudFormation.destroy();
    await moto.close();
  });

  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of list(aws, '')) found.push(key);
    return found;
  };
  const stacks = async () =>
    ((await cloudFormation.send(new ListStacksCommand({}))).StackSummaries ?? [])
      .filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
      .map(({ StackName }) => StackName);
  const queues = async () => (await aws.sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [];
  const lambda = async <T>(path: string, schema: z.ZodType<T>) => {
    const response = await fetch(`${moto.endpoint}/2015-03-31/${path}`, {
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x',
      },
    });
    return schema.parse(await response.json());
  };
  const functionSchema = z.object({
    Runtime: z.string(),
    Handler: z.string(),
    Timeout: z.number(),
    CodeSize: z.number(),
    Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
  });
  const functionOf = async (task: string) =>
    (await lambda(`functions/mine-${task}`, z.object({ Configuration: functionSchema }))).Configuration;
  const mappings = async () =>
    (
      await lambda(
        'event-source-mappings/',
        z.object({
          EventSourceMappings: z.array(
            z.object({ EventSourceArn: z.string(), FunctionArn: z.string(), BatchSize: z.number() }),
          ),
        }),
      )
    ).EventSourceMappings;

  test('asks for the catalogue first where its bucket is missing', async () => {
    const outcome = await run('deploy', [], env);
    expect(outcome.status).toBe(1);
    expect(errorLine(outcome)).toBe(
      `error: The bucket my-bucket does not exist at ${moto.endpoint}. Create and fill it with: npx zx ` +
        `scripts/seed.mjs\n`,
    );
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'my-bucket' }));
    await putBytes(aws, image, 'an image', { type: 'image/jpeg' });
  });

  test('--dry-run says what would be made, and leaves nothing', async () => {
    const { changes } = z
      .object({ changes: z.array(z.object({ action: z.string(), resource: z.string() })) })
      .parse(json(await run('deploy', ['--dry-run', '--json'], env)));
    expect(changes.map(({ action, resource }) => `${action} ${resource}`).sort()).toEqual(
      Object.keys(template.Resources)
        .map((name) => `Add ${name}`)
        .sort(),
    );
    expect({ keys: await keys(), stacks: await stacks(), queues: await queues() }).toEqual({
      keys: [image],
      stacks: [],
      queues: [],
    });
  });

  test('makes the queues, the functions with their code, and the mappings between them', async () => {
    expect(json(await run('deploy', ['--timeout', '200', '--json'], env))).toMatchObject({
      stack: 'mine',
      status: 'created',
    });
    const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'mine' }));
    // moto makes neither alarms nor the policies of queues.
    const wanted = Object.entries(template.Resources).filter(
      ([, { Type }]) => !['AWS::CloudWatch::Alarm', 'AWS::SQS::QueuePolicy'].includes(Type),
    );
    expect(StackResources.flatMap(({ LogicalResourceId: name }) => name ?? []).sort()).toEqual(
      wanted.map(([name]) => name).sort(),
    );
    for (const task of tasks) {
      const { QueueUrl } = await aws.sqs.send(new GetQueueUrlCommand({ QueueName: `mine-${task}` }));
      const { Attributes = {} } = await aws.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      expect(Attributes.VisibilityTimeout).toBe('1200');
      expect(JSON.parse(Attributes.RedrivePolicy ?? '')).toMatchObject({
        deadLetterTargetArn: expect.stringMatching(`:mine-${task}-dead-letters$`),
        maxReceiveCount,
      });
      const made = await functionOf(task);
      expect(made).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'dist/index.handler', Timeout: 200 });
      expect(made.Environment.Variables).toEqual({
        ML_PIPELINE_AWS: '1',
        ML_PIPELINE_TABLE: 'MyProducts',
        ML_PIPELINE_BUCKET: 'my-bucket',
        ML_PIPELINE_STACK: 'mine',
      });
      expect(made.CodeSize).toBeGreaterThan(100_000);
    }
    const mapped = (await mappings()).map(({ EventSourceArn, FunctionArn, BatchSize }) => [
      EventSourceArn.split(':').at(-1),
      FunctionArn.split(':').at(-1),
      BatchSize,
    ]);
    expect(mapped.sort()).toEqual(tasks.map((task) => [`mine-${task}`, `mine-${task}`, batchSize]).sort());
    expect(
      (await keys())
        .filter((key) => key.startsWith('deploy/mine/'))
        .map((key) => key.replace(/-[0-9a-f]{16}\.zip$/, ''))
        .sort(),
    ).toEqual(tasks.map((task) => `deploy/mine/${task}`).sort());
  });

  test('changes nothing where nothing has changed, and keeps what was not given again', async () => {
    const outcome = await run('deploy', [], env);
    expect(outcome).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('The stack mine is up to date: nothing to change.'),
    });
    expect((await functionOf('copy')).Timeout).toBe(200);
  });

  test('--remove takes all of it away but images and exports, and a missing stack is not an error', async () => {
    expect(json(await run('deploy', ['--remove', '--json'], env))).toMatchObject({ stack: 'mine', status: 'removed' });
    expect({ keys: await keys(), stacks: await stacks(), queues: await queues(), mappings: await mappings() }).toEqual({
      keys: [image],
      stacks: [],
      queues: [],
      mappings: [],
    });
    expect(json(await run('deploy', ['--remove', '--json'], env))).toEqual({
      stack: 'mine',
      status: 'absent',
      zips: [],
    });
  });
});

describe('deploy.mjs', () => {
  test('says that the embedded emulator needs no deployment', async () => {
    const emulator = await startEmulator({ port: 0 });
    try {
      const outcome = await run('deploy', [], { ...credentials, AWS_ENDPOINT_URL: emulator.endpoint });
      expect(outcome.status).toBe(1);
      expect(errorLine(outcome)).toMatch(
        new RegExp(
          String.raw`^error: What answers at http://127\.0\.0\.1:\d+ has no CloudFormation\. ` +
            'The embedded emulator needs no deployment: up starts a worker',
        ),
      );
    } finally {
      await emulator.close();
    }
  });

  test('says how to start a mock where nothing answers', async () => {
    const outcome = await run('deploy', ['--remove'], { ...credentials, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(outcome.status).toBe(1);
    expect(errorLine(outcome)).toMatch(
      new RegExp(
        String.raw`^error: Nothing answers at http://127\.0\.0\.1:9 \(ECONNREFUSED\)\. ` +
          String.raw`Start the mock with: npx zx scripts/up\.mjs --port 9\n`,
      ),
    );
  });

  test('does not touch a real account without consent', async () => {
    const outcome = await run('deploy', ['--remove'], {
      ...credentials,
      AWS_ENDPOINT_URL_CLOUDFORMATION: 'https://cloudformation.eu-west-1.amazonaws.com',
    });
    expect(outcome.status).toBe(1);
    expect(errorLine(outcome)).toMatch(/that of a real AWS account. .* consent with --aws/);
  });
});
