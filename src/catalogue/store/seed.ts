import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import { pMapIterable, pMapSkip } from 'p-map';
import {
  type Aws,
  batchWrite,
  bucketExists,
  ensureBucket,
  headOf,
  md5,
  putBytes,
  recordedMd5,
  remove,
  retryUnprocessed,
} from '../../aws/index.js';
import { checkImage, decodeImage, encodeJpeg, formatOf, type ImageFormat, imageFormats } from '../../image/index.js';
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
import { type Corrections, discardCorrections, readCorrections } from '../changes/index.js';
import type { Entry } from '../entry.js';
import { checkOwn } from '../existing/own-table.js';
import { type Failure, Failures } from '../failures.js';
import { checkId, idAttribute, idOfImageKey, imageKey, type ProductId, stemOf } from '../id.js';
import { fashion } from '../product.js';
import { plan } from '../query/plan.js';
import { read } from '../query/read.js';
import type { Schema } from '../schema.js';
import type { FileFacts } from '../source/header.js';
import { IdNumbers } from '../source/id-numbers.js';
import { type RowReason, RowReport } from '../source/row-report.js';
import type { CatalogueSource, RowProblem } from '../source/source.js';
import { toItem } from './items.js';
import { digest, KnownImages, readKnownImages } from './known-images.js';
import { itemFault } from './limits.js';
import { removeStatistics, StatisticsCounter, writeStatistics } from './statistics.js';
import { checkBucket } from './stored-schema.js';
import { ensureTable, schemaFor } from './table.js';

/**
 * How to treat what exists already.
 *
 * @example
 * const options: SeedOptions = { prune: false, onProgress: (progress) => console.log(progressLine(progress)) };
 * await seedCatalogue(clients(), await folderSource('data'), options);
 */
export interface SeedOptions extends StepOptions {
  /** Delete the table and create it again; default false. */
  recreate?: boolean;
  /** Remove products and images that are not in the source; default: true on a mock, false on a real account. */
  prune?: boolean;
  /** Give up what was corrected by `catalogue.update`, for the values of the source; default false. */
  discardCorrections?: boolean;
}

/**
 * What seeding did with the rows and images.
 *
 * @example
 * const { rows, images }: SeedSummary = await seedCatalogue(clients(), sampleSource());
 * console.log(rows.written, images.put, images.failed);
 */
export interface SeedSummary {
  /** The name of the source. */
  source: string;
  rows: {
    /** Rows of the source, including those that were left out. */
    read: number;
    written: number;
    unchanged: number;
    /** Corrected values that were kept, where the source has others. */
    corrected: number;
    /** Products that were removed from the table, since they are not in the source or their image cannot be used. */
    removed: number;
    /** Rows that were left out because their image does not exist. */
    withoutImage: number;
    /** Rows that were not read as they are in the file: the first thousand. */
    repaired: RowProblem[];
    /** Rows that were left out because they make no sense: the first thousand. */
    malformed: RowProblem[];
    /** Why rows were repaired or left out, the most frequent reason first. */
    reasons: RowReason[];
  };
  /** How the CSV file was read; undefined where the source is none. */
  file?: FileFacts | undefined;
  images: {
    put: number;
    unchanged: number;
    removed: number;
    /** Images that cannot be used; their products are left out. */
    failed: Failure[];
  };
  /** Products of the table that are not in the source and were kept, because `prune` is false. */
  notInSource: number;
  seconds: number;
}

/** The most items of a BatchWriteItem. */
const batch = 25;
const batchesAtOnce = 12;
/** How many images are read or put at a time: some of them wait for the disk. */
const imagesAtOnce = 96;

/** Up to so many products (some tens of megabytes) are kept in memory; a longer source is read a second time. */
const mostInMemory = 50_000;

