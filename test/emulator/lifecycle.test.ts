import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultImage } from '../../localstack/docker.mjs';
import { clients } from '../../src/aws/clients.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { readDeadLetters } from '../../src/pipeline/queue/dead-letters.js';
import { queueUrl } from '../../src/pipeline/queue/provision.js';
import { queueName } from '../../src/pipeline/queue/settings.js';
import { sampleSource } from '../../src/sample/index.js';

// As a person meets them: the scripts themselves, with a `docker` of the test's own first on the PATH.
const root = path.resolve(import.meta.dirname, '../..');
let port: number;
let folder: string;

beforeEach(async () => {
  port = await freePort();
  folder = await mkdtemp(path.join(tmpdir(), 'lifecycle-'));
  environment = {};
  fakeDocker();
});

afterEach(async () => {
  await run('down');
  await rm(stateFile('').slice(0, -1), { recursive: true, force: true });
  for (const kind of ['pid', 'docker', 'log', 'worker.pid', 'worker.log']) rmSync(stateFile(kind), { force: true });
  await rm(folder, { recursive: true });
});

const stateFile = (kind: string) => path.join(root, '.emulator', `${port}.${kind}`);
const pidIn = (kind: 'pid' | 'worker.pid') => Number(readFileSync(stateFile(kind), 'utf8'));
const Health = z.object({
  services: z.record(z.string(), z.string()),
  edition: z.string().optional(),
  pid: z.number().optional(),
});

/** The pids of all workers that belong to the port. */
function workers() {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return all
    .filter((line) => line.includes('worker.mjs') && `${line} `.includes(`--beside ${port} `))
    .map((line) => parseInt(line, 10));
}

async function health() {
  try {
    return Health.parse(await (await fetch(`http://127.0.0.1:${port}/_localstack/health`)).json());
  } catch {
    return undefined;
  }
}

/** What the tests add to the environment of the scripts. */
let environment: Record<string, string> = {};

