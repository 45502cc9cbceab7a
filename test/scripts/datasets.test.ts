import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Aws, clients, remove } from '../../src/aws/index.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { errorLine, run } from './script.js';

let server: TestServer;
let env: Record<string, string>;
let aws: Aws;

beforeAll(async () => {
  server = await testServer();
  env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('table'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
  aws = clients({ env });
  await seedCatalogue(aws, sampleSource({ products: 12 }));
  const pipeline = new Pipeline(aws);
  const all = await pipeline.run({ name: 'everything', where: {}, folder: 'all' });
  await pipeline.save(all.select(all.rows.slice(2)), 'some', { reason: 'the first two are blurred' });
});
afterAll(async () => {
  aws.close();
  await server.close();
});

it('data sets are listed, copied, verified and removed from the command line', async () => {
  const list = await run('datasets', [], env);
  expect(list.stdout).toMatch(/all +export +12 .*everything/);
  expect(list.stdout).toMatch(/some +saved +10 +all +the first two are blurred/);
  expect((await run('datasets', ['copy', 'some', 'other'], env)).stdout).toContain('other/: 10 rows, 10 images');
  expect(await run('datasets', ['verify', 'other', '--rebuild', '3'], env)).toMatchObject({
    status: 0,
    stdout: 'other: 10 of 10 images are as their manifest says; 3 of 3 made again are the same\n',
  });
  await remove(aws, ['other/metadata.json']);
  expect(await run('datasets', ['verify', 'other', '--json'], env)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('"ok":false'),
  });
  const needed = await run('datasets', ['remove', 'all'], env);
  expect(needed.status).toBe(1);
  expect(errorLine(needed)).toMatch(/'other', 'some' were saved from 'all'.*--force/);
  const removed = await run('datasets', ['remove', 'other'], env);
  expect(removed).toMatchObject({ status: 0, stdout: 'removed other: 11 objects\n' });
});

it('differences are printed, with the exit status of diff', async () => {
  expect(await run('diff', ['all'], env)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('0 added, 0 removed, 0 changed, 12 the same'),
  });
  const differ = await run('diff', ['all', 'some'], env);
  expect(differ).toMatchObject({ status: 1, stderr: '' });
  expect(differ.stdout).toMatch(/0 added, 2 removed, 0 changed, 10 the same\n.*id +change[\s\S]*removed/);
  expect(JSON.parse((await run('diff', ['all', 'some', '--json'], env)).stdout)).toMatchObject({
    same: 10,
    rows: [{ change: 'removed' }, { change: 'removed' }],
  });
  expect((await run('diff', ['all', 'none'], env)).status).toBe(2);
});
