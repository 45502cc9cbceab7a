import type { CatalogueSource, Entry } from '../../catalogue/index.js';
import { Dataset, type Row } from '../../dataset/index.js';
import type { Item } from '../../model/index.js';
import {
  concurrently,
  interruptible,
  messageOf,
  PipelineError,
  type StepOptions,
  startOver,
  Tracker,
} from '../../work/index.js';
import { sourceOf } from './image-folder.js';
import { checkKinds, Inspection, type IssueThresholds, thresholdsOf } from './inspection.js';
import type { IssueKind } from './kinds.js';
import { type Looked, look } from './measures.js';

/**
 * What is looked for, and from which score on it counts.
 *
 * @example
 * const options: InspectOptions = { kinds: ['dark', 'blurred'], thresholds: { dark: 0.3 } };
 * console.log(String(await inspect(shoes, options)));
 */
export interface InspectOptions extends StepOptions {
  /** Default: all kinds. */
  kinds?: readonly IssueKind[] | undefined;
  /** From which score on an image has an issue, from 0 to 1; default 0.5 for each kind. */
  thresholds?: IssueThresholds | undefined;
}

/** Images that are looked at. */
interface Images<T> {
  items: readonly T[];
  data(item: T, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/**
 * Looks at every image of a data set, a source, or a folder, for what is wrong with it: unreadable, blank, dark,
 * bright, of low contrast, blurred, greyscale among colour, of an odd aspect ratio or size, exact twins. Each image has
 * a score of each kind, from 0 to 1. What is odd or blurred is so beside the other images. No model is needed, and one
 * image is kept at a time: some thousands of 60x80 a second.
 *
 * @param of A folder with a file of rows (see `folderSource`), or with nothing but images, which have their paths for
 * ids.
 * @throws PipelineError `inspect.badThreshold`, `inspect.unknownKind`; `inspect.noImages` where a folder has none;
 * `source.…`, `aws.…` where they cannot be read; `cell.interrupted`.
 *
 * @example
 * const inspection = await inspect(shoes);
 * await show.issues(inspection);
 * const clean = shoes.without(inspection.issues.filter(({ kind }) => kind === 'blurred'));
 */
export function inspect<R extends Row>(of: Dataset<R>, options?: InspectOptions): Promise<Inspection<R>>;
export function inspect<P extends Entry>(of: CatalogueSource<P>, options?: InspectOptions): Promise<Inspection<P>>;
export function inspect(of: string, options?: InspectOptions): Promise<Inspection>;
export function inspect(
  of: Dataset | CatalogueSource<Entry> | string,
  options: InspectOptions = {},
): Promise<Inspection> {
  return interruptible(options, startOver, async (steps) => {
    checkKinds(options.kinds ?? []);
    thresholdsOf(options.thresholds ?? {});
    if (of instanceof Dataset)
      return lookAt({ items: of.rows, data: (row: Row, signal) => of.image(row, signal) }, options, steps);
    const source = typeof of === 'string' ? await sourceOf(of, steps.signal) : of;
    const items: Entry[] = [];
    for await (const product of source.products(steps.signal)) items.push(product);
    return lookAt({ items, data: ({ id }) => source.image(id) }, options, steps);
  });
}

async function lookAt<T extends Item>(
  { items, data }: Images<T>,
  options: InspectOptions,
  { signal, onProgress }: StepOptions,
): Promise<Inspection<T>> {
  const tracker = new Tracker('inspect', 'images', items.length, onProgress);
  const lookAtOne = async (item: T): Promise<Looked> => {
    const looked = await data(item, signal).then(look).catch(missing);
    tracker.tick(1, looked.reason === undefined ? 0 : 1);
    return looked;
  };
  const looked = await concurrently(items, lookAtOne, { concurrency: 32, signal });
  tracker.end();
  const readAgain = async (place: number) => {
    const item = items[place];
    if (item) return data(item, undefined);
    throw new PipelineError('curation.unknownItem', 'None of the images that were looked at is of this item.');
  };
  return new Inspection(items, looked, readAgain, options);
}

/** An image that is not there is an issue; where no image can be read it is an error. */
function missing(error: unknown): Looked {
  if (error instanceof PipelineError && /^(s3\.notFound|image\.|source\.)/.test(error.code))
    return { md5: '', reason: messageOf(error) };
  throw error;
}
