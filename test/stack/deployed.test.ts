import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { randomCrop, resize } from '../../src/augment/index.js';
import { remove } from '../../src/aws/bucket.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';
import { putBytes } from '../../src/aws/put-object.js';
import { Catalogue, folderSource, seedCatalogue } from '../../src/catalogue/index.js';
import { loadModel, type Model } from '../../src/model/index.js';
import { Pipeline, type Query, queries } from '../../src/pipeline/index.js';
import { readDeadLetters } from '../../src/pipeline/queue/dead-letters.js';
import { batchSize, maxReceiveCount } from '../../src/pipeline/queue/settings.js';
import { type Task, tasks } from '../../src/pipeline/queue/tasks/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { dataset } from '../dataset.js';
import { template } from '../deploy/template.js';
import { expectSameAsDirect, leftovers, snapshot } from '../pipeline/queue/setup.js';
import { realFolder } from '../scripts/folder.js';
import { json, run } from '../scripts/script.js';
import { uniqueName } from '../server.js';
import { ask, configurationOf, configure, freeze, hideFor, map, renewed } from './functions.js';
import { type Mock, startMock } from './mock.js';
import { depthOf, holds, holdsAtMost, peek, sendBody } from './queues.js';

let mock: Mock;
let env: Record<string, string>;
let aws: Aws;
let pipeline: Pipeline;
/** As the functions have it: their results are compared to the byte. */
let model: Model;
let ids: number[];
/** What the bucket held before anything was deployed. */
let seeded: string[];

/*
 * In their order: one deployment for all of them. Where the mocks differ from AWS, as far as these tests see it:
 *
 * - MiniStack 1.5.33 ends the invocations of a function whose settings change (`invalidate_worker` in its
 *   services/lambda_svc.py); their messages come back. AWS lets them end. Either way the job does.
 * - It starts a function's process without a limit in time (`_spawn` in core/lambda_runtime.py); AWS's has 10 seconds
 *   (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). So processes that have been called
 *   before are stopped here, not new ones.
 * - It runs them on the `node` of the PATH, whatever the template's runtime says (`_detect_runtime_binary` there), and
 *   with neither the memory nor the processor of the setting. It looks at no role unless its AUTH is on: what the
 *   functions ask for is compared with their roles in test/deploy/standalone.test.ts.
 * - It takes up to ten messages at once, as they are there; AWS's pollers may take fewer
 *   (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html). It makes five batches at a time, where
 *   AWS begins with five and adds 300 a minute (services-sqs-scaling.html).
 * - It says 0.5 read units for whatever is read.
 * - LocalStack 4.14.0 knows no ScalingConfig; deploy.mjs leaves it out on mocks.
 *
 * On all of them a function that gave no answer has its messages again when their visibility timeout is over, which
 * the template sets to six times the function's (services-sqs-configure.html); these tests make it shorter.
 */
beforeAll(async () => {
  mock = await startMock();
  env = {
    AWS_ENDPOINT_URL: mock.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ML_PIPELINE_TABLE: uniqueName('products'),
    ML_PIPELINE_BUCKET: uniqueName('bucket'),
    ML_PIPELINE_STACK: uniqueName('stack'),
  };
  aws = clients({ env });
  const folder = dataset ? await realFolder(200, 70) : undefined;
  await seedCatalogue(aws, folder ? await folderSource(folder.path) : sampleSource({ products: 200 }));
  await folder?.remove();
  pipeline = new Pipeline(aws);
  model = await loadModel(undefined, { backend: 'wasm' });
  const some = new Catalogue(aws).query({}, { fields: ['id'], limit: 30, quiet: true });
  ids = (await some.toArray()).map(({ id }) => Number(id));
  seeded = await keys();
});
afterAll(async () => {
  model?.dispose();
  aws?.close();
  await mock?.close();
});

