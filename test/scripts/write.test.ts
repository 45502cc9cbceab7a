import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { loadModel } from '../../src/model/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { digests } from '../dataset/digests.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { type Gate, gate } from './gate.js';
import { errorLine, json, run, start } from './script.js';

const products = 90;
let server: TestServer;
let door: Gate;
let env: Record<string, string>;
let root: string;
beforeAll(async () => {
  server = await testServer();
  door = await gate(server.endpoint);
  env = {
    ...server.env,
    AWS_ENDPOINT_URL: door.endpoint,
    ML_PIPELINE_TABLE: uniqueName('table'),
    ML_PIPELINE_BUCKET: uniqueName('bucket'),
  };
  root = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-written-'));
  const aws = clients({ env });
  await seedCatalogue(aws, sampleSource({ products }));
  await new Pipeline(aws).run({ where: { id: { gt: 0 } }, folder: 'all' });
  aws.close();
});
afterAll(async () => {
  await door.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const write = (format: string, to: string, ...more: string[]): string[] => [
  ...['--folder', 'all', '--format', format, '--to', path.join(root, to)],
  ...['--split', '0.8,0.1,0.1', '--stratify', 'masterCategory', ...more],
];

test.each(['huggingface', 'webdataset'])(
  'a write as %s that is killed or stopped half way comes to the same end as one that is not',
  async (format) => {
    door.open();
    // Sides are files of their own: two of the three are there when the third is begun.
    const whole = json(await run('write', write(format, `${format}-whole`, '--json'), env));
    expect(whole).toMatchObject({ rows: products, failures: [], kept: 0 });
    for (const end of ['kill', 'interrupt'] as const) {
      door.open();
      const reached = door.hold('GetImage', products - 5);
      const writing = start('write', write(format, `${format}-${end}`), env);
      await reached;
      writing[end]();
      const { status, stderr } = await writing.outcome;
      if (end === 'interrupt') {
        expect(status).toBe(130);
        expect(stderr).toMatch(/\nStopped\. What was written is kept; the same command goes on from there\.\n$/);
      }
      door.open();
      const { kept } = json(await run('write', write(format, `${format}-${end}`, '--json'), env));
      expect(kept).toBeGreaterThan(0);
      expect(await digests(path.join(root, `${format}-${end}`))).toEqual(
        await digests(path.join(root, `${format}-whole`)),
      );
    }
  },
  180_000,
);

test('it says what was written, and refuses a folder with another data set', async () => {
  door.open();
  const { status, stdout, stderr } = await run('write', write('classes', 'classes'), env);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^classes: 90 rows \(train \d+, validation \d+, test \d+\) in 92 files, .* in \//),
  });
  expect(stderr).toContain('90 rows: train ');
  expect(await readFile(path.join(root, 'classes/README.md'), 'utf8')).toContain('## Classes of masterCategory');
  const again = await run('write', write('parquet', 'classes'), env);
  expect(again.status).toBe(1);
  expect(again.stderr).toContain('has another data set, or the same one written in another way. Name another place');
  const unknown = await run('write', ['--folder', 'none', '--format', 'csv', '--to', path.join(root, 'x')], env);
  expect(unknown.status).toBe(1);
  expect(errorLine(unknown)).toContain("has no complete data set. There is 'all'.");
});

test('the predictions are those without a name, or those of the name that is given', async () => {
  door.open();
  const aws = clients({ env });
  const pipeline = new Pipeline(aws);
  const model = await loadModel();
  const few = await pipeline.open('all').then((all) => all.select(all.rows.slice(0, 3)));
  const { folder, rows } = await pipeline.save(few, 'few', { reason: 'a few' });
  // Those of this name alone are there.
  await pipeline.infer(await pipeline.open(folder), model, { name: 'shipped' });
  model.dispose();
  aws.close();
  const options = (to: string) => ['--folder', folder, '--format', 'jsonl', '--to', path.join(root, to)];
  const writing = (to: string, ...more: string[]) => run('write', [...options(to), ...more], env);
  expect(await writing('named', '--predictions-name', 'shipped')).toMatchObject({ status: 0 });
  const lines = (await readFile(path.join(root, 'named/metadata.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual(
    rows.map(() => expect.arrayContaining(['usage', 'usagePredicted', 'usageConfidence'])),
  );
  expect(errorLine(await writing('unnamed', '--predictions'))).toContain('/few/predictions/ has no complete data set.');
  expect(errorLine(await writing('other', '--predictions-name', 'other'))).toContain('/few/predictions/other/ has no ');
  expect(errorLine(await writing('bad', '--predictions-name', 'a/b'))).toContain("cannot have the name 'a/b'");
});
