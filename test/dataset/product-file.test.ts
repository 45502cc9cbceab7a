import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Product } from '../../src/catalogue/index.js';
import { ProductFile } from '../../src/dataset/product-file.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Products in an order that is none, with names of so many characters. */
function* found(count: number, length: number): Generator<Product> {
  for (let i = 0; i < count; i++)
    yield { id: 1 + ((i * 7919) % count), productDisplayName: `Crème, "Größe" ${i} `.padEnd(length, 'é') };
}

describe('products of a query', () => {
  it.each([
    ['in memory', 2500, 40],
    ['in a file', 2500, 8000],
  ])('are read in the order of their ids: %s', async (_, count, length) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-test-'));
    vi.stubEnv('TMPDIR', folder);
    const file = await ProductFile.of(found(count, length));
    expect(file.count).toBe(count);
    // Even while it is used no file is to be seen, so nothing is left where a process is killed.
    expect(readdirSync(folder)).toEqual([]);
    const groups = [...file.groups(1000)];
    expect(groups.map((group) => group.length)).toEqual([1000, 1000, 500]);
    expect(groups.flat()).toEqual([...found(count, length)].sort((a, b) => a.id - b.id));
    file.close();
    await rm(folder, { recursive: true });
  });

  it('that do not fit into the folder of temporary files are an error that says what to do', async () => {
    vi.stubEnv('TMPDIR', '/nowhere');
    await expect(ProductFile.of(found(2500, 8000))).rejects.toMatchObject({
      code: 'dataset.noTemporaryFile',
      message: expect.stringMatching(/\/nowhere.*set TMPDIR to another/),
    });
    expect((await ProductFile.of(found(10, 40))).count).toBe(10);
  });
});
