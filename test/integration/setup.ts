import type { TestProject } from 'vitest/node';
import { clients } from '../../src/aws/clients.js';
import { folderSource, seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { dataset } from '../dataset.js';
import { testServer, uniqueName } from '../server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** What clients and scripts need in their environment to work on the shared catalogue. */
    env: Record<string, string>;
    /** The real data set, whose counts are known, or the drawn sample. */
    catalogue: 'real' | 'sample';
  }
}

/** Seeds the catalogue once for all integration tests. They only read it, and export to folders of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer();
  const env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('products'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
  const catalogue = dataset ? 'real' : 'sample';
  const source = dataset ? await folderSource(dataset) : sampleSource();
  const aws = clients({ env });
  const started = performance.now();
  const { rows } = await seedCatalogue(aws, source);
  console.log(
    `Integration tests on ${server.endpoint}: ${catalogue} catalogue, ${rows.written} products seeded in ` +
      `${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  aws.close();
  project.provide('env', env);
  project.provide('catalogue', catalogue);
  return server.close;
}
