import { type Aws, imageConcurrency, readEtags } from '../../aws/index.js';
import { Failures } from '../../catalogue/index.js';
import { concurrently, interruptible, PipelineError, type StepOptions, skip, Tracker } from '../../work/index.js';
import type { Bytes } from '../formats/index.js';
import { cardName, cardOf } from './card.js';
import { type Column, columnsOf } from './columns.js';
import type { Shard, TrainingFormat } from './format.js';
import { type Fetched, fetched, fetchImage } from './images.js';
import { digestOfItems, type Item, itemsOf, type Writable } from './items.js';
import { readTarget } from './journal.js';
import { placeNamed } from './place-named.js';
import { Target } from './target.js';
import { Written } from './written.js';

/**
 * How a data set is written.
 *
 * @example
 * const { all } = await shoes.split({ train: 0.8, test: 0.2 });
 * const options: WriteOptions = { label: 'season', overwrite: true };
 * await all.write('classes', 'out/seasons', options);
 */
export interface WriteOptions extends StepOptions {
  /** The field that is learned: a folder for each of its values in `classes`, a number in `sagemaker`. */
  label?: string | undefined;
  /** Augmented images, of which those of products on the side `train` are written with it. */
  augmented?: Writable | undefined;
  /** Predictions, whose columns are added to the rows. */
  predictions?: Writable | undefined;
  /** How many bytes of images a file of many has, about; default 256 MB. */
  shardBytes?: number | undefined;
  /** Whether the images stay in S3, and only their addresses are written: for `parquet`. */
  references?: boolean | undefined;
  /** Whether what another write left in the place is replaced. Files that are not the kit's stay in any case. */
  overwrite?: boolean | undefined;
}

/** What is written where. */
export interface WriteFacts {
  aws: Aws;
  source: Writable;
  format: TrainingFormat & { name: string };
  to: string;
  options: WriteOptions;
}

/** Changes when the same rows and options give other bytes: what an older version began is then not gone on with. */
const bytesVersion = 1;

/** Writes a data set; the same rows, images and options give the same bytes. */
export async function writeTarget({ aws, source, format, to, options }: WriteFacts): Promise<Written> {
  const { label, shardBytes = 256_000_000, overwrite = false } = options;
  const place = placeNamed(aws, to);
  if (!Number.isSafeInteger(shardBytes) || shardBytes < 1)
    throw new PipelineError('write.badShard', `A file cannot have ${shardBytes} bytes. Give a whole number above 0.`, {
      value: shardBytes,
    });
  if (format.labelled && label === undefined)
    throw new PipelineError(
      'write.noLabel',
      `The format ${format.name} has a folder for each label. Name the field that has them: label: 'articleType' ` +
        '(--label articleType).',
    );
  const all = itemsOf(source, options);
  const items = format.labelled ? all.filter((item) => item.label !== undefined) : all;
  const columns = columnsOf(items.map(({ row }) => row));
  const how = [bytesVersion, format.name, label ?? null, format.shard ? shardBytes : null];
  const digest = digestOfItems(items, how);
  return interruptible(options, 'Run the cell again to complete it: what was done is kept.', async (steps) => {
    const { signal } = steps;
    const before = await readTarget(place, { digest, overwrite, signal });
    const target = new Target(place, before, format.name, digest);
    const tracker = new Tracker('write', 'images', items.length, steps.onProgress);
    const failures = new Failures(items.length);
    const work: Work = { target, failures, tracker, signal };
    const written = format.imageFile
      ? await writeImages(items, format.imageFile, work)
      : format.shard
        ? await writeShards(items, columns, { ...format.shard, size: shardBytes }, work)
        : await present(aws, items, work);
    const { manifest } = source;
    const rows = { items: written, columns, label, manifest };
    for (const { name, content } of (await format.tables?.(rows)) ?? []) await target.write(name, content, { signal });
    const unlabelled = all.length - items.length;
    const card = cardOf({ format, source, rows, failed: failures.list.length, unlabelled, files: target.files });
    await target.write(cardName, [card], { signal });
    await target.complete(signal);
    tracker.end();
    const sides: Record<string, number> = {};
    for (const { side = 'all' } of written) sides[side] = (sides[side] ?? 0) + 1;
    return new Written(to, format.name, sides, target, failures.sorted, unlabelled, before.others);
  });
}

