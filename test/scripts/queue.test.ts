import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { startWorker } from '../pipeline/queue/setup.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { errorLine, json, type Running, run, start } from './script.js';

let server: TestServer;
let env: Record<string, string>;
let worker: Running | undefined;
beforeAll(async () => {
  server = await testServer();
  env = {
    ...server.env,
    ML_PIPELINE_TABLE: uniqueName('products'),
    ML_PIPELINE_BUCKET: uniqueName('bucket'),
    ML_PIPELINE_STACK: uniqueName('stack'),
  };
  const aws = clients({ env });
  await seedCatalogue(aws, sampleSource());
  aws.close();
});
afterAll(async () => {
  worker?.kill();
  await worker?.outcome;
  await server.close();
});

const jobs = (...args: string[]) => run('jobs', args, env);

describe('a job from the command line', () => {
  test('waits for a worker; Ctrl-C leaves it running, and says how to come back', async () => {
    const waiting = start('query', ['--query', '4', '--queue'], env);
    await expect.poll(async () => json(await jobs('list', '--json')).jobs.length, { timeout: 30_000 }).toBe(1);
    await expect.poll(async () => json(await jobs('--json')).jobs[0].state, { timeout: 30_000 }).toBe('running');
    waiting.interrupt();
    const { status, stderr } = await waiting.outcome;
    const [{ id }] = json(await jobs('list', '--json')).jobs;
    expect(status).toBe(130);
    expect(stderr).toContain(`job ${id}: 63 products`);
    expect(stderr).toContain(
      `Stopped. The job goes on without you. See it end: npx zx scripts/jobs.mjs watch ${id}   Stop it: npx ` +
        `zx scripts/jobs.mjs cancel ${id}`,
    );

    worker = await startWorker(env);
    expect(json(await jobs('watch', id, '--json'))).toMatchObject({
      query: 4,
      products: 63,
      exported: 63,
      augmented: 63,
      failed: 0,
    });
    const shown = await jobs('show', id);
    expect(shown.stdout).toMatch(
      new RegExp(
        String.raw`: maleShoesFrom2012Augmented, completed, 63 products, .*\n` +
          String.raw`copy {5}63 of 63 images, 0 failed\naugment {2}63 of 63 images, 0 failed\n$`,
      ),
    );
  });

  test('run to its end reports as a direct run does', async () => {
    const folder = uniqueName('folder');
    const queued = json(await run('query', ['--query', '1', '--to', folder, '--queue', '--json'], env));
    const direct = json(await run('query', ['--query', '1', '--to', folder, '--json'], env));
    expect({ ...queued, seconds: 0 }).toEqual({ ...direct, seconds: 0 });
  });

  test('has its predictions under the name that it is given, and says where they are', async () => {
    const folder = uniqueName('folder');
    const args = ['--query', '5', '--to', folder, '--predictions-name', 'mine'];
    for (const queue of [['--queue'], []])
      expect((await run('query', [...args, ...queue], env)).stdout).toMatch(
        new RegExp(String.raw`\ninferred {3}63 images, in s3://.*/${folder}/predictions/mine/\n$`),
      );
    const { stdout } = await run('datasets', ['list', '--json'], env);
    expect(stdout).not.toContain(`${folder}/predictions"`);
  });

  test('--detach prints the id alone, by which it is cancelled, resumed and removed', async () => {
    worker?.interrupt();
    await worker?.outcome;
    const { stdout } = await run('query', ['--query', '1', '--to', uniqueName('folder'), '--queue', '--detach'], env);
    expect(stdout).toMatch(/^\d{14}-[0-9a-f]{6}\n$/);
    const id = stdout.trim();
    expect(json(await jobs('cancel', id, '--json'))).toEqual({ job: id, state: 'cancelled' });
    expect(errorLine(await jobs('watch', id))).toMatch(
      /was cancelled. Go on with it: npx zx scripts\/jobs\.mjs resume/,
    );
    expect((await jobs('resume', id)).status).toBe(0);
    worker = await startWorker(env);
    expect(json(await jobs('watch', id, '--json'))).toMatchObject({ exported: 63 });
    expect((await jobs('cancel', id)).stdout).toContain('had ended already: it is completed');
    expect(errorLine(await jobs('resume', id))).toContain('is complete: there is nothing to resume');
    expect((await jobs('remove', id)).status).toBe(0);
    expect(errorLine(await jobs('show', id))).toMatch(/There is no job '.*List them/);
  });

  test.each([
    [['show'], 'show needs the id of a job'],
    [['list', 'x'], 'list takes no id'],
    [['toString', 'x'], "there is no 'toString'"],
  ])('wrong usage (%s) is reported', async (args, message) => {
    const { status, stderr } = await jobs(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
  });

  test.each([
    ['worker', ['--tasks', 'copy,paste'], "--tasks has 'paste'"],
    ['worker', ['--concurrency', '0'], "--concurrency is '0'"],
    ['query', ['--query', '1', '--detach'], '--detach goes with --queue'],
    ['query', ['--query', '1', '--queue', '--explain'], '--explain and --queue exclude each other'],
  ] as const)('%s %s is reported', async (script, args, message) => {
    const { status, stderr } = await run(script, args, env);
    expect({ status, reported: stderr.includes(`error: ${message}`) }).toEqual({ status: 2, reported: true });
  });
});
