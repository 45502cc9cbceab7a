import { hash } from 'node:crypto';
import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { pMapIterable } from 'p-map';
import { type Aws, ensureBucket, list, putBytes, remove, retryUnprocessed } from '../../aws/index.js';
import {
  chunked,
  chunks,
  concurrently,
  interruptible,
  PipelineError,
  type StepOptions,
  skip,
  Tracker,
} from '../../work/index.js';
import type { Entry } from '../entry.js';
import { type Failure, Failures } from '../failures.js';
import { idAttribute, idOfImageKey, imageKey, imagesPrefix, type ProductId } from '../id.js';
import { fashion } from '../product.js';
import { plan } from '../query/plan.js';
import { read } from '../query/read.js';
import type { Schema } from '../schema.js';
import { IdNumbers } from '../source/id-numbers.js';
import type { CatalogueSource, RowProblem } from '../source/source.js';
import { toItem } from './items.js';
import { removeStatistics, StatisticsCounter, writeStatistics } from './statistics.js';
import { checkBucket } from './stored-schema.js';
import { ensureTable } from './table.js';

/** What seeding does with what is there. */
export interface SeedOptions extends StepOptions {
  /** Delete the table and fill a new one. */
  recreate?: boolean;
  /** Remove products and images that the source does not have; default true. */
  prune?: boolean;
}

/** What became of every row and every image. */
export interface SeedSummary {
  source: string;
  rows: {
    read: number;
    written: number;
    unchanged: number;
    removed: number;
    withoutImage: number;
    mended: RowProblem[];
    malformed: RowProblem[];
  };
  images: { put: number; unchanged: number; removed: number; failed: Failure[] };
  /** Products of the table that the source does not have, left where `prune` is false. */
  strangers: number;
  seconds: number;
}

/** BatchWriteItem takes 25 items. */
const batch = 25;
const batchesAtOnce = 12;
/** Images that are read or put at a time; some of them wait for the disk. */
const imagesAtOnce = 96;

/**
 * So many products are kept from the first reading of the source, some tens of megabytes; a longer source is read
 * twice.
 */
const mostKept = 50_000;

/**
 * Makes the catalogue on AWS equal to a source: table, indexes, bucket, a row and an image for each product, and the
 * statistics last. Streams. What is there already is not written again, so an interrupted seeding completes when it is
 * started again. A product's row is written after its image.
 *
 * @throws PipelineError `source.…` where a row makes no sense, and `table.otherFields`, `table.bucketTaken` where
 * another data set is there, before anything is written; `run.tooManyFailures`.
 *
 * @example
 * const summary = await seedCatalogue(clients(), await folderSource('data'));
 * console.log(summary.rows.written, summary.images.put);
 */
export function seedCatalogue(
  aws: Aws,
  source: CatalogueSource<Entry>,
  options: SeedOptions = {},
): Promise<SeedSummary> {
  return interruptible(options, 'Run the cell again to complete it.', (steps) =>
    seed(aws, source, { ...options, ...steps }),
  );
}

async function seed(aws: Aws, source: CatalogueSource<Entry>, options: SeedOptions): Promise<SeedSummary> {
  const { schema = fashion } = source;
  const { prune = true, signal, onProgress } = options;
  const started = performance.now();
  const { rows, total, wanted, products } = await survey(source, options);
  await ensureBucket(aws);
  await checkBucket(aws, schema);
  const table = await ensureTable(aws, schema, options);
  const known = { rows: new IdNumbers(), images: new IdNumbers() };
  const [ids, keys] = await Promise.all([
    table === 'created' ? Promise.resolve<ProductId[]>([]) : knownRows(aws, schema, wanted, known.rows, options),
    knownImages(aws, wanted, known.images, signal),
  ]);
  const strangers = { ids, keys };
  await removeStatistics(aws);

  const statistics = new StatisticsCounter(source.name, schema);
  const images: SeedSummary['images'] = { put: 0, unchanged: 0, removed: 0, failed: [] };
  const failures = new Failures(total);
  const tracker = new Tracker('seed', 'products', total, onProgress);
  const withImages = pMapIterable(products, putImage, {
    concurrency: imagesAtOnce,
    backpressure: 4 * imagesAtOnce,
    preserveOrder: false,
  });
  await concurrently(chunked(withImages, batch), putRows, { concurrency: batchesAtOnce, signal });
  if (prune) {
    await concurrently(
      chunks(strangers.ids, batch),
      (ids) =>
        write(
          aws,
          ids.map((id) => ({ DeleteRequest: { Key: { id: idAttribute(id) } } })),
          signal,
        ),
      {
        concurrency: batchesAtOnce,
        signal,
      },
    );
    await remove(aws, strangers.keys, signal);
    rows.removed = strangers.ids.length;
    images.removed = strangers.keys.length;
  }
  await writeStatistics(aws, statistics.result);
  tracker.end();
  images.failed = failures.sorted;
  return {
    source: source.name,
    rows,
    images,
    strangers: prune ? 0 : strangers.ids.length,
    seconds: (performance.now() - started) / 1000,
  };

  async function putRows(products: Entry[]): Promise<typeof skip> {
    const changed: WriteRequest[] = [];
    for (const product of products) {
      const item = toItem({ ...product, imagePath: `s3://${aws.bucket}/${imageKey(product.id)}` }, schema);
      statistics.add(product, item);
      if (known.rows.has(product.id) && known.rows.get(product.id) === digest(JSON.stringify(item))) rows.unchanged++;
      else changed.push({ PutRequest: { Item: item } });
    }
    await write(aws, changed, signal);
    rows.written += changed.length;
    tracker.tick(products.length);
    return skip;
  }

  async function putImage(product: Entry): Promise<Entry | typeof skip> {
    try {
      const bytes = await source.image(product.id);
      checkJpeg(bytes);
      if (known.images.has(product.id) && known.images.get(product.id) === digest(bytes)) {
        images.unchanged++;
      } else {
        await putBytes(aws, imageKey(product.id), bytes, { type: 'image/jpeg', signal });
        images.put++;
      }
      return product;
    } catch (error) {
      failures.add(product.id, 'put', error);
      // Left out means that what an earlier seeding made of it goes, too.
      if (known.rows.has(product.id)) strangers.ids.push(product.id);
      if (known.images.has(product.id)) strangers.keys.push(imageKey(product.id));
      tracker.tick(1, 1);
      return skip;
    }
  }
}

