import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureBucket } from '../../src/aws/bucket.js';
import { clients } from '../../src/aws/clients.js';
import { putBytes } from '../../src/aws/put-object.js';
import { fileNames } from '../../src/model/files/files.js';
import { loadModel } from '../../src/model/index.js';
import { shippedModel } from '../../src/model/shipped.js';
import { testServer, uniqueName } from '../server.js';

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

  it('takes an S3 prefix, through the environment’s clients or those given, as the same model', async () => {
    const server = await testServer();
    const bucket = uniqueName('models');
    const { s3 } = clients({ env: server.env });
    await ensureBucket({ s3, bucket });
    for (const name of Object.values(fileNames)) {
      await putBytes({ s3, bucket }, `models/first/${name}`, await readFile(path.join(folder, name)), {
        type: 'application/octet-stream',
      });
    }
    for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
    try {
      const given = await loadModel(`s3://${bucket}/models/first/`, { s3 });
      const own = await loadModel(`s3://${bucket}/models/first`);
      const local = await loadModel(folder);
      expect(own.fingerprint).toBe(local.fingerprint);
      expect(given.fingerprint).toBe(local.fingerprint);
      for (const model of [given, own, local]) model.dispose();
      await expect(loadModel(`s3://${bucket}/models/other`)).rejects.toMatchObject({ code: 'model.notFound' });
    } finally {
      vi.unstubAllEnvs();
      s3.destroy();
      await server.close();
    }
  });

  it('says where nothing answers, rather than that there is no model', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    await expect(loadModel('s3://bucket/model')).rejects.toMatchObject({ code: 'aws.unreachable' });
    vi.unstubAllEnvs();
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