interface Work {
  target: Target;
  failures: Failures;
  tracker: Tracker;
  signal: AbortSignal | undefined;
}

/** Writes each image as a file, unless the same is there; returns the items that are there then. */
async function writeImages(
  items: readonly Item[],
  fileOf: (item: Item) => string,
  { target, failures, tracker, signal }: Work,
): Promise<Item[]> {
  await target.begin(items.map(fileOf));
  return concurrently(
    items,
    async (item) => {
      try {
        const name = fileOf(item);
        if (!(await target.keepIfSame(name, item.md5))) await target.put(name, await fetchImage(item, signal), signal);
        tracker.tick();
        return item;
      } catch (error) {
        failures.add(item.id, 'write', error);
        tracker.tick(1, 1);
        return skip;
      }
    },
    { concurrency: imageConcurrency, signal },
  );
}

/** Writes the images of each side into files of many; those that are there whole from an earlier run stay. */
async function writeShards(
  items: readonly Item[],
  columns: readonly Column[],
  shard: Shard & { size: number },
  work: Work,
): Promise<Item[]> {
  const written: Item[] = [];
  for (const side of new Set(items.map((item) => item.side))) {
    const own = items.filter((item) => item.side === side);
    const nameOf = (n: number) => `${side ?? 'data'}-${String(n).padStart(6, '0')}${shard.extension}`;
    written.push(...(await writeSide(own, columns, { ...shard, nameOf }, work)));
  }
  return written;
}

async function writeSide(
  items: readonly Item[],
  columns: readonly Column[],
  { open, size, nameOf }: Shard & { size: number; nameOf: (n: number) => string },
  { target, failures, tracker, signal }: Work,
): Promise<Item[]> {
  let n = 0;
  let done = 0;
  for (let rows: number | undefined; (rows = target.keepShard(nameOf(n))) !== undefined; n++) done += rows;
  const written = items.slice(0, done);
  tracker.tick(done);
  const images = fetched(items.slice(done), signal)[Symbol.asyncIterator]();
  // After an image that failed, files are not kept for another run, which may get it: then it moves the others.
  let whole = true;
  try {
    for (let next = await images.next(); !next.done; n++) {
      let rows = 0;
      const content = async function* (): AsyncGenerator<Bytes> {
        const writer = await open(columns);
        for (let bytes = 0; !next.done && bytes < size; next = await images.next()) {
          const { item, data, error }: Fetched = next.value;
          if (data) {
            yield* writer.add(item, data);
            bytes += data.length;
            written.push(item);
          } else {
            failures.add(item.id, 'write', error);
            whole = false;
          }
          rows++;
          tracker.tick(1, data ? 0 : 1);
        }
        yield* writer.end();
      };
      await target.write(nameOf(n), content(), { rows: () => (whole ? rows : undefined), signal });
    }
  } finally {
    await images.return?.();
  }
  return written;
}

/** The items whose images are in the bucket: for formats that say where they are. */
async function present(aws: Aws, items: readonly Item[], { failures, tracker, signal }: Work): Promise<Item[]> {
  const keyOf = ({ row }: Item) => row.imagePath.replace(/^s3:\/\/[^/]+\//, '');
  const there = await readEtags(aws, items.map(keyOf), signal);
  return items.filter((item) => {
    const isThere = there.has(keyOf(item));
    if (!isThere)
      failures.add(item.id, 'write', new PipelineError('s3.notFound', `${item.row.imagePath} does not exist.`));
    tracker.tick(1, isThere ? 0 : 1);
    return isThere;
  });
}