const keys = async (prefix = ''): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of list(aws, prefix)) found.push(key);
  return found.sort();
};
/** All that the services list, in which the stack's name would be. */
const listed = async (): Promise<Record<string, string>> => {
  const form = (body: string): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const target = (name: string, body: string): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': `application/x-amz-json-1.${name.startsWith('Logs') ? 1 : 0}`, 'x-amz-target': name },
  });
  return {
    functions: await ask(aws, 'lambda', '/2015-03-31/functions/'),
    mappings: await ask(aws, 'lambda', '/2015-03-31/event-source-mappings/'),
    queues: await ask(aws, 'sqs', '/', target('AmazonSQS.ListQueues', '{}')),
    tables: await ask(aws, 'dynamodb', '/', target('DynamoDB_20120810.ListTables', '{}')),
    logs: await ask(aws, 'logs', '/', target('Logs_20140328.DescribeLogGroups', '{}')),
    roles: await ask(aws, 'iam', '/', form('Action=ListRoles&Version=2010-05-08')),
    policies: await ask(aws, 'iam', '/', form('Action=ListPolicies&Scope=Local&Version=2010-05-08')),
    alarms: await ask(aws, 'monitoring', '/', form('Action=DescribeAlarms&Version=2010-08-01')),
  };
};
/** The lists that have the stack's name. */
const naming = async () =>
  Object.entries(await listed()).flatMap(([name, text]) => (text.includes(aws.stack) ? [name] : []));

const deploy = (...options: string[]) => run('deploy', [...options, '--json'], env).then(json);
const planSchema = z.object({
  changes: z.array(z.object({ action: z.string(), resource: z.string(), replacement: z.boolean() })),
});
const start = (query: Query) => pipeline.run(query, { mode: 'queue' });
const one = (n: number, folder: string): Query => ({ where: { id: ids[n] ?? 0 }, folder });
const transforms = [randomCrop(50, 70), resize(64, 64)];
const augmented = (query: Query): Query => ({ ...query, augment: { transforms, seed: 3 } });
/** Has a function called, so that a process of it is there. */
const warm = async (query: Query) => void (await (await start(query)).result());

test('deploy --dry-run says what would be made, and makes nothing', async () => {
  const { changes } = planSchema.parse(await deploy('--dry-run'));
  expect(changes.map(({ action, resource }) => `${action} ${resource}`).sort()).toEqual(
    Object.keys(template.Resources)
      .map((name) => `Add ${name}`)
      .sort(),
  );
  expect(await keys()).toEqual(seeded);
  expect(await naming()).toEqual([]);
});

test('deploy makes the queues, their functions, and what binds and watches them', async () => {
  expect(await deploy('--timeout', '60')).toMatchObject({ stack: aws.stack, status: 'created' });
  expect(await configurationOf(aws, 'infer')).toMatchObject({ MemorySize: 1769, Timeout: 60 });
  expect(await naming()).toEqual(['functions', 'mappings', 'queues', 'tables', 'logs', 'roles', 'policies', 'alarms']);
});

test('query 1 is done by the functions without a worker, every object as of a direct run', async () => {
  const query = queries.maleShoesFrom2012;
  expect(json(await run('query', ['--query', '1', '--queue', '--json'], env))).toMatchObject({ failed: 0 });
  await expectSameAsDirect(aws, query);
});

test('query 4 is done by the functions without a worker, every object as of a direct run', async () => {
  const { report } = await (await start(queries.maleShoesFrom2012Augmented)).result();
  expect(report).toMatchObject({ failed: 0, augmented: report.exported });
  await expectSameAsDirect(aws, queries.maleShoesFrom2012Augmented);
});

test('query 5 is done by the functions without a worker, every object as of a direct run', async () => {
  expect(json(await run('query', ['--query', '5', '--queue', '--json'], env))).toMatchObject({ failed: 0 });
  await expectSameAsDirect(aws, queries.maleShoesFrom2012Labelled, [], model);
  expect(await leftovers(aws)).toEqual([]);
});