/**
 * Goes through the source once before anything is written, so that a row which makes no sense stops it in time; gives
 * what to load.
 */
async function survey(source: CatalogueSource<Entry>, { signal, onProgress }: SeedOptions) {
  const rows: SeedSummary['rows'] = {
    read: 0,
    written: 0,
    unchanged: 0,
    removed: 0,
    withoutImage: 0,
    mended: [],
    malformed: [],
  };
  const wanted = new IdNumbers();
  const tracker = new Tracker('check', 'products', undefined, onProgress);
  const onProblem = (problem: RowProblem) => {
    if (problem.kind === 'mended') {
      rows.mended.push(problem);
      return;
    }
    rows.read++;
    if (problem.kind === 'malformed') rows.malformed.push(problem);
    else rows.withoutImage++;
  };
  const kept: Entry[] = [];
  for await (const product of source.products(signal, onProblem)) {
    tracker.tick();
    wanted.set(product.id, 1);
    if (kept.length < mostKept) kept.push(product);
  }
  tracker.end();
  const total = tracker.done;
  rows.read += total;
  if (total === 0)
    throw new PipelineError(
      'source.empty',
      `${source.name} has no product with an image (images/<id>.jpg), so there is nothing to load.`,
      { value: source.name },
    );
  return { rows, total, wanted, products: total > kept.length ? source.products(signal) : kept };
}

/** Notes a digest of each row that is there, and gives the ids that the source does not want. */
async function knownRows(
  aws: Aws,
  schema: Schema,
  wanted: IdNumbers,
  digests: IdNumbers,
  { signal, onProgress }: SeedOptions,
): Promise<ProductId[]> {
  const strangers: ProductId[] = [];
  const tracker = new Tracker('compare', 'products', undefined, onProgress);
  for await (const { products } of read<Entry>(aws, plan({}, undefined, schema), { signal })) {
    signal?.throwIfAborted();
    for (const product of products) {
      if (wanted.has(product.id)) digests.set(product.id, digest(JSON.stringify(toItem(product, schema))));
      else strangers.push(product.id);
    }
    tracker.tick(products.length);
  }
  tracker.end();
  return strangers;
}

/** Notes the ETag of each image that is there, and gives the keys that the source does not want. */
async function knownImages(aws: Aws, wanted: IdNumbers, etags: IdNumbers, signal?: AbortSignal): Promise<string[]> {
  const strangers: string[] = [];
  for await (const { key, etag } of list(aws, imagesPrefix, signal)) {
    const id = idOfImageKey(key);
    if (id !== undefined && wanted.has(id)) etags.set(id, fromHex(etag));
    else strangers.push(key);
  }
  return strangers;
}

function write({ dynamodb, table }: Aws, requests: WriteRequest[], signal?: AbortSignal): Promise<void> {
  return retryUnprocessed(
    requests,
    async (left) => {
      const answer = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...left] } }), {
        abortSignal: signal,
      });
      return answer.UnprocessedItems?.[table] ?? [];
    },
    signal,
  );
}

/** The first 48 bits of an MD5, as S3's ETag of an object put in one part is; never 0. */
const digest = (data: Uint8Array | string): number => fromHex(hash('md5', data));
const fromHex = (hex: string): number => parseInt(hex.slice(0, 12), 16) + 1;

const endOfImage = Buffer.from([0xff, 0xd9]);

/** Catches, without decoding, what cannot be an image: a JPEG begins with FF D8 FF and ends with FF D9. */
function checkJpeg(bytes: Uint8Array): void {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length === 0) throw new PipelineError('image.unreadable', 'The image is empty (0 bytes).');
  if (data.readUIntBE(0, Math.min(3, data.length)) !== 0xffd8ff)
    throw new PipelineError('image.unreadable', 'The file is not a JPEG image.');
  if (data.subarray(-4096).lastIndexOf(endOfImage) < 0)
    throw new PipelineError('image.unreadable', 'The JPEG image is cut off.');
}
