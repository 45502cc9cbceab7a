import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataset } from '../dataset.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { type Folder, realFolder } from './folder.js';
import { type Gate, gate } from './gate.js';
import { json, run, start } from './script.js';

describe.skipIf(!dataset)('in the middle of its work', () => {
  let server: TestServer;
  let door: Gate;
  let folder: Folder;
  let env: Record<string, string>;
  const products = 200;
  beforeAll(async () => {
    server = await testServer();
    door = await gate(server.endpoint);
    folder = await realFolder(products, 150);
    env = {
      ...server.env,
      AWS_ENDPOINT_URL: door.endpoint,
      ML_PIPELINE_TABLE: uniqueName('table'),
      ML_PIPELINE_BUCKET: uniqueName('bucket'),
    };
  });
  afterAll(async () => {
    await door.close();
    await server.close();
    await folder.remove();
  });

  const seed = (): string[] => ['--dataset', folder.path, '--json'];

  test('Ctrl-C stops a seeding with status 130, and the same command loads only the rest', async () => {
    const reached = door.hold('PutImage', 60);
    const seeding = start('seed', seed(), env);
    await reached;
    seeding.interrupt();
    const { status, stdout, stderr } = await seeding.outcome;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(/\nStopped\. What was loaded is kept; the same command goes on from there\.\n$/);
    expect(stderr).not.toMatch(/^error|\n +at /m);

    // Not seeded to its end, and not taken for it.
    const explained = await run('query', ['--query', '1', '--explain'], env);
    expect(explained.stdout).toContain('no statistics to estimate its cost: seed the catalogue to its end');

    door.open();
    const { rows, images } = json(await run('seed', seed(), env));
    expect(images).toMatchObject({ put: products - 60, unchanged: 60, failed: [] });
    expect(rows.written + rows.unchanged).toBe(products);
    expect(door.passed('PutImage')).toBe(products - 60);
  });

  test('Ctrl-C stops a query with status 130 and no metadata, and the same command copies the rest', async () => {
    json(await run('seed', seed(), env));
    door.open();
    const query = ['--query', '1', '--json'];
    const reached = door.hold('CopyObject', 60);
    const exporting = start('query', query, env);
    await reached;
    exporting.interrupt();
    const { status, stdout, stderr } = await exporting.outcome;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(/\nStopped\. What was exported is kept; the same command goes on from there\.\n$/);
    expect(door.passed('PutImage')).toBe(0);

    door.open();
    expect(json(await run('query', query, env))).toMatchObject({ products: 150, exported: 150, failed: 0 });
    expect(door.passed('CopyObject')).toBe(150 - 60);
  });

  test.each([
    ['seed', seed, 'PutImage'],
    ['query', (): string[] => ['--query', '1', '--json'], 'CopyObject'],
  ] as const)(
    'the emulator killed under a %s ends it with one clear error, and on a new one it completes',
    async (script, args, action) => {
      const first = await emulator();
      const before = await gate(first.endpoint);
      const killed = { ...env, AWS_ENDPOINT_URL: before.endpoint };
      if (script === 'query') json(await run('seed', seed(), killed));
      before.open();
      const reached = before.hold(action, 60);
      const working = start(script, args(), killed);
      await reached;
      first.process.kill('SIGKILL');
      await before.close();
      const { status, stdout, stderr } = await working.outcome;
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(
          `^error: Nothing answers at ${before.endpoint} \\(\\w+\\)\\. Start the mock with: npx zx ` +
            `scripts/up\\.mjs --port \\d+\\n$`,
          'm',
        ),
      );

      const second = await emulator();
      const fresh = { ...env, AWS_ENDPOINT_URL: second.endpoint };
      expect(json(await run('seed', seed(), fresh)).images).toMatchObject({ put: products, failed: [] });
      expect(json(await run('query', ['--query', '1', '--json'], fresh))).toMatchObject({ exported: 150, failed: 0 });
      second.process.kill('SIGKILL');
    },
  );

  test.each([
    ['stdout', 'node_modules/.bin/zx scripts/query.mjs --query 1 | true'],
    ['stdout and stderr', 'node_modules/.bin/zx scripts/query.mjs --query 1 2>&1 | true'],
  ])('it goes on where nobody reads its %s any more', async (_, command) => {
    json(await run('seed', seed(), env));
    const shell = spawn('bash', ['-c', `${command}; exit \${PIPESTATUS[0]}`], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await once(shell, 'close')).toEqual([0, null]);
  });
});

/** An emulator in a process of its own. */
async function emulator(): Promise<{ endpoint: string; process: ChildProcess }> {
  const child = spawn(process.execPath, ['localstack/emulator.mjs', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { endpoint: /http:\S+\d/.exec(String(line))?.[0] ?? '', process: child };
}
