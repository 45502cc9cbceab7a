import { createHash } from 'node:crypto';
import { Catalogue, clients, Pipeline } from '../../dist/index.js';
import { getBytes, list } from '../../dist/internal.js';
import { startEmulator } from '../../localstack/emulator.mjs';
import { concurrently } from '../../src/work/concurrently.js';
import { queries, where, work } from './work.mjs';

/** Minutes that the tests of this folder take together; by hand, ML_PIPELINE_TEST_MINUTES=30. */
export const minutes = Number(process.env.ML_PIPELINE_TEST_MINUTES ?? 1);

/** The first seed, to see a round of a table again. */
export const firstSeed = Number(process.env.ML_PIPELINE_TEST_SEED ?? 1);

/** In their order. */
export const stages = ['seed', 'export', 'augment', 'label', 'job'] as const;

/** The environment in which everything here is named the same on every server. */
export const environment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ML_PIPELINE_TABLE: 'Endurance',
  ML_PIPELINE_BUCKET: 'endurance',
  ML_PIPELINE_STACK: 'endurance',
});

/** What a server holds: a digest of each object and of each row, by their names. */
export async function holdings(endpoint: string): Promise<Map<string, string>> {
  const aws = clients({ env: environment(endpoint) });
  const found = new Map<string, string>();
  const digest = (of: string | Uint8Array) => createHash('sha256').update(of).digest('hex');
  await concurrently(
    list(aws, ''),
    async ({ key }) => {
      const bytes = await getBytes(aws, key);
      // What is counted while rows come in has the order in which they came.
      found.set(key, digest(key.endsWith('.statistics.json') ? sorted(bytes) : bytes));
    },
    { concurrency: 64 },
  );
  for await (const product of new Catalogue(aws).query(where)) {
    const name = `row ${product.id}`;
    found.set(found.has(name) ? `${name} again` : name, digest(JSON.stringify(Object.entries(product).sort())));
  }
  aws.close();
  return found;
}

/** JSON with the fields of each object in the order of their names. */
const sorted = (json: Uint8Array): string =>
  JSON.stringify(JSON.parse(Buffer.from(json).toString()), (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value,
  );

/** What a server holds after all of it, undisturbed. */
export async function undisturbed(): Promise<Map<string, string>> {
  const emulator = await startEmulator({ port: 0 });
  const aws = clients({ env: environment(emulator.endpoint) });
  // A job's objects are those of a direct run.
  for (const stage of stages) await (stage === 'job' ? new Pipeline(aws).run(queries.job) : work(aws, stage));
  const found = await holdings(emulator.endpoint);
  aws.close();
  await emulator.close();
  return found;
}

/** How a server differs from what it should hold: names that are not there, that are too many, and with other bytes. */
export function difference(should: ReadonlyMap<string, string>, has: ReadonlyMap<string, string>) {
  return {
    lost: [...should.keys()].filter((name) => !has.has(name)),
    doubled: [...has.keys()].filter((name) => !should.has(name)),
    unclear: [...should].filter(([name, digest]) => has.has(name) && has.get(name) !== digest).map(([name]) => name),
  };
}
