import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../scripts/bench/children.mjs';

const node = (code: string, signal = new AbortController().signal) =>
  run(process.execPath, ['-e', code], { env: process.env, signal });

test('returns what a program printed', async () => {
  expect(await node('console.log(1 + 1)')).toBe('2\n');
});

test('a program that fails rejects with its error, without its stack', async () => {
  await expect(node('throw new TypeError("no good")')).rejects.toThrow(/status 1: TypeError: no good$/);
});

test('an interrupt ends a program with all that it started', async () => {
  const stop = new AbortController();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-bench-'));
  const file = path.join(folder, 'ids');
  const parent = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    require('node:fs').writeFileSync(process.env.IDS, process.pid + ' ' + child.pid);
    setInterval(() => {}, 1000)`;
  const done = run(process.execPath, ['-e', parent], { env: { ...process.env, IDS: file }, signal: stop.signal });
  await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/^\d+ \d+$/);
  const ids = (await readFile(file, 'utf8')).split(' ').map(Number);
  stop.abort(new Error('interrupted'));
  await expect(done).rejects.toThrow('interrupted');
  for (const id of ids) await expect.poll(() => alive(id), { timeout: 20_000 }).toBe(false);
  await rm(folder, { recursive: true });
});

function alive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