/**
 * Makes the catalogue on AWS equal to a source: table, indexes, bucket, an image and a row for each product (in this
 * order), and the statistics last. Products are streamed. What exists unchanged is not written again, so an interrupted
 * seeding is completed when it is started again.
 *
 * @param aws Where to; the names of the table and the bucket are in it.
 * @throws PipelineError `source.…` where a row of the source has a wrong value or there is no product, before anything
 * is written; `table.notOwn` where another system made the table, `table.otherFields`, `table.otherKeys`,
 * `table.bucketTaken` where the table or the bucket belongs to another data set, before a product is written;
 * `run.tooManyFailures` where more than a tenth of the images cannot be used; `cell.interrupted`, `aws.…`.
 *
 * @example
 * const summary = await seedCatalogue(clients(), await folderSource('data'));
 * console.log(summary.rows.written, 'rows written,', summary.images.put, 'images put');
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
  const { prune = !aws.real, recreate, signal, onProgress } = options;
  const started = performance.now();
  const sourceSchema = source.schema ?? fashion;
  // What only asks AWS is asked beside each other, and beside the reading of the source.
  const [, schema] = await all([checkOwn(aws, sourceSchema), schemaFor(aws, sourceSchema, recreate)]);
  const checking = checkSource(source, schema, options);
  const known = { rows: new IdNumbers(), images: new KnownImages() };
  const statistics = new StatisticsCounter(source.name, schema);
  /** A product of the table that is not in the source, and stays there. */
  const keep = (product: Entry) => {
    if (!prune) statistics.addValues(product);
  };
  const readyBucket = async () => {
    if (!(await bucketExists(aws))) {
      await checking;
      await ensureBucket(aws);
    }
    await checkBucket(aws, schema);
  };
  const bucket = readyBucket();
  const readBucket = async () => {
    await bucket;
    const source = async () => {
      const { wanted, longNames } = await checking;
      return (key: string) => {
        const id = longNames.get(stemOf(key)) ?? idOfImageKey(key, schema.id);
        return id !== undefined && wanted.has(id) ? id : undefined;
      };
    };
    return readKnownImages(aws, known.images, source, signal);
  };
  const readTable = async () => {
    const [{ wanted }] = await all([checking, bucket]);
    const table = await ensureTable(aws, schema, options);
    const corrections = await readCorrections(aws, schema, table === 'created', { signal });
    if (options.discardCorrections && corrections.size > 0) await discardCorrections(aws, schema);
    if (table === 'created') return { table, corrections, ids: [] };
    return {
      table,
      corrections,
      ids: await knownRows(aws, schema, wanted, known.rows, { corrections, keep }, options),
    };
  };
  const [{ rows, file, total, products }, keys, { table, corrections, ids }] = await all([
    checking,
    readBucket(),
    readTable(),
  ]);
  const unexpected: { ids: ProductId[]; keys: string[] } = { ids, keys };
  /** Files that products had before, of another format than now. */
  const outdated: string[] = [];
  // Statistics are of use to plans until others replace them, but not those of a table that is gone.
  if (table === 'created') await removeStatistics(aws);

  const images: SeedSummary['images'] = { put: 0, unchanged: 0, removed: 0, failed: [] };
  const failures = new Failures(total);
  const tracker = new Tracker('seed', 'products', total, onProgress);
  const withImages = pMapIterable(products, putImage, {
    concurrency: imagesAtOnce,
    backpressure: 4 * imagesAtOnce,
    preserveOrder: false,
  });
  await concurrently(chunked(withImages, batch), putRows, { concurrency: batchesAtOnce, signal });
  // No row names them any more.
  await remove(aws, outdated, signal);
  images.removed = outdated.length;
  if (prune) {
    await concurrently(
      chunks(unexpected.ids, batch),
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
    await remove(aws, unexpected.keys, signal);
    rows.removed = unexpected.ids.length;
    images.removed += unexpected.keys.length;
  }
  rows.corrected = corrections.kept;
  await writeStatistics(aws, statistics.result);
  await corrections.keepLater(aws, schema, { signal });
  tracker.end();
  images.failed = failures.sorted;
  return {
    source: source.name,
    rows,
    file,
    images,
    notInSource: prune ? 0 : unexpected.ids.length,
    seconds: (performance.now() - started) / 1000,
  };

  async function putRows(products: Entry[]): Promise<typeof skip> {
    const changed: WriteRequest[] = [];
    for (const given of products) {
      const product = options.discardCorrections ? given : corrections.keep(given);
      const item = toItem(product, schema);
      statistics.add(product, item);
      if (known.rows.has(product.id) && known.rows.get(product.id) === digest(JSON.stringify(item))) rows.unchanged++;
      else changed.push({ PutRequest: { Item: item } });
    }
    await write(aws, changed, signal);
    rows.written += changed.length;
    tracker.tick(products.length);
    return skip;
  }

  async function putImage(product: Entry): Promise<Entry | typeof pMapSkip> {
    const { id } = product;
    try {
      const { bytes, format } = await kept(await source.image(id));
      const { extension, type } = format;
      const key = imageKey(id, extension);
      if (await isThere(id, extension, bytes)) {
        images.unchanged++;
      } else {
        await checkImage(bytes);
        await putBytes(aws, key, bytes, { type, signal });
        images.put++;
      }
      outdated.push(...known.images.keys(id).filter((other) => other !== key));
      return { ...product, imagePath: `s3://${aws.bucket}/${key}` };
    } catch (error) {
      failures.add(id, 'put', error);
      // What an earlier seeding wrote of this product is removed, too.
      if (known.rows.has(id)) unexpected.ids.push(id);
      unexpected.keys.push(...known.images.keys(id));
      tracker.tick(1, 1);
      return pMapSkip;
    }
  }

  /** Whether the bucket has an image already: by its ETag where that is the MD5 of the bytes, else by its metadata. */
  async function isThere(id: ProductId, extension: string, bytes: Uint8Array): Promise<boolean> {
    const etag = known.images.get(id, extension);
    if (etag === 0) return false;
    if (etag === digest(bytes)) return true;
    const head = await headOf(aws, imageKey(id, extension), signal);
    return head !== undefined && recordedMd5(head) === md5(bytes);
  }
}

