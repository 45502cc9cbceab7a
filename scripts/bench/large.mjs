// The kit on a generated catalogue of so many products.
import { Catalogue, clients, seedCatalogue } from 'ml-pipeline';
import {
  chunked,
  completeDataset,
  exportLineage,
  exportStream,
  imageKey,
  metadataColumns,
  toRow,
} from '../../dist/internal.js';
import { generated, image } from './generated.mjs';
import { measure, spec } from './measure.mjs';

/** @import { CatalogueSource } from 'ml-pipeline' */

const aws = clients();
const query = { where: {}, table: aws.table, plan: '' };
const products = () => new Catalogue(aws).query({});

/** What a job's workers leave behind: a hundred products at a time. */
async function* parts() {
  for await (const some of chunked(products(), 100)) {
    yield {
      rows: some.map((product) => toRow(product, product.imagePath ?? '', metadataColumns)),
      images: some.map(({ id }) => ({
        id,
        file: imageKey(id),
        etag: 'd41d8cd98f00b204e9800998ecf8427e',
        source: imageKey(id),
      })),
      failures: [],
    };
  }
}

await measure({
  seed: async () => async () => {
    const { products: most = 0 } = spec;
    /** @type {CatalogueSource} */
    const source = {
      name: 'generated',
      async *products() {
        for (let id = 1; id <= most; id++) yield generated(id);
      },
      image: async () => image,
    };
    return (await seedCatalogue(aws, source)).rows.written;
  },
  query: async () => async () => {
    let found = 0;
    for await (const _ of products()) found++;
    return found;
  },
  // As predictions, whose images lie elsewhere: here they are nowhere.
  job: async () => async () =>
    (await completeDataset(aws, 'large', parts(), { ...exportLineage(query), kind: 'predictions' })).manifest.count,
  export: async () => async () => (await exportStream(aws, 'large', products(), { query })).images.copied,
});