function run(script: 'up' | 'down', ...options: string[]) {
  const env = { ...process.env, ...environment, PATH: `${folder}:${process.env.PATH}`, FORCE_COLOR: '0' };
  const parameters = [path.join(root, 'scripts', `${script}.mjs`), '--port', String(port), ...options];
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, parameters, { env, cwd: folder }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

/** What answers in the container; it runs in a process of its own. */
const localStack = `() => {
  const health = { services: { s3: 'available', dynamodb: 'available' }, edition: 'community' };
  const server = require('node:http').createServer((request, response) => response.end(JSON.stringify(health)));
  server.listen(+process.env.ML_PIPELINE_PORT, '127.0.0.1', () => process.send('ready'));
}`;

/** A docker command: no daemon by default; each part of `works` makes more of it work. */
function fakeDocker(works: { daemon?: boolean; image?: boolean; pull?: boolean; compose?: boolean } = {}) {
  const program = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync, rmSync } = require('node:fs');
const works = ${JSON.stringify(works)};
const [command, ...rest] = process.argv.slice(2);
appendFileSync(__dirname + '/calls', process.argv.slice(2).join(' ') + '\\n');
const fail = (text) => { console.error(text); process.exit(1); };
if (!works.daemon) fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?');
if (command === 'version') console.log('28.1.0');
if (command === 'image' && !works.image) fail('No such image');
if (command === 'pull' && !works.pull) fail('Get "https://registry.example/v2/": dial tcp: no such host');
if (command === 'compose' && rest.includes('up')) {
  if (!works.compose) fail('mount denied');
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', \`(${localStack})()\`], { detached: true, stdio });
  child.once('message', () => { writeFileSync(__dirname + '/container', String(child.pid)); process.exit(0); });
}
if (command === 'compose' && rest.includes('down')) {
  try { process.kill(+readFileSync(__dirname + '/container', 'utf8')); rmSync(__dirname + '/container'); } catch {}
}
`;
  writeFileSync(path.join(folder, 'docker'), program, { mode: 0o755 });
}

async function freePort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('the embedded emulator', () => {
  it('comes up once, says why, and is up already the second time', async () => {
    const first = await run('up');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain(`Up: the embedded emulator at http://127.0.0.1:${port} (no Docker daemon answers)`);
    expect(first.out).toContain(`Next: AWS_ENDPOINT_URL=http://127.0.0.1:${port} npx zx scripts/seed.mjs`);
    const before = await health();
    expect(before).toMatchObject({ edition: 'embedded', pid: pidIn('pid') });
    const second = await run('up');
    expect(second.code).toBe(0);
    expect(second.out).toContain('Already up: the embedded emulator');
    expect((await health())?.pid).toBe(before?.pid);
  });

  it('goes down with down, which has nothing to do the second time', async () => {
    await run('up', '--embedded');
    expect((await run('down')).out).toContain(`The embedded emulator at port ${port} is down`);
    expect(await health()).toBeUndefined();
    expect(existsSync(stateFile('pid'))).toBe(false);
    expect(await run('down')).toMatchObject({
      code: 0,
      out: `Nothing to stop: 'up' started nothing at port ${port}.\n`,
    });
  });

  it('has its data again after down, and throws it away with down --delete, saying what that was', async () => {
    expect((await run('up', '--embedded', '--no-worker')).out).toContain('It keeps its data in ');
    const aws = clients({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } });
    try {
      await seedCatalogue(aws, sampleSource({ products: 12 }));
      await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: 'a/metadata.json', Body: '[]' }));
      const kept = stateFile('').slice(0, -1);
      expect((await run('down')).out).toContain(
        `${kept} keeps what it held for the next 'up': 12 products, 1 data set.\n`,
      );
      const { out } = await run('up', '--embedded', '--no-worker');
      expect(out).toContain(`It keeps its data in ${kept}: 12 products, 1 data set.\n`);
      expect(out).toMatch(/^Next: .*query\.mjs --where '\{\}' --explain$/m);
      expect((await new Catalogue(aws).statistics())?.products).toBe(12);
      expect((await run('down', '--delete')).out).toContain(`Thrown away: ${kept}, 12 products, 1 data set.\n`);
      expect(existsSync(kept)).toBe(false);
      expect((await run('up', '--embedded', '--no-worker', '--memory')).out).toContain('It keeps its data in memory.');
      await run('down');
      expect(existsSync(kept)).toBe(false);
    } finally {
      aws.close();
    }
  });

  it('comes up again after it was killed', async () => {
    await run('up', '--embedded');
    const killed = pidIn('pid');
    process.kill(killed, 'SIGKILL');
    expect((await run('up', '--embedded')).out).toContain('Up: the embedded emulator');
    expect((await health())?.pid).not.toBe(killed);
  });

  it('comes up once where two start it at the same moment', async () => {
    const both = await Promise.all([run('up', '--embedded'), run('up', '--embedded')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ out }) => out.split(':')[0]).sort()).toEqual(['Already up', 'Up']);
    expect((await health())?.pid).toBe(pidIn('pid'));
  });

  it('that has ended does not let down end another process with its old pid', async () => {
    await run('up', '--embedded', '--no-worker');
    process.kill(pidIn('pid'), 'SIGKILL');
    writeFileSync(stateFile('pid'), String(process.pid));
    writeFileSync(stateFile('worker.pid'), String(process.pid));
    expect(await run('down')).toMatchObject({
      code: 0,
      out: `The embedded emulator at port ${port} had already ended.\n`,
    });
    expect(existsSync(stateFile('pid'))).toBe(false);
    expect(existsSync(stateFile('worker.pid'))).toBe(false);
  });
});

