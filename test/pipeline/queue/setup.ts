import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { randomCrop, resize } from '../../../src/augment/index.js';
import { imageConcurrency, remove } from '../../../src/aws/bucket.js';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { getBytes } from '../../../src/aws/get-object.js';
import { list } from '../../../src/aws/listing.js';
import { type Entry, folderSource, seedCatalogue } from '../../../src/catalogue/index.js';
import type { MetadataFormat } from '../../../src/dataset/index.js';
import type { Model } from '../../../src/model/index.js';
import { Pipeline, type Query } from '../../../src/pipeline/index.js';
import { sampleSource } from '../../../src/sample/index.js';
import { concurrently } from '../../../src/work/concurrently.js';
import { dataset } from '../../dataset.js';
import { realFolder } from '../../scripts/folder.js';
import { gate } from '../../scripts/gate.js';
import { type Running, start } from '../../scripts/script.js';
import { testServer, uniqueName } from '../../server.js';

/** A catalogue of some hundred products on a server: of the real data set where it is there, else the drawn sample. */
export async function smallCatalogue() {
  const server = await testServer();
  const env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('products'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
  const aws = clients({ env });
  const folder = dataset ? await realFolder(320, 160) : undefined;
  const { rows } = await seedCatalogue(aws, folder ? await folderSource(folder.path) : sampleSource());
  await folder?.remove();
  aws.close();
  return { endpoint: server.endpoint, env, products: rows.written, close: server.close };
}

/**
 * So many products of the sample, and a gate before them that handlers go through: they find it by the environment, as
 * in Lambda. `aws` goes past the gate.
 */
export async function gatedSample(products: number) {
  const server = await testServer();
  const door = await gate(server.endpoint);
  const env = {
    ...server.env,
    ML_PIPELINE_TABLE: uniqueName('products'),
    ML_PIPELINE_BUCKET: uniqueName('bucket'),
    ML_PIPELINE_STACK: uniqueName('stack'),
  };
  const gated = { ...env, AWS_ENDPOINT_URL: door.endpoint };
  Object.assign(process.env, gated);
  const aws = clients({ env });
  await seedCatalogue(aws, sampleSource({ products }));
  return {
    aws,
    door,
    gated,
    async close() {
      aws.close();
      await door.close();
      await server.close();
    },
  };
}

/** What a query over all products does, by the task that it ends with. */
export const all = (task: 'copy' | 'augment' | 'infer' | 'everything', folder = uniqueName(task)): Query => ({
  where: { id: { gt: 0 } },
  folder,
  ...(task !== 'copy' &&
    task !== 'infer' && { augment: { transforms: [randomCrop(50, 70), resize(64, 64)], seed: 3 } }),
  ...(task !== 'copy' && task !== 'augment' && { infer: true }),
});

/** A worker process; resolves when it takes messages. Its visibility timeout is as short as its handlers bear. */
export async function startWorker(env: Record<string, string>): Promise<Running> {
  const worker = start('worker', ['--visibility', '15', '--verbose'], env);
  await worker.printed(/The worker takes/);
  return worker;
}

/** Expects that a folder holds to the byte what a direct run puts there. */
export async function expectSameAsDirect<P extends Entry>(
  aws: Aws,
  query: Query<P>,
  formats: readonly MetadataFormat[] = [],
  model?: Model,
): Promise<void> {
  const before = await snapshot(aws, query.folder);
  expect(before.size).toBeGreaterThan(0);
  await remove(aws, [...before.keys()]);
  await new Pipeline<P>(aws).run(query, { formats, model });
  const direct = await snapshot(aws, query.folder);
  expect([...before.keys()].sort()).toEqual([...direct.keys()].sort());
  expect([...before].filter(([key, digest]) => direct.get(key) !== digest).map(([key]) => key)).toEqual([]);
}

/** A digest of every object below a folder. */
export async function snapshot(aws: Aws, folder: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  await concurrently(
    list(aws, `${folder}/`),
    async ({ key }) => {
      digests.set(
        key,
        createHash('sha256')
          .update(await getBytes(aws, key))
          .digest('hex'),
      );
    },
    { concurrency: imageConcurrency },
  );
  return digests;
}

/** The keys that jobs have left behind for their handlers. */
export async function leftovers(aws: Aws): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of list(aws, 'jobs/')) keys.push(key);
  return keys;
}
