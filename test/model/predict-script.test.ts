import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributes } from '../../src/model/index.js';
import { sampleSource } from '../../src/sample/index.js';

const script = path.resolve('scripts/predict.mjs');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'predict-'));
  await mkdir(path.join(folder, 'empty'));
  const source = sampleSource({ products: 3 });
  for await (const { id } of source.products())
    await writeFile(path.join(folder, `${id - 1000000}.jpg`), await source.image(id));
  await writeFile(path.join(folder, '10.jpg'), 'no image');
  await writeFile(path.join(folder, 'notes.txt'), 'not looked at');
});
afterAll(() => rm(folder, { recursive: true }));

const predict = (...args: string[]) =>
  new Promise<{ status: number; lines: string[]; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), lines: stdout.split('\n').slice(0, -1), stderr }),
    );
  });

describe('scripts/predict.mjs', () => {
  it(
    'prints one JSON object an image, in the order of their numbers, an error for an unreadable one, and exits ' +
      'with 1',
    async () => {
      const { status, lines, stderr } = await predict(folder, '--json');
      const rows = lines.map((line) => JSON.parse(line));
      expect(rows.map(({ file }) => file)).toEqual(['1.jpg', '2.jpg', '3.jpg', '10.jpg']);
      expect(Object.keys(rows[0])).toEqual(['file', ...attributes]);
      expect(rows[0].articleType).toEqual({ label: expect.any(String), confidence: expect.any(Number) });
      expect(rows[3]).toEqual({ file: '10.jpg', error: expect.stringContaining('cannot be decoded') });
      expect(status).toBe(1);
      expect(stderr).toContain('error: 1 of 4 images could not be labelled');
    },
  );

  it('names a folder that is missing, or has no images', async () => {
    expect(await predict('/nowhere')).toMatchObject({
      status: 1,
      lines: [],
      stderr: expect.stringContaining("'/nowhere'"),
    });
    expect(await predict(path.join(folder, 'empty'))).toMatchObject({
      status: 1,
      lines: [],
      stderr: expect.stringContaining('has no images'),
    });
  });
});
