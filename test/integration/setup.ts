import type { TestProject } from 'vitest/node';
import { clients } from '../../src/aws.js';
import { type CatalogueSource, folderSource, seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { dataset } from '../dataset.js';
import { testServer, uniqueName } from '../server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** What clients and scripts need in their environment to work on the shared catalogue. */
    env: Record<string, string>;
    /** The real data set in full (its counts are known), a part of it (on a server too slow for all of it), or the drawn sample. */
    catalogue: 'full' | 'part' | 'sample';
  }
}

/** Seeds the catalogue once for all integration tests. They only read it, and export to folders of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer();
  const env = { ...server.env, ML_PIPELINE_TABLE: uniqueName('products'), ML_PIPELINE_BUCKET: uniqueName('bucket') };
  const catalogue = !dataset ? 'sample' : server.embedded ? 'full' : 'part';
  const source = dataset ? await folderSource(dataset) : sampleSource();
  const aws = clients({ env });
  const started = performance.now();
  const { rows } = await seedCatalogue(aws, catalogue === 'part' ? thinned(source) : source);
  console.log(`Integration tests on ${server.endpoint}: ${catalogue} catalogue, ${rows.written} products seeded in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  aws.close();
  project.provide('env', env);
  project.provide('catalogue', catalogue);
  return server.close;
}

/** All footwear and heels, which the named queries look for, and a tenth of the rest. */
function thinned(source: CatalogueSource): CatalogueSource {
  return {
    name: `a part of ${source.name}`,
    image: source.image,
    async *products(signal, onProblem) {
      for await (const product of source.products(signal, onProblem)) {
        if ((product.masterCategory === 'Footwear' && (product.year ?? 0) >= 2011) || product.id % 10 === 0) yield product;
      }
    },
  };
}
