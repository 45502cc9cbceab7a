import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients, type Product, sampleSource, seedCatalogue } from '../../dist/index.js';
import { ensureCatalogue, otherThanSample } from '../../scripts/lib/bring-up.mjs';
import { removeStatistics } from '../../src/catalogue/store/statistics.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { json, run } from './script.js';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

/** A catalogue with some products, whose seeding did not come to its end. */
async function stopped(products: readonly Product[]) {
  const env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('stopped'), ML_PIPELINE_BUCKET: uniqueName('stopped') };
  const aws = clients({ env });
  const sample = sampleSource();
  const source = {
    name: 'some',
    image: () => sample.image(1000001),
    async *products() {
      yield* products;
    },
  };
  await seedCatalogue(aws, source);
  await removeStatistics(aws);
  return { aws, env };
}

const work = { signal: new AbortController().signal, onProgress: () => {} };

describe('a seeding that was stopped', () => {
  test('of the sample is gone on with by the bare command, and by what brings a catalogue up', async () => {
    const { aws, env } = await stopped([{ id: 1000001 }, { id: 1000002 }]);
    expect(await otherThanSample(aws)).toBeUndefined();
    expect(json(await run('seed', ['--json'], env))).toMatchObject({ rows: { read: 720 } });
    await removeStatistics(aws);
    expect(await ensureCatalogue(aws, undefined, work)).toMatchObject({ products: 720 });
    aws.close();
  });

  test('of other products is not replaced by the sample unasked', async () => {
    const { aws, env } = await stopped([{ id: 1000001 }, { id: 7 }]);
    const refused = await run('seed', [], env);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/holds products of a data set that was not seeded to its end; give --sample/);
    await expect(ensureCatalogue(aws, undefined, work)).rejects.toMatchObject({
      code: 'catalogue.other',
      message: expect.stringContaining('Seed that again, or the sample in its place: npx zx scripts/seed.mjs --sample'),
    });
    expect(json(await run('seed', ['--sample', '--json'], env))).toMatchObject({ rows: { read: 720, removed: 1 } });
    aws.close();
  });
});
