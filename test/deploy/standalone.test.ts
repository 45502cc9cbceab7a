import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmulator } from '../../localstack/emulator.mjs';
import { randomCrop, resize } from '../../src/augment/index.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { list } from '../../src/aws/listing.js';
import { putBytes } from '../../src/aws/put-object.js';
import { folderSource, seedCatalogue } from '../../src/catalogue/index.js';
import { formatNames } from '../../src/dataset/index.js';
import { loadModel, type Model } from '../../src/model/index.js';
import { Pipeline, type Query, type Run, type RunOptions } from '../../src/pipeline/index.js';
import { readDeadLetters } from '../../src/pipeline/queue/dead-letters.js';
import { queueName } from '../../src/pipeline/queue/settings.js';
import { type Task, tasks } from '../../src/pipeline/queue/tasks/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { dataset } from '../dataset.js';
import { type Folder, realFolder } from '../scripts/folder.js';
import { type Access, actionsOf, allows, matches, statementsOf } from './policy.js';
import { startRecorder } from './recorder.js';
import { bundleInto, eventOf, invoke, type TestMessage, unpack } from './zips.js';

const where = { gender: 'Men', subCategory: 'Shoes', year: { gt: 2012 } };
const augment = { transforms: [randomCrop(50, 70), resize(64, 64)], seed: 7, variants: 2 };

let folder: string;
let source: Folder | undefined;
let aws: Aws;
let pipeline: Pipeline;
let model: Model;
let first: Run;
let invocation: Record<string, string>;
const accesses = new Map<Task, Access[]>(tasks.map((task) => [task, []]));
const accessesOf = (task: Task): Access[] => accesses.get(task) ?? [];
const closing: (() => unknown)[] = [];

/** All of it once: jobs that take every way through the functions, whose requests are noted. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-functions-'));
  for (const { task, file } of await bundleInto(path.join(folder, 'zips'))) await unpack(file, path.join(folder, task));
  const emulator = await startEmulator({ port: 0 });
  closing.push(emulator.close);
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ML_PIPELINE_TABLE: 'Products',
    ML_PIPELINE_BUCKET: 'bucket',
    ML_PIPELINE_STACK: 'zips',
  };
  aws = clients({ env: { ...env, AWS_ENDPOINT_URL: emulator.endpoint } });
  closing.push(aws.close);
  source = dataset === undefined ? undefined : await realFolder(60, 30);
  await seedCatalogue(aws, source ? await folderSource(source.path) : sampleSource());
  const recorder = await startRecorder(emulator.endpoint);
  closing.push(recorder.close);
  // As in Lambda: consent given, and nothing else of this process.
  invocation = { ...env, ML_PIPELINE_AWS: '1', AWS_ENDPOINT_URL: recorder.endpoint };
  pipeline = new Pipeline(aws);
  model = await loadModel(undefined, { backend: 'wasm' });
  closing.push(() => model.dispose());

  const work = async (query: Query, options: RunOptions = {}) => {
    const job = await pipeline.run(query, { mode: 'queue', ...options });
    for (const task of tasks) {
      await handleAll(task);
      accessesOf(task).push(...recorder.take());
    }
    return job.result();
  };
  first = await work({ where, folder: 'inferred', augment, infer: true });
  for (const name of ['model.json', 'weights.bin', 'pipeline.json', 'trained-on.bin'])
    await putBytes(aws, `models/shoes/${name}`, await readFile(path.join('src/model/weights', name)), {
      type: 'application/octet-stream',
    });
  const s3Model = await loadModel('s3://bucket/models/shoes', { backend: 'wasm', s3: aws.s3 });
  closing.push(() => s3Model.dispose());
  await work({ where: { gender: { in: ['Men', 'Women'] } }, folder: 'copied' }, { formats: formatNames });
  await work({ where, folder: 'varied', augment });
  // Fewer of the same: some images are there already, others no longer belong.
  const fewer = { ...where, year: { gt: 2013 } };
  await work(
    { where: fewer, folder: 'inferred', augment: { ...augment, variants: 1 }, infer: { name: 'strict' } },
    { model: s3Model },
  );
  // Still so many that listings tell which are there already.
  const { rows } = await work({ where: { gender: 'Men' }, folder: 'copied' });
  expect(rows.length).toBeGreaterThan(30);
  await work({ where: fewer, folder: 'varied', augment });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await source?.remove();
  await rm(folder, { recursive: true, force: true });
});

/**
 * Has a function's zip handle what its queue has, with a message that is nobody's and one that comes when time is over.
 */
