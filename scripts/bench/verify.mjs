// Whether a contender did what it was measured for. A check throws what is wrong.
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { sdkClient } from '../../dist/index.js';
import { getBytes, imageName, list, percent } from '../../dist/internal.js';

/**
 * @import { Aws } from '../../dist/index.js'
 * @import { Data, Item } from './prepare.mjs'
 */

/**
 * A run to look at: what was to be done, and what the contender says of each item, where it does.
 *
 * @typedef {object} Done
 * @property {Aws} aws
 * @property {readonly number[]} ids
 * @property {readonly Item[]} items The same as DynamoDB keeps them.
 * @property {string} folder Of the bucket, that it read or wrote.
 * @property {Found} found
 * @property {Found} [first] What the stage's first contender said.
 * @property {string} role
 *
 * @typedef {readonly (string | number | null)[]} Found
 * @typedef {Done & Pick<Data, 'etagOf' | 'sizeOf'>} Run
 */

/** By the name in a stage's `check`. @satisfies {Record<string, (run: Run) => void | Promise<void>>} */
export const checks = {
  async rows({ aws, items }) {
    const rows = new Map();
    const client = sdkClient(aws.dynamodb, DynamoDBClient);
    for await (const { Items = [] } of paginateScan({ client }, { TableName: aws.table }))
      for (const item of Items) rows.set(item.id?.N, canonical(item));
    same('rows', rows, new Map(items.map((item) => [Object.values(item.id ?? {})[0], canonical(item)])));
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
    /** @param {readonly number[]} sizes */
    const sorted = (sizes) => sizes.toSorted((a, b) => a - b).join();
    if (sorted(found.map(Number)) !== sorted(await Promise.all(ids.map(sizeOf))))
      throw new Error('other bytes were read than lie there');
  },
  async augmented({ aws, ids, folder }) {
    const images = await bytesUnder(`${folder}/augmented/images/`, aws);
    if (images.length !== ids.length || images.some((bytes) => bytes < 1000))
      throw new Error(`${images.length} images were augmented instead of ${ids.length}, or they are too small`);
  },
  async written({ aws, ids, sizeOf }) {
    const written = sum(await bytesUnder('written/', aws));
    const images = sum(await Promise.all(ids.map(sizeOf)));
    // Parquet compresses what is alike.
    if (written < 0.9 * images) throw new Error(`${written} bytes were written of images that have ${images}`);
  },
  /** Random crops differ; on average their JPEGs are of about one size. */
  bytes({ found, first = found }) {
    const ratio = mean(found.map(Number)) / mean(first.map(Number));
    if (!(ratio > 2 / 3 && ratio < 3 / 2))
      throw new Error(`its images have ${ratio.toFixed(2)} times the bytes of the kit's`);
  },
  /** JPEG decoders differ in a bit, and so do labels at times. */
  labels({ found, first = found }) {
    const agree = found.filter((label, i) => label === first[i]).length / found.length;
    if (!(agree >= 0.95)) throw new Error(`only ${percent(agree, 0)} of its labels are the kit's`);
  },
};

/** How long the objects are. @param {string} prefix @param {Aws} aws */
async function bytesUnder(prefix, aws) {
  const lengths = [];
  for await (const { bytes } of list(aws, prefix)) lengths.push(bytes);
  return lengths;
}

/** @param {string} prefix @param {Run} run */
async function imagesUnder(prefix, { aws, ids, etagOf }) {
  const [there, wanted] = [new Map(), new Map()];
  for await (const { key, etag } of list(aws, prefix)) there.set(key, etag);
  for (const id of ids) wanted.set(`${prefix}${imageName(id)}`, await etagOf(id));
  same('images', there, wanted);
}

/** @param {string} what @param {Map<unknown, unknown>} found @param {Map<unknown, unknown>} wanted */
function same(what, found, wanted) {
  const wrong = [...wanted].filter(([key, value]) => found.get(key) !== value).length;
  if (wrong > 0 || found.size !== wanted.size)
    throw new Error(`${found.size} ${what} instead of ${wanted.size}, ${wrong} of them missing or wrong`);
}

/** @param {object} item */
const canonical = (item) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
/** @param {readonly number[]} values */
const mean = (values) => sum(values) / values.length;
