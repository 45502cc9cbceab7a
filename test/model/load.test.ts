import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shippedModel } from '../../src/model/files.js';
import { loadModel } from '../../src/model/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'model-'));
  await cp(shippedModel, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** Changes a JSON file of the copied model by replacing text in it. */
async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8');
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  await writeFile(file, edited);
}

describe('loadModel', () => {
  it('takes a folder, and tells the seven attributes with their labels', async () => {
    const model = await loadModel(folder);
    expect(model.attributes.map(({ name }) => name)).toEqual([
      'gender',
      'masterCategory',
      'subCategory',
      'articleType',
      'baseColour',
      'season',
      'usage',
    ]);
    expect(model.attributes[0]?.labels).toContain('Women');
    expect(model.input).toEqual({ width: 60, height: 80 });
    model.dispose();
  });

  it('takes an S3 prefix with a client, as the same model', async () => {
    const server = createServer((request, response) => {
      const name = /^\/bucket\/models\/first\/([a-z.]+)(\?|$)/.exec(request.url ?? '')?.[1] ?? 'none';
      readFile(path.join(folder, name)).then(
        (data) => response.end(data),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const s3 = new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    try {
      const [remote, local] = [await loadModel('s3://bucket/models/first/', { s3 }), await loadModel(folder)];
      expect(remote.fingerprint).toBe(local.fingerprint);
      remote.dispose();
      local.dispose();
      await expect(loadModel('s3://bucket/models/other', { s3 })).rejects.toMatchObject({ code: 'model.notFound' });
    } finally {
      s3.destroy();
      server.close();
    }
  });

  it('gives a fingerprint that changes with a weight and with a label', async () => {
    const fingerprint = async () => {
      const model = await loadModel(folder);
      model.dispose();
      return model.fingerprint;
    };
    const before = await fingerprint();
    expect(await fingerprint()).toBe(before);
    await edit('pipeline.json', '"Tshirts"', '"T-shirts"');
    const relabelled = await fingerprint();
    const weights = await readFile(path.join(folder, 'weights.bin'));
    weights[1000] = (weights[1000] ?? 0) ^ 1;
    await writeFile(path.join(folder, 'weights.bin'), weights);
    expect(new Set([before, relabelled, await fingerprint()]).size).toBe(3);
  });

  it('says where it looked and how to train one, where there is no model', async () => {
    await expect(loadModel('/nowhere')).rejects.toMatchObject({
      code: 'model.notFound',
      message: expect.stringMatching(/'\/nowhere'.*scripts\/train\.mjs/),
    });
  });

  it('asks for a client where the model is on S3', async () => {
    await expect(loadModel('s3://bucket/model')).rejects.toMatchObject({ code: 'model.noClient' });
  });

  it('tells truncated weights from whole ones', async () => {
    await truncate(path.join(folder, 'weights.bin'), 1000);
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model.weightsMismatch',
      message: expect.stringContaining('1000 bytes'),
    });
  });

  it('refuses weights of another shape', async () => {
    await edit('model.json', '"shape":[5,5,3,32]', '"shape":[5,5,32,3]');
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model.weightsMismatch',
      message: expect.stringContaining(folder),
    });
  });

  it('refuses labels that do not fit the heads', async () => {
    await edit('pipeline.json', '"Women"', '"Women", "Robots"');
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model.labelsMismatch' });
  });

  it.each([
    ['pipeline.json', '"scale"', '"skale"'],
    ['model.json', '{', '['],
  ])('names the malformed file: %s', async (name, from, to) => {
    await edit(name, from, to);
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model.malformed',
      message: expect.stringContaining(name),
    });
  });

  it('refuses a backend that it does not know', async () => {
    // @ts-expect-error such a value comes from the command line
    await expect(loadModel(folder, { backend: 'gpu' })).rejects.toMatchObject({
      code: 'model.unknownBackend',
      message: expect.stringContaining("'gpu'"),
    });
  });
});