describe('the worker beside the embedded emulator', () => {
  it('takes messages after up, and goes down first', async () => {
    const { out } = await run('up', '--embedded');
    expect(out).toContain('A worker takes what is sent to the queues');
    const aws = clients({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } });
    await aws.sqs.send(
      new SendMessageCommand({ QueueUrl: await queueUrl(aws, queueName(aws.stack, 'copy')), MessageBody: 'hello' }),
    );
    await expect
      .poll(async () => (await readDeadLetters(aws)).map(({ code }) => code), { timeout: 10_000 })
      .toEqual(['message.malformed']);
    aws.close();
    const [worker, emulator] = [pidIn('worker.pid'), pidIn('pid')];
    expect((await run('down')).out).toBe(
      `The worker at port ${port} is down (pid ${worker}).\nThe embedded emulator at port ${port} is down ` +
        `(pid ${emulator}).\n`,
    );
    expect(workers()).toEqual([]);
    expect(readdirSync(path.join(root, '.emulator')).filter((name) => name.startsWith(`${port}.`))).toEqual([]);
  });

  it('stays away with --no-worker, and comes with the next up', async () => {
    expect((await run('up', '--embedded', '--no-worker')).out).not.toContain('worker takes');
    expect(workers()).toEqual([]);
    expect((await run('up')).out).toMatch(/^Already up: .*\nIt keeps its data in .*\nA worker takes/);
    expect(workers()).toEqual([pidIn('worker.pid')]);
    expect((await run('up')).out).not.toContain('worker takes');
    expect(workers()).toEqual([pidIn('worker.pid')]);
  });

  it('comes once where two start it at the same moment', async () => {
    await run('up', '--embedded', '--no-worker');
    const both = await Promise.all([run('up'), run('up')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(workers()).toEqual([pidIn('worker.pid')]);
  });

  it('that was killed does not disturb down, and comes again with up', async () => {
    await run('up', '--embedded');
    const killed = pidIn('worker.pid');
    process.kill(killed, 'SIGKILL');
    expect((await run('up')).out).toContain('A worker takes');
    expect(workers()).not.toContain(killed);
    process.kill(pidIn('worker.pid'), 'SIGKILL');
    const emulator = pidIn('pid');
    expect((await run('down')).out).toBe(`The embedded emulator at port ${port} is down (pid ${emulator}).\n`);
    expect(existsSync(stateFile('worker.pid'))).toBe(false);
  });
});

describe('a port that something else has', () => {
  it('is named in one line, with the remedy, and left alone', async () => {
    const server = http.createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      const { code, err } = await run('up');
      expect(code).toBe(1);
      expect(err).toMatch(new RegExp(`^error: Port ${port} is taken by .*--port ${port + 1}\n$`));
      expect((await run('down')).out).toContain('Nothing to stop');
      expect(server.listening).toBe(true);
    } finally {
      server.close();
    }
  });

  it.each(['0', '70000', 'abc', '../x'])('%s as a port is wrong usage', async (bad) => {
    expect(await run('down', '--port', bad)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`--port is '${bad}'; give a whole number from 1 to 65535`),
    });
  });
});

describe('MiniStack', () => {
  it.each([
    ['that does not run', undefined, /'.*python' does not run\. Install one/],
    ['that is too old', '#!/bin/sh\necho 3.9', /python is 3\.9, too old\. Install one .*or name it with --python\.\n$/],
  ])('with a Python %s is one line that says which it needs', async (_, program, reason) => {
    const python = path.join(folder, 'python');
    if (program) writeFileSync(python, program, { mode: 0o755 });
    const { code, err } = await run('up', '--ministack', '--python', python);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(reason) });
    expect(err).toMatch(/^error: MiniStack needs Python 3\.10 or newer, and .*\n$/);
    expect(existsSync(stateFile('ministack.pid'))).toBe(false);
  });

  it('goes with neither another mock nor, where it is not asked for, a Python', async () => {
    expect(await run('up', '--ministack', '--embedded')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--embedded and --ministack exclude each other'),
    });
    expect(await run('up', '--python', 'python3')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--python goes with --ministack'),
    });
  });
});