async function handleAll(task: Task): Promise<void> {
  const { QueueUrl } = await aws.sqs.send(new GetQueueUrlCommand({ QueueName: queueName(aws.stack, task) }));
  const messages = await receiveAll(QueueUrl);
  if (messages.length === 0) return;
  await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"hello":"world"}' }));
  const all = [...messages, ...(await receiveAll(QueueUrl))];
  const { answers } = await invoke(
    path.join(folder, task),
    [
      { event: eventOf(task, messages), milliseconds: 1000 },
      { event: eventOf(task, all), milliseconds: 60_000 },
    ],
    invocation,
  );
  const [late, done] = answers.map(({ batchItemFailures }) =>
    batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  );
  expect(late).toEqual(messages.map(({ id }) => id));
  expect(done).toEqual([]);
  for (const { receipt } of all) await aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
}

async function receiveAll(QueueUrl: string | undefined): Promise<TestMessage[]> {
  const messages: TestMessage[] = [];
  for (;;) {
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return messages;
    messages.push(
      ...Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '' }) => ({
        id: MessageId,
        body: Body,
        receipt: ReceiptHandle,
      })),
    );
  }
}

describe.each(tasks)('the zip of %s, unpacked into a folder with no node_modules around it', (task) => {
  test('is all that a plain Node needs to handle messages from its queue', async () => {
    expect(await readdir(folder)).not.toContain('node_modules');
    expect(accessesOf(task).filter(({ action }) => action === 's3:PutObject').length).toBeGreaterThan(0);
    expect((await readDeadLetters(aws)).filter((letter) => letter.task === task)).toContainEqual(
      expect.objectContaining({ code: 'message.malformed', body: '{"hello":"world"}' }),
    );
  });

  test('asks for nothing that its role in the template does not allow', () => {
    const setting = { stack: aws.stack, table: aws.table, bucket: aws.bucket };
    const statements = statementsOf(task);
    expect(accessesOf(task).filter((access) => !allows(statements, access, setting))).toEqual([]);
  });

  test('asks for all that its role allows, but what Lambda asks for', () => {
    const setting = { stack: aws.stack, table: aws.table, bucket: aws.bucket };
    // An upload is aborted only where it fails half way. Keys and tags are for S3, which asks in the function's name.
    const elsewhere = [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:AbortMultipartUpload',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      's3:GetObjectTagging',
      's3:PutObjectTagging',
    ];
    // Images in another bucket are tried in template.test.ts.
    const allowed = statementsOf(task)
      .filter(({ Effect, Sid }) => Effect === 'Allow' && Sid !== 'ReadImages')
      .flatMap((statement) => actionsOf(statement).map((Action) => ({ ...statement, Action })));
    const unused = allowed.filter(
      (statement) =>
        !elsewhere.includes(statement.Action) &&
        !accessesOf(task).some((access) => matches(statement, access, setting)),
    );
    expect(unused.map(({ Sid, Action }) => `${Sid}: ${Action}`)).toEqual([]);
  });
});

test('what the zips make is what a direct run makes', async () => {
  const direct = await pipeline.run({ where, folder: 'direct', augment, infer: true }, { model });
  expect(first.rows.length).toBeGreaterThan(0);
  const setsOf = (run: Run) =>
    [run, run.augmented, run.inferred].map((set) => ({
      rows: JSON.stringify(set?.rows).replaceAll(`s3://bucket/${run.folder}/`, ''),
      etags: set?.manifest.images.map(({ etag }) => etag),
    }));
  expect(setsOf(first)).toEqual(setsOf(direct));
});

test('a completed job leaves nothing of its own in the bucket', async () => {
  const left = [];
  for await (const { key } of list(aws, 'jobs/')) left.push(key);
  expect(left).toEqual([]);
});
