import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dataset } from '../dataset.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { type Folder, realFolder } from './folder.js';
import { json, run } from './script.js';

describe.skipIf(!dataset)('seed --download', () => {
  let server: TestServer;
  let web: http.Server;
  let source: Folder;
  let parent: string;
  let zip: Buffer;
  let answer: (response: http.ServerResponse) => void;
  let requests = 0;
  let to: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    server = await testServer();
    source = await realFolder(40);
    parent = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-download-'));
    // Kaggle's zip has the whole catalogue a second time, in a folder of its own.
    const layout = path.join(parent, 'layout');
    for (const part of ['.', 'myntradataset']) await cp(source.path, path.join(layout, part), { recursive: true });
    zip = await zipOf(layout, ['images', 'myntradataset', 'styles.csv']);
    web = http.createServer((_, response) => {
      requests++;
      answer(response);
    });
    await once(web.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    web.close();
    await server.close();
    await source.remove();
    await rm(parent, { recursive: true });
  });
  beforeEach(async () => {
    requests = 0;
    to = path.join(await mkdtemp(path.join(parent, 'test-')), 'data');
    env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('table'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
    answer = (response) => response.writeHead(200, { 'content-length': zip.length }).end(zip);
  });

  const url = () => `http://127.0.0.1:${(web.address() as AddressInfo).port}/x.zip`;
  const download = () => run('seed', ['--download', '--dataset', to, '--from', url(), '--json'], env);

  async function zipOf(folder: string, parts: string[]): Promise<Buffer> {
    const file = path.join(parent, `${uniqueName('a')}.zip`);
    execFileSync('python3', ['-m', 'zipfile', '-c', file, ...parts], { cwd: folder });
    return readFile(file);
  }

  test('unpacks the catalogue, loads it, and downloads it only once', async () => {
    expect(json(await download())).toMatchObject({ rows: { read: 40, written: 40 }, images: { put: 40, failed: [] } });
    expect((await readdir(to)).sort()).toEqual(['images', 'styles.csv']);
    expect(await readFile(path.join(to, 'styles.csv'))).toEqual(await readFile(path.join(source.path, 'styles.csv')));
    expect((await readdir(path.join(to, 'images'))).sort()).toEqual(source.ids.map((id) => `${id}.jpg`).sort());
    expect(json(await download())).toMatchObject({ rows: { unchanged: 40 }, images: { unchanged: 40 } });
    expect(requests).toBe(1);
  });

  test.each<[string, (response: http.ServerResponse) => void, RegExp]>([
    [
      'is not there (404)',
      (response) => response.writeHead(404).end('no'),
      /cannot be downloaded: it answers 404 Not Found\. Try again, or download it in a browser/,
    ],
    [
      'is cut off',
      (response) =>
        response
          .writeHead(200, { 'content-length': zip.length })
          .write(zip.subarray(0, 5000), () => response.destroy()),
      /cannot be downloaded: .+ Try again/,
    ],
    [
      'ends too early',
      (response) => response.writeHead(200).end(zip.subarray(0, 5000)),
      /What was downloaded from .+ is not a complete zip of a data set: .+/,
    ],
    [
      'is a web page',
      (response) => response.writeHead(200).end('<html>Sign in</html>'),
      /What was downloaded from .+ is not a complete zip of a data set: .+/,
    ],
  ])('what %s leaves nothing that passes for a data set, and the next try completes', async (_, bad, says) => {
    const good = answer;
    answer = bad;
    const { status, stdout, stderr } = await download();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const [line = ''] = stderr.match(/^error: .*$/m) ?? [];
    expect(line).toMatch(says);
    expect(line).toContain(url());
    expect(stderr.endsWith(`${line}\n`)).toBe(true);
    expect(await readdir(to)).toEqual(['images']);

    answer = good;
    expect(json(await download())).toMatchObject({ rows: { written: 40 }, images: { put: 40 } });
  });

  test('a zip of something else is refused: it has no styles.csv', async () => {
    const other = path.join(parent, uniqueName('other'));
    await mkdir(other);
    await cp(path.join(source.path, 'images'), path.join(other, 'pictures'), { recursive: true });
    const bytes = await zipOf(other, ['pictures']);
    answer = (response) => response.writeHead(200).end(bytes);
    const { status, stderr } = await download();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: The zip that was downloaded from .+ has no styles\.csv\./m);
    expect(await readdir(to)).toEqual(['images']);
  });

  test('an address where nobody answers is named', async () => {
    const { status, stderr } = await run(
      'seed',
      ['--download', '--dataset', to, '--from', 'http://127.0.0.1:1/x.zip'],
      env,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: http:\/\/127\.0\.0\.1:1\/x\.zip cannot be downloaded: .+\n$/m);
  });
});