/** The results of some that run at the same time. Where one fails, the others come to their end, too. */
async function all<T extends readonly unknown[] | []>(promises: T) {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Reads the whole source before anything is written, so that a wrong row stops seeding in time. */
async function checkSource(source: CatalogueSource<Entry>, schema: Schema, { signal, onProgress }: SeedOptions) {
  const report = new RowReport();
  const wanted = new IdNumbers();
  /** The ids of which a key has but a digest, by their keys without extension. */
  const longNames = new Map<string, ProductId>();
  const tracker = new Tracker('check', 'products', undefined, onProgress);
  let file: FileFacts | undefined;
  const kept: Entry[] = [];
  for await (const product of source.products(
    signal,
    (problem) => report.add(problem),
    (facts) => {
      file = facts;
    },
  )) {
    tracker.tick();
    checkProduct(product, schema);
    wanted.set(product.id, 1);
    const key = imageKey(product.id);
    if (typeof product.id === 'string' && idOfImageKey(key, 'string') === undefined)
      longNames.set(stemOf(key), product.id);
    if (kept.length < mostInMemory) kept.push(product);
  }
  tracker.end();
  const total = tracker.done;
  if (total === 0) {
    const [first] = report.reasons;
    throw new PipelineError(
      'source.empty',
      `${source.name} has no product with an image, so there is nothing to load` +
        `${first ? ` (line ${first.line}: ${first.reason})` : ''}.`,
      { value: source.name },
    );
  }
  const { withoutImage, repaired, malformed, reasons } = report;
  const rows = {
    read: total + report.leftOut,
    written: 0,
    unchanged: 0,
    corrected: 0,
    removed: 0,
    withoutImage,
    repaired,
    malformed,
    reasons,
  };
  return { rows, file, total, wanted, longNames, products: total > kept.length ? source.products(signal) : kept };
}

/** Stops at a product that DynamoDB would refuse. A folder's rows were checked before, and those left out. */
function checkProduct(product: Entry, schema: Schema): void {
  checkId(product.id, schema.id);
  const fault = itemFault(product, schema);
  if (!fault) return;
  throw new PipelineError(fault.code, `The product ${product.id} cannot be stored: ${fault.reason}`, {
    value: product.id,
  });
}

/** Stores a digest of each row of the table; passes on products that are not in the source, and returns their ids. */
async function knownRows(
  aws: Aws,
  schema: Schema,
  wanted: IdNumbers,
  digests: IdNumbers,
  { corrections, keep }: { corrections: Corrections; keep: (product: Entry) => void },
  { signal, onProgress }: SeedOptions,
): Promise<ProductId[]> {
  const unexpectedIds: ProductId[] = [];
  const tracker = new Tracker('compare', 'products', undefined, onProgress);
  for await (const { products } of read<Entry>(aws, plan({}, undefined, schema), { signal })) {
    signal?.throwIfAborted();
    for (const product of products) {
      corrections.see(product);
      if (wanted.has(product.id)) digests.set(product.id, digest(JSON.stringify(toItem(product, schema))));
      else {
        unexpectedIds.push(product.id);
        keep(product);
      }
    }
    tracker.tick(products.length);
  }
  tracker.end();
  return unexpectedIds;
}

const write = (aws: Aws, requests: WriteRequest[], signal?: AbortSignal): Promise<void> =>
  retryUnprocessed(requests, (left) => batchWrite(aws, left, signal), signal);

/** An image in a format that is kept: as it is, or converted to JPEG, to the same bytes each time. */
async function kept(bytes: Uint8Array): Promise<{ bytes: Uint8Array; format: ImageFormat }> {
  if (bytes.length === 0) throw new PipelineError('image.unreadable', 'The image is empty (0 bytes).');
  const format = formatOf(bytes);
  if (format) return { bytes, format };
  return { bytes: await encodeJpeg(await decodeImage(bytes)), format: imageFormats.jpeg };
}
