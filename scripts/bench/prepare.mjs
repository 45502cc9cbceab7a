// What the stages work on, and what lies in the emulator before they begin.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { clients, Pipeline } from '../../dist/index.js';
import {
  chunks,
  concurrently,
  ensureBucket,
  ensureTable,
  exportDataset,
  fashion,
  imageKey,
  imageName,
  putBytes,
  StatisticsCounter,
  toItem,
  writeStatistics,
} from '../../dist/internal.js';
import { openFolder } from '../lib/folder.mjs';

/**
 * @import { Aws, Product } from '../../dist/index.js'
 * @typedef {ReturnType<typeof toItem>} Item As DynamoDB keeps a product.
 */

/**
 * How many products each stage takes.
 *
 * @typedef {object} Sizes
 * @property {number} rows Of the catalogue.
 * @property {number} seeded
 * @property {number} many
 * @property {number} large
 * @property {number} all
 */

/**
 * What the stages work on.
 *
 * @typedef {object} Data
 * @property {string} dataset A folder with the products to seed.
 * @property {{ small: string, large: string }} folders Of images.
 * @property {Map<number, Product>} products
 * @property {Record<'seeded' | 'many' | 'shoes' | 'large' | 'all' | 'one', number[]>} ids By the names that stages use.
 * @property {(id: number) => Promise<Uint8Array>} imageOf
 * @property {(id: number) => Promise<number>} sizeOf
 * @property {(id: number) => Promise<string>} etagOf
 */

/** Photographs to augment: the images of query 1, enlarged to the size that they have in the full data set. */
const [width, height] = [1080, 1440];

/** One that query 1 finds. @param {Product} product */
const isShoe = ({ gender, subCategory, year = 0 }) => gender === 'Men' && subCategory === 'Shoes' && year > 2012;

/** @param {readonly Product[]} products @param {number} [count] */
const ids = (products, count) => products.slice(0, count).map(({ id }) => id);

/**
 * Makes what the stages work on.
 *
 * @param {string} dataset
 * @param {string} out
 * @param {Sizes} sizes
 * @param {AbortSignal} signal
 * @returns {Promise<Data>}
 */
export async function prepare(dataset, out, { rows, seeded, many, large, all }, signal) {
  const { source, products } = await openFolder(dataset, { signal });
  const [shoes, others] = [products.filter(isShoe), products.filter((product) => !isShoe(product))];
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
  /** @type {Map<number, string>} */
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
      const etag = etags.get(id) ?? md5(await source.image(id));
      etags.set(id, etag);
      return etag;
    },
  };
}

/** @param {Uint8Array} bytes */
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

/**
 * A data set of some products only, for what reads the whole of one.
 *
 * @param {string} dataset
 * @param {readonly number[]} ids
 * @param {string} folder
 */
async function smaller(dataset, ids, folder) {
  const [header, ...lines] = (await readFile(path.join(dataset, 'styles.csv'), 'utf8')).split('\n');
  const wanted = new Set(ids.map(String));
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'images'), { recursive: true });
  await writeFile(
    path.join(folder, 'styles.csv'),
    [header, ...lines.filter((line) => wanted.has(line.split(',', 1)[0] ?? '')), ''].join('\n'),
  );
  for (const id of ids) {
    const [from, to] = [path.join(dataset, imageKey(id)), path.join(folder, imageKey(id))];
    // Plain files, as people have them; on another disk there are no second names.
    await link(from, to).catch(() => copyFile(from, to));
  }
  return folder;
}

/**
 * What every AWS client needs in its environment, the kit's and all others'.
 *
 * @param {string} endpoint
 * @param {{ table: string, bucket: string }} names
 */
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

/**
 * Puts into the emulator all rows of the catalogue, the images that are used, and an export of them to read back.
 *
 * @param {Record<string, string>} env
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export async function fill(env, data, signal) {
  const aws = clients({ env });
  await ensureBucket(aws);
  await ensureTable(aws, fashion);
  await putRows(aws, itemsOf(data, [...data.products.keys()], aws.bucket), signal);
  const statistics = new StatisticsCounter('bench');
  for (const product of data.products.values()) statistics.add(product, itemOf(product, aws.bucket));
  await writeStatistics(aws, statistics.result);
  await putImages(aws, data, [...new Set([...data.ids.many, ...data.ids.shoes])], signal);
  await new Pipeline(aws).run({ where: { id: { in: data.ids.many } }, folder: 'read' }, { signal });
  await fillPhotographs(aws, data, signal);
  aws.close();
}

/**
 * The folder `photographs`: an export of large images.
 *
 * @param {Aws} aws
 * @param {Data} data
 * @param {AbortSignal} signal
 */
async function fillPhotographs(aws, { products, ids, folders }, signal) {
  const photographed = await concurrently(
    ids.large.flatMap((id) => products.get(id) ?? []),
    async (product) => {
      const key = `large/${imageName(product.id)}`;
      await putBytes(aws, key, await readFile(path.join(folders.large, imageName(product.id))), { type: 'image/jpeg' });
      return { ...product, imagePath: `s3://${aws.bucket}/${key}` };
    },
    { concurrency: 32, signal },
  );
  await exportDataset(aws, 'photographs', photographed, { query: { where: {}, table: aws.table, plan: '' }, signal });
}

/** @param {Product} product @param {string} bucket @returns {Item} */
const itemOf = (product, bucket) => toItem({ ...product, imagePath: `s3://${bucket}/${imageKey(product.id)}` });

/** Products as DynamoDB's items. @param {Data} data @param {readonly number[]} ids @param {string} bucket */
export function itemsOf({ products }, ids, bucket) {
  return ids.flatMap((id) => {
    const product = products.get(id);
    return product ? [itemOf(product, bucket)] : [];
  });
}

/** @param {Aws} aws @param {readonly Item[]} items @param {AbortSignal} signal */
export function putRows({ dynamodb, table }, items, signal) {
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  return concurrently(
    chunks(requests, 25),
    (batch) => dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: batch } })),
    { concurrency: 12, signal },
  );
}

/** @param {Aws} aws @param {Data} data @param {readonly number[]} ids @param {AbortSignal} signal */
export const putImages = (aws, { imageOf }, ids, signal) =>
  concurrently(ids, async (id) => putBytes(aws, imageKey(id), await imageOf(id), { type: 'image/jpeg' }), {
    concurrency: 32,
    signal,
  });