describe('Docker', () => {
  it('runs LocalStack where a daemon has the image, and stops what it started', async () => {
    fakeDocker({ daemon: true, image: true, compose: true });
    const { out } = await run('up');
    expect(out).toContain(
      `Up: LocalStack in Docker at http://127.0.0.1:${port} (localstack/localstack:4.14.0; a Docker daemon answers, ` +
        'version 28.1.0)',
    );
    expect(out).toContain('Starting localstack/localstack:4.14.0 in Docker …\n');
    expect(out).toContain(
      'Queues: npx zx scripts/deploy.mjs makes them with Lambda functions, npx zx scripts/worker.mjs with a ' +
        'worker here.\n',
    );
    expect(workers()).toEqual([]);
    expect((await run('up', '--docker')).out).toContain('Already up: LocalStack in Docker');
    const wrong = await run('up', '--embedded');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('Stop it first') });
    expect((await run('down')).out).toBe(`LocalStack at port ${port} is down.\n`);
    expect(await health()).toBeUndefined();
  });

  it('runs the image that ML_PIPELINE_DOCKER_IMAGE names, and says so', async () => {
    fakeDocker({ daemon: true, pull: true, compose: true });
    const image = 'floci/floci:latest-compat';
    environment = { ML_PIPELINE_DOCKER_IMAGE: image };
    const { out } = await run('up', '--docker');
    expect(out).toContain(`Pulling ${image} (`);
    expect(out).toContain(`Starting ${image} in Docker …\n`);
    expect(out).toContain(`(${image}; a Docker daemon answers`);
    expect(readFileSync(path.join(folder, 'calls'), 'utf8')).toContain(`pull --quiet ${image}\n`);
    environment = { ML_PIPELINE_DOCKER_IMAGE: '--privileged' };
    await run('down');
    expect(await run('up', '--docker')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: ML_PIPELINE_DOCKER_IMAGE is '--privileged', no image's name\. Give .*\n$/),
    });
  });

  it('that cannot pull is one line with --docker, and the embedded emulator without', async () => {
    fakeDocker({ daemon: true });
    const forced = await run('up', '--docker');
    expect(forced.code).toBe(1);
    expect(forced.err).toMatch(
      /^error: LocalStack cannot start: Docker cannot pull localstack\/localstack:4\.14\.0 \(.*no such host\).*\n$/,
    );
    expect(await run('up')).toMatchObject({ code: 0, out: expect.stringContaining('Up: the embedded emulator') });
  });

  it('that cannot start the container leaves nothing behind', async () => {
    fakeDocker({ daemon: true, pull: true });
    const { code, err } = await run('up', '--docker');
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining('Docker does not start it (mount denied)'),
    });
    expect(readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n').at(-1)).toContain('down');
    expect(existsSync(stateFile('docker'))).toBe(false);
  });

  it('without a daemon is an error only where it was asked for', async () => {
    expect(await run('up', '--docker')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no Docker daemon answers'),
    });
  });
});

describe('the compose file', () => {
  const file = path.join(root, 'localstack/docker-compose.yml');

  it('has the default image of up in it, for who starts it by hand', () => {
    expect(readFileSync(file, 'utf8')).toContain(`image: \${ML_PIPELINE_DOCKER_IMAGE:-${defaultImage}}\n`);
  });

  it('is one that docker compose takes, with the port and image of the environment', ({ skip }) => {
    if (spawnSync('docker', ['compose', 'version']).status !== 0) skip('needs docker compose');
    const env = { ...process.env, ML_PIPELINE_PORT: '4599', ML_PIPELINE_DOCKER_IMAGE: 'floci/floci:latest-compat' };
    const config = execFileSync('docker', ['compose', '--file', file, 'config', '--format', 'json'], { env });
    expect(JSON.parse(String(config))).toMatchObject({
      services: {
        localstack: {
          image: 'floci/floci:latest-compat',
          ports: [{ host_ip: '127.0.0.1', published: '4599', target: 4566 }],
        },
      },
    });
  });
});
