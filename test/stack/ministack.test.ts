import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../../src/aws/clients.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { freePort } from './mock.js';

// As a person meets it: the scripts themselves.
const root = path.resolve(import.meta.dirname, '../..');
let port: number;
let folder: string;
let aws: Aws;

beforeEach(async () => {
  port = await freePort();
  folder = await mkdtemp(path.join(os.tmpdir(), 'ministack-state-'));
  aws = clients({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } });
});
afterEach(async () => {
  aws.close();
  await run('down');
  await rm(folder, { recursive: true });
});

function run(script: 'up' | 'down', ...options: string[]) {
  const env = { ...process.env, ML_PIPELINE_STATE: folder, FORCE_COLOR: '0' };
  const parameters = [path.join(root, 'scripts', `${script}.mjs`), '--port', String(port), ...options];
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, parameters, { env, cwd: root }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

const stateFolder = () => path.join(folder, `${port}.ministack`);
const pid = () => Number(readFileSync(path.join(root, '.emulator', `${port}.ministack.pid`), 'utf8'));
const products = async () => (await new Catalogue(aws).statistics())?.products;

describe.skipIf(process.env.ML_PIPELINE_TEST_ENDPOINT)('MiniStack', () => {
  it('comes up with up --ministack on 127.0.0.1 alone, is told apart, and goes down', async () => {
    const { out, err } = await run('up', '--ministack');
    expect({ out, err }).toMatchObject({ err: '', out: expect.stringContaining(`Up: MiniStack at ${aws.endpoint}`) });
    expect(out).toContain(`It keeps its data in ${stateFolder()}.\nQueues: npx zx scripts/deploy.mjs`);
    // The addresses that something listens at, as the kernel has them.
    const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    const sockets = ['tcp', 'tcp6'].flatMap((kind) => readFileSync(`/proc/net/${kind}`, 'utf8').split('\n'));
    const listening = sockets.filter((line) => line.includes(local) && line.split(/\s+/)[4] === '0A');
    expect(listening.map((line) => line.split(/\s+/)[2]?.split(':')[0])).toEqual(['0100007F']);
    expect((await run('up')).out).toContain('Already up: MiniStack');
    expect(await run('up', '--embedded')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/MiniStack answers already, not the embedded emulator\. Stop it first/),
    });
    const running = pid();
    expect((await run('down')).out).toBe(
      `MiniStack at port ${port} is down (pid ${running}).\n` +
        `${stateFolder()} keeps what it held for the next 'up --ministack'.\n`,
    );
    expect((await run('down')).out).toContain('Nothing to stop');
  });

  it('has its data again after down and after a kill, and throws it away with down --delete', async () => {
    await run('up', '--ministack');
    await seedCatalogue(aws, sampleSource({ products: 12 }));
    await run('down');
    expect((await run('up', '--ministack')).code).toBe(0);
    expect(await products()).toBe(12);
    await seedCatalogue(aws, sampleSource({ products: 15 }));
    // What it holds is written every few seconds.
    const before = Date.now();
    const written = () => stat(path.join(stateFolder(), 'state/dynamodb.json')).then(({ mtimeMs }) => mtimeMs);
    await expect.poll(written).toBeGreaterThan(before);
    process.kill(pid(), 'SIGKILL');
    expect((await run('up', '--ministack')).out).toContain('Up: MiniStack');
    expect(await products()).toBe(15);
    expect(await new Catalogue(aws).query({}, { quiet: true }).toArray()).toHaveLength(15);
    expect((await run('down', '--delete')).out).toContain(`Thrown away: ${stateFolder()}.\n`);
    expect(existsSync(stateFolder())).toBe(false);
    expect((await run('up', '--ministack', '--memory')).out).toContain('It keeps its data in memory.');
    expect(await products().catch(({ code }) => code)).toMatch(/^aws\.\w+Missing$/);
  });

  it('takes no request of a web page, which could have it run a function', async () => {
    await run('up', '--ministack', '--memory');
    const status = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        http
          .get({ host: '127.0.0.1', port, path: '/_localstack/health', headers }, (response) =>
            resolve(response.resume().statusCode),
          )
          .on('error', reject);
      });
    expect(await status({})).toBe(200);
    expect(await status({ origin: 'https://example.com' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ host: `rebound.example.com:${port}` })).toBe(403);
  });

  it('leaves a port alone that something else has', async () => {
    const server = http.createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await run('up', '--ministack')).toMatchObject({
      code: 1,
      err: expect.stringMatching(new RegExp(`^error: Port ${port} is taken by .*--port ${port + 1}\n$`)),
    });
    expect((await run('down')).out).toContain('Nothing to stop');
    server.close();
  });

  it('comes up once where two start it at the same moment', async () => {
    const both = await Promise.all([run('up', '--ministack', '--memory'), run('up', '--ministack', '--memory')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect((await run('down')).out).toMatch(/^MiniStack at port \d+ is down \(pid \d+\)\.\n$/);
    await expect(fetch(`${aws.endpoint}/_localstack/health`)).rejects.toThrow();
  });
});
