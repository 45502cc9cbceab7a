import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomCrop, resize } from '../../src/augment/index.js';
import { remove } from '../../src/aws/bucket.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { Pipeline, type Query } from '../../src/pipeline/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { sampleSource } from '../../src/sample/index.js';
import { type Encrypted, encryptedBucket } from '../kms.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
const env = {
  ...server.env,
  ML_PIPELINE_TABLE: uniqueName('products'),
  ML_PIPELINE_BUCKET: uniqueName('bucket'),
  ML_PIPELINE_STACK: uniqueName('stack'),
};
const source = sampleSource({ products: 30 });
const nothing = { put: 0, copied: 0, read: 0 };
let kms: Encrypted;
let aws: Aws;
let plain: Aws;
beforeAll(async () => {
  kms = await encryptedBucket(server.endpoint);
  // The handlers find their clients by the environment, as in Lambda.
  Object.assign(process.env, env, { AWS_ENDPOINT_URL: kms.endpoint });
  aws = clients();
  plain = clients({ env });
  await seedCatalogue(aws, source);
});
afterAll(async () => {
  aws.close();
  plain.close();
  await kms.close();
  await server.close();
});

/** What a call wrote and read of images. */
async function cost(act: () => Promise<unknown>) {
  const before = kms.images();
  await act();
  const { put, copied, read } = kms.images();
  return { put: put - before.put, copied: copied - before.copied, read: read - before.read };
}

const everything = (): Query => ({
  where: { id: { gt: 0 } },
  folder: uniqueName('encrypted'),
  augment: { transforms: [randomCrop(50, 70), resize(64, 64)], seed: 3 },
  infer: true,
});

/** The bytes below a folder, by key. */
async function bytesOf(folder: string): Promise<Map<string, string>> {
  const bytes = new Map<string, string>();
  for await (const { key } of list(plain, `${folder}/`))
    bytes.set(key, Buffer.from(await getBytes(plain, key)).toString('base64'));
  return bytes;
}

async function byQueues(query: Query): Promise<void> {
  const stop = new AbortController();
  const worker = runWorker(aws, queueHandler, { signal: stop.signal });
  const job = await new Pipeline(aws).run(query, { mode: 'queue' });
  await job.result();
  stop.abort();
  await worker;
}

describe('in a bucket whose ETags say nothing of the bytes', () => {
  it('seeding again puts the images that are not the same, and no other', async () => {
    expect(await cost(() => seedCatalogue(aws, source))).toEqual(nothing);
    const other = { ...source, image: (id: number) => source.image(id === 1_000_001 ? 1_000_002 : id) };
    expect(await cost(() => seedCatalogue(aws, other))).toEqual({ ...nothing, put: 1 });
    expect(await cost(() => seedCatalogue(aws, source))).toEqual({ ...nothing, put: 1 });
  });

  it('a run writes the bytes that it writes elsewhere, and again nothing but what is missing', async () => {
    const query = everything();
    await new Pipeline(plain).run(query);
    const elsewhere = await bytesOf(query.folder);
    await remove(plain, [...elsewhere.keys()]);
    expect(await cost(() => new Pipeline(aws).run(query))).toMatchObject({ copied: 30, put: 30 });
    expect(await bytesOf(query.folder)).toEqual(elsewhere);
    expect(await cost(() => new Pipeline(aws).run(query))).toEqual(nothing);
    expect(await bytesOf(query.folder)).toEqual(elsewhere);
    await remove(aws, [`${query.folder}/images/1000002.jpg`, `${query.folder}/augmented/images/1000003_0.jpg`]);
    expect(await cost(() => new Pipeline(aws).run(query))).toMatchObject({ copied: 1, put: 1 });
    expect(await bytesOf(query.folder)).toEqual(elsewhere);
  });

  it('a job does the same', async () => {
    const query = everything();
    await byQueues(query);
    const first = await bytesOf(query.folder);
    const again = await cost(() => byQueues(query));
    expect(again).toMatchObject({ put: 0, copied: 0 });
    expect(await bytesOf(query.folder)).toEqual(first);
    expect(await cost(() => new Pipeline(aws).run(query))).toEqual(nothing);
    expect(await bytesOf(query.folder)).toEqual(first);
  });

  it('images that another tool has put or replaced are told by their bytes', async () => {
    const query = { where: { id: { in: [1_000_001, 1_000_002] } }, folder: uniqueName('foreign') };
    const Key = 'images/1000001.jpg';
    const before = await getBytes(aws, Key);
    const Body = await getBytes(aws, 'images/1000003.jpg');
    // As a tool does that makes images smaller in their place: other bytes, all metadata as it was.
    const Metadata = { md5: `00000000000000000000000000000000-${before.length}` };
    for (const metadata of [{}, { Metadata }]) {
      await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body, ...metadata }));
      expect(await cost(() => new Pipeline(aws).run(query))).toMatchObject({ put: 0 });
      expect(await cost(() => new Pipeline(aws).run(query))).toMatchObject({ put: 0, copied: 0 });
      expect(await getBytes(aws, `${query.folder}/${Key}`)).toEqual(Body);
    }
    await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: before }));
    expect(await cost(() => new Pipeline(aws).run(query))).toMatchObject({ copied: 1 });
    expect(await getBytes(aws, `${query.folder}/${Key}`)).toEqual(before);
  });
});
