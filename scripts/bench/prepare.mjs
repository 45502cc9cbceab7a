// What the stages work on, and what lies in the emulator before they begin.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { clients, Pipeline, queries } from '../../dist/index.js';
import {
  chunks,
  concurrently,
  ensureBucket,
  ensureTable,
  fashion,
  imageKey,
  imageName,
  putBytes,
  StatisticsCounter,
  toItem,
  writeStatistics,
} from '../../dist/internal.js';
import { openFolder } from '../folder-scores.mjs';

/** Photographs to augment: the images of query 1, enlarged to the size that they have in the full data set. */
const [width, height] = [1080, 1440];

/** Ids by the names that stages use, the products, their images small and large. The sizes say how many. */
export async function prepare(dataset, out, { rows, seeded, many, large, all }, signal) {
  const { source, products } = await openFolder(dataset, { signal });
  const { where } = queries.maleShoesFrom2012;
  const isShoe = ({ gender, subCategory, year }) =>
    gender === where.gender && subCategory === where.subCategory && year > where.year.gt;
  const [shoes, others] = [products.filter(isShoe), products.filter((product) => !isShoe(product))];
  const ids = (some, count) => some.slice(0, count).map(({ id }) => id);
  const folders = { small: path.join(dataset, 'images'), large: path.join(out, 'large') };
  await mkdir(folders.large, { recursive: true });
  await concurrently(
    ids(shoes, large),
    async (id) => {
      const file = path.join(folders.large, imageName(id));
      if (!existsSync(file))
        await sharp(await source.image(id))
          .resize(width, height, { fit: 'fill' })
          .jpeg({ quality: 90 })
          .toFile(file);
    },
    { concurrency: 4, signal },
  );
  // Of a smaller catalogue, query 1 still finds the same.
  const catalogue = [...shoes, ...others].slice(0, rows);
  const etags = new Map();
  return {
    dataset: await smaller(dataset, ids(catalogue, seeded), path.join(out, 'seeded')),
    folders,
    products: new Map(catalogue.map((product) => [product.id, product])),
    ids: {
      seeded: ids(catalogue, seeded),
      many: ids(catalogue, many),
      shoes: ids(shoes),
      large: ids(shoes, large),
      all: ids(catalogue, all),
      one: [0],
    },
    imageOf: (id) => source.image(id),
    sizeOf: async (id) => (await stat(path.join(folders.small, imageName(id)))).size,
    async etagOf(id) {
      if (!etags.has(id))
        etags.set(
          id,
          createHash('md5')
            .update(await source.image(id))
            .digest('hex'),
        );
      return etags.get(id);
    },
  };
}

/** A data set of some products only, for what reads the whole of one. */
async function smaller(dataset, ids, folder) {
  const [header, ...lines] = (await readFile(path.join(dataset, 'styles.csv'), 'utf8')).split('\n');
  const wanted = new Set(ids.map(String));
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'images'), { recursive: true });
  await writeFile(
    path.join(folder, 'styles.csv'),
    [header, ...lines.filter((line) => wanted.has(line.split(',', 1)[0])), ''].join('\n'),
  );
  for (const id of ids) await symlink(path.join(dataset, imageKey(id)), path.join(folder, imageKey(id)));
  return folder;
}

/** What every AWS client needs in its environment, the kit's and all others'. */
export const awsEnvironment = (endpoint, { table, bucket }) => ({
  AWS_ENDPOINT_URL: endpoint,
  S3_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ML_PIPELINE_TABLE: table,
  ML_PIPELINE_BUCKET: bucket,
});

/** All rows of the catalogue, the images that are used, and an export of them to read back. */
export async function fill(env, data, signal) {
  const aws = clients({ env });
  await ensureBucket(aws);
  await ensureTable(aws, fashion);
  const items = itemsOf(data, [...data.products.keys()], aws.bucket);
  await putRows(aws, items, signal);
  const statistics = new StatisticsCounter('bench');
  for (const item of items) statistics.add(data.products.get(Number(item.id.N)), item);
  await writeStatistics(aws, statistics.result);
  await putImages(aws, data, [...new Set([...data.ids.many, ...data.ids.shoes])], signal);
  await new Pipeline(aws).run({ where: { id: { in: data.ids.many } }, folder: 'read' }, { signal });
  aws.close();
}

/** Products as DynamoDB's items. */
export const itemsOf = ({ products }, ids, bucket) =>
  ids.map((id) => toItem({ ...products.get(id), imagePath: `s3://${bucket}/${imageKey(id)}` }));

export function putRows({ dynamodb, table }, items, signal) {
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  return concurrently(
    chunks(requests, 25),
    (batch) => dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: batch } })),
    { concurrency: 12, signal },
  );
}

export const putImages = (aws, { imageOf }, ids, signal) =>
  concurrently(ids, async (id) => putBytes(aws, imageKey(id), await imageOf(id), { type: 'image/jpeg' }), {
    concurrency: 32,
    signal,
  });
