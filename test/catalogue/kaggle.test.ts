import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadDataset } from '../../src/catalogue/source/kaggle.js';

let folder: string;
let server: http.Server;
let zip: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kaggle-'));
  server = http.createServer((_, response) => response.end(zip));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const download = () => downloadDataset(folder, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
const csv = new TextEncoder().encode('id,gender\n');

it('a zip that is small and unpacks to far more is refused before it fills the disk', async () => {
  zip = zipSync({ 'images/1.jpg': new Uint8Array(40e6), 'images/2.jpg': new Uint8Array(40e6), 'styles.csv': csv });
  expect(zip.length).toBeLessThan(200_000);
  await expect(download()).rejects.toMatchObject({
    code: 'download.notAZip',
    message: expect.stringMatching(/it unpacks to more than 50,000,000 bytes\. Try again/),
  });
  expect(await readdir(folder)).toEqual(['images']);
});

it('a zip that says less than it unpacks to is refused, too', async () => {
  zip = zipSync({ 'images/1.jpg': new Uint8Array(1e6), 'styles.csv': csv });
  // The sizes of the first entry, in its own header and in the directory at the end.
  const view = new DataView(zip.buffer, zip.byteOffset);
  for (let at = 0; at < zip.length - 4; at++)
    for (const [mark, size] of [
      [0x04034b50, 22],
      [0x02014b50, 24],
    ] as const)
      if (view.getUint32(at, true) === mark && view.getUint32(at + size, true) === 1e6)
        view.setUint32(at + size, 1000, true);
  await expect(download()).rejects.toMatchObject({ code: 'download.notAZip' });
  expect(await readdir(folder)).toEqual(['images']);
});

it('a zip with what it should have is unpacked, and nothing else of it', async () => {
  zip = zipSync({
    'images/1.jpg': csv,
    '../evil.jpg': csv,
    'images/../../evil.jpg': csv,
    'styles.csv': csv,
    'x.exe': csv,
  });
  await expect(download()).rejects.toMatchObject({ code: 'download.notAZip' });
  zip = zipSync({ 'images/1.jpg': csv, 'x.exe': csv, 'styles.csv': csv });
  expect(await download()).toBe('downloaded');
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(['images', 'images/1.jpg', 'styles.csv']);
});
