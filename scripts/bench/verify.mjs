// Whether a contender did what it was measured for. A check throws what is wrong.
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { getBytes, imageName, list } from '../../dist/internal.js';

/**
 * By the name that a stage gives. `ids` and `items` are what was to be done, `found` what the contender says of it,
 * `first` what the stage's first contender said; `etagOf` and `sizeOf` tell of a product's image.
 */
export const checks = {
  async rows({ aws, items }) {
    const rows = new Map();
    for await (const { Items } of paginateScan({ client: aws.dynamodb }, { TableName: aws.table }))
      for (const item of Items) rows.set(item.id.N, canonical(item));
    same('rows', rows, new Map(items.map((item) => [item.id.N, canonical(item)])));
  },
  images: (run) => imagesUnder('images/', run),
  async exported(run) {
    const { aws, ids, role } = run;
    await imagesUnder('export/images/', run);
    if (role === 'bound') return;
    const metadata = JSON.parse(Buffer.from(await getBytes(aws, 'export/metadata.json')).toString());
    if (metadata.length !== ids.length)
      throw new Error(`the metadata has ${metadata.length} rows instead of ${ids.length}`);
  },
  ids: ({ ids, found }) => same('ids', new Map(found.map((id) => [id, true])), new Map(ids.map((id) => [id, true]))),
  async sizes({ ids, found, sizeOf }) {
    const sorted = (sizes) => sizes.toSorted((a, b) => a - b).join();
    if (sorted(found) !== sorted(await Promise.all(ids.map(sizeOf))))
      throw new Error('other bytes were read than lie there');
  },
  /** Random crops differ; on the average their JPEGs are of a size. */
  bytes({ found, first = found }) {
    const ratio = mean(found) / mean(first);
    if (!(ratio > 2 / 3 && ratio < 3 / 2))
      throw new Error(`its images have ${ratio.toFixed(2)} times the bytes of the kit's`);
  },
  /** JPEG decoders differ in a bit, and so do labels at times. */
  labels({ found, first = found }) {
    const agree = found.filter((label, i) => label === first[i]).length / found.length;
    if (!(agree >= 0.95)) throw new Error(`only ${Math.round(100 * agree)}% of its labels are the kit's`);
  },
};

async function imagesUnder(prefix, { aws, ids, etagOf }) {
  const there = new Map();
  for await (const { key, etag } of list(aws, prefix)) there.set(key, etag);
  same(
    'images',
    there,
    new Map(await Promise.all(ids.map(async (id) => [`${prefix}${imageName(id)}`, await etagOf(id)]))),
  );
}

function same(what, found, wanted) {
  const wrong = [...wanted].filter(([key, value]) => found.get(key) !== value).length;
  if (wrong > 0 || found.size !== wanted.size)
    throw new Error(`${found.size} ${what} instead of ${wanted.size}, ${wrong} of them missing or wrong`);
}

const canonical = (item) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