test('a message that comes twice at once, and again after its job, changes nothing', async () => {
  const query = { where: { id: { in: ids } }, folder: 'twice' };
  await map(aws, 'copy', { Enabled: false });
  const job = await start(query);
  const body = await peek(aws, 'copy');
  await sendBody(aws, 'copy', body);
  await map(aws, 'copy', { Enabled: true });
  const { report } = await job.result();
  expect(report).toMatchObject({ exported: ids.length, failed: 0 });
  await holds(aws, 'copy', 0);
  const before = await snapshot(aws, query.folder);
  await sendBody(aws, 'copy', body);
  await holds(aws, 'copy', 0);
  expect(await snapshot(aws, query.folder)).toEqual(before);
  expect(await leftovers(aws)).toEqual([]);
  await expectSameAsDirect(aws, query);
});

test('a poison message goes to the dead-letter queue with its reason, and disturbs no other', async () => {
  await sendBody(aws, 'copy', '{"hello":"world"}');
  await expect
    .poll(() => readDeadLetters(aws))
    .toEqual([
      expect.objectContaining({
        task: 'copy',
        code: 'message.malformed',
        reason: expect.stringMatching(/not one of the kit's/),
        body: '{"hello":"world"}',
      }),
    ]);
  await holds(aws, 'copy', 0);
});

test('one bad message in a batch of ten does not bring the nine back; a dead letter with its reason, it is redriven', {
  // Its five attempts take 15 seconds.
  timeout: 180_000,
}, async () => {
  await map(aws, 'augment', { Enabled: false, BatchSize: 10 });
  const wanted = Array.from({ length: 10 }, (_, n) => augmented(one(n, `ten-${n}`)));
  const jobs = await Promise.all(wanted.map(start));
  await holds(aws, 'augment', 10);
  const [bad, ...good] = jobs;
  if (!bad) throw new Error('no job');
  // What the function of copy has made for it is away.
  const part = `jobs/${bad.id}/copy/0.json`;
  const bytes = await getBytes(aws, part);
  await remove(aws, [part]);
  await map(aws, 'augment', { Enabled: true });
  await Promise.all(good.map((job) => job.result()));
  // A batch that failed as a whole would be there again, hidden.
  await holdsAtMost(aws, 'augment', 1);
  await expect.poll(() => bad.deadLetters()).toHaveLength(1);
  expect(await bad.deadLetters()).toEqual([
    expect.objectContaining({ task: 'augment', code: 's3.notFound', reason: expect.stringContaining(part) }),
  ]);
  await putBytes(aws, part, bytes, { type: 'application/json' });
  expect(json(await run('jobs', ['redrive', bad.id, '--json'], env))).toMatchObject({ redriven: 1 });
  expect((await bad.result()).report).toMatchObject({ augmented: 1, failed: 0 });
  for (const query of wanted.slice(0, 2)) await expectSameAsDirect(aws, query);
  await map(aws, 'augment', { Enabled: true, BatchSize: batchSize });
});

test('a function that runs out of time is ended, and its message comes again', async () => {
  const { Timeout } = await configurationOf(aws, 'copy');
  await hideFor(aws, 'copy', 6);
  await renewed(aws, 'copy', async () => {
    await configure(aws, 'copy', { Timeout: 5 });
    await warm(one(0, 'warm'));
  });
  const frozen = freeze(aws, 'copy');
  onTestFinished(() => frozen.done('SIGCONT'));
  const query = one(1, 'late');
  const job = await start(query);
  await frozen.ended();
  frozen.done('SIGCONT');
  const { report } = await job.result();
  expect(report).toMatchObject({ exported: 1, failed: 0 });
  expect(report.seconds).toBeGreaterThan(5);
  await expectSameAsDirect(aws, query);
  await renewed(aws, 'copy', async () => {
    await configure(aws, 'copy', { Timeout });
    await warm(one(0, 'warm-again'));
  });
});

test('a function that is killed gives its message back, after its visibility timeout', async () => {
  await hideFor(aws, 'copy', 4);
  const frozen = freeze(aws, 'copy');
  onTestFinished(() => frozen.done('SIGCONT'));
  const query = one(2, 'killed');
  const job = await start(query);
  await frozen.busy();
  frozen.done('SIGKILL');
  const { report } = await job.result();
  expect(report).toMatchObject({ exported: 1, failed: 0 });
  expect(report.seconds).toBeGreaterThan(4);
  await expectSameAsDirect(aws, query);
  expect((await readDeadLetters(aws)).filter(({ job }) => job !== undefined)).toEqual([]);
});

test('a job that is cancelled stops between two steps, and goes on from there when it is resumed', async () => {
  const query = { where: { id: { in: ids } }, folder: 'paused', infer: true };
  await map(aws, 'infer', { Enabled: false });
  const job = await start(query);
  await holds(aws, 'infer', 1);
  expect(json(await run('jobs', ['cancel', job.id, '--json'], env))).toEqual({ job: job.id, state: 'cancelled' });
  await map(aws, 'infer', { Enabled: true });
  await holds(aws, 'infer', 0);
  expect(await keys('paused/predictions/')).toEqual([]);
  expect((await job.progress()).tasks).toMatchObject([{ done: ids.length }, { done: 0 }]);
  expect(json(await run('jobs', ['resume', job.id, '--json'], env))).toEqual({ job: job.id });
  expect((await job.result()).report).toMatchObject({ inferred: ids.length, failed: 0 });
  await expectSameAsDirect(aws, query, [], model);
});

test('an update changes a setting in place while a job is under way, which comes to its end', async () => {
  const query = augmented({ where: { id: { in: ids } }, folder: 'updated' });
  await hideFor(aws, 'augment', 4);
  await warm(augmented(one(0, 'warm-once-more')));
  const frozen = freeze(aws, 'augment');
  onTestFinished(() => frozen.done('SIGCONT'));
  const job = await start(query);
  await frozen.busy();
  const { changes } = planSchema.parse(await deploy('--memory', '2048', '--dry-run'));
  const bound = (memory: Task[]) => memory.map((task) => `${task[0]?.toUpperCase()}${task.slice(1)}Function`);
  expect(changes).toEqual(
    expect.arrayContaining(
      bound(['augment', 'infer']).map((resource) => expect.objectContaining({ action: 'Modify', resource })),
    ),
  );
  expect(changes.filter(({ action, replacement }) => action !== 'Modify' || replacement)).toEqual([]);
  expect(await configurationOf(aws, 'augment')).toMatchObject({ MemorySize: 1769 });
  expect(await deploy('--memory', '2048')).toMatchObject({ status: 'updated' });
  frozen.done('SIGCONT');
  expect((await job.result()).report).toMatchObject({ augmented: ids.length, failed: 0 });
  expect(await configurationOf(aws, 'augment')).toMatchObject({ MemorySize: 2048, Timeout: 60 });
  await expectSameAsDirect(aws, query);
});

test.skipIf(process.env.ML_PIPELINE_TEST_ENDPOINT)('the deployed stack is there again after down and up', async () => {
  await mock.restart();
  expect(await deploy()).toMatchObject({ status: 'unchanged' });
  const query = augmented(one(3, 'restarted'));
  expect((await (await start(query)).result()).report).toMatchObject({ augmented: 1, failed: 0 });
  await expectSameAsDirect(aws, query);
});

test('--remove leaves images and exports, and nothing else', async () => {
  const all = await keys();
  const own = all.filter((key) => key.startsWith('deploy/'));
  expect(own).toHaveLength(tasks.length);
  for (const task of tasks) expect(await depthOf(aws, task)).toEqual({ waiting: 0, taken: 0 });
  expect(await deploy('--remove')).toMatchObject({ stack: aws.stack, status: 'removed' });
  const left = await keys();
  expect(left).toEqual(all.filter((key) => !own.includes(key)));
  expect(left).toEqual(expect.arrayContaining(seeded));
  expect(left.filter((key) => key.startsWith('jobs/'))).toEqual([]);
  expect(await naming()).toEqual([]);
  expect(maxReceiveCount).toBe(5);
});
