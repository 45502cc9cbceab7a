import { md5 } from '../../aws/index.js';
import type { CatalogueSource, Product } from '../../catalogue/index.js';
import { splitColumn } from '../../dataset/index.js';
import { concurrently, type OnProgress, PipelineError, skip, Tracker } from '../../work/index.js';
import { type Attribute, attributes } from '../attributes.js';
import { type ModelInput, prepare } from '../run/preprocess.js';
import { type Part, partOf, partOnSide } from './split.js';

/** A decoded image, `height * width * 3` bytes RGB, with its product and its side of the split. */
export interface Example {
  product: Product;
  pixels: Uint8Array;
  part: Part;
  /** The MD5 of the encoded image, in hex. */
  md5: string;
}

/** The labels of an attribute, in the order of the model's outputs. */
export interface Head {
  name: Attribute;
  labels: readonly string[];
}

/**
 * Decodes the images of a catalogue and keeps them in memory, 14 KB each (40,000 take 575 MB). Unreadable images are
 * left out and counted as failed in the progress.
 *
 * Where products say in their column `split` that they are on the side `train`, that decides, and those of other sides
 * than `validation` are left out; else their bytes do.
 *
 * @throws PipelineError `training.noImages` if no image could be read; `training.leak` where the same image is on both
 * sides.
 */
export async function readExamples(
  source: CatalogueSource,
  input: ModelInput,
  options: { limit?: number | undefined; signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined } = {},
): Promise<Example[]> {
  const { limit = Infinity, signal, onProgress } = options;
  const products: Product[] = [];
  for await (const product of source.products(signal)) {
    if (products.length >= limit) break;
    products.push(product);
  }
  const isSplit = products.some((product) => Reflect.get(product, splitColumn) === 'train');
  const tracker = new Tracker('decode', 'images', products.length, onProgress);
  const read = await concurrently(
    products,
    async (product) => {
      const example = await readExample(source, product, input, isSplit).catch((): typeof skip => skip);
      tracker.tick(1, example === skip ? 1 : 0);
      return example ?? skip;
    },
    { concurrency: 8, signal },
  );
  tracker.end();
  if (read.length === 0) {
    throw new PipelineError(
      'training.noImages',
      `No image of ${source.name} could be read, so there is nothing to train on.`,
      { value: source.name },
    );
  }
  if (isSplit) checkApart(read);
  return read;
}

async function readExample(
  source: CatalogueSource,
  product: Product,
  input: ModelInput,
  isSplit: boolean,
): Promise<Example | undefined> {
  const bytes = await source.image(product.id);
  const part = isSplit ? partOnSide(bytes, Reflect.get(product, splitColumn)) : partOf(bytes);
  return part && { product, pixels: await prepare(bytes, input), part, md5: md5(bytes) };
}

function checkApart(examples: readonly Example[]): void {
  const trained = new Set(examples.flatMap(({ part, md5 }) => (part === 'train' ? md5 : [])));
  const leak = examples.find(({ part, md5 }) => part !== 'train' && trained.has(md5));
  if (!leak) return;
  throw new PipelineError(
    'training.leak',
    `The image of product ${leak.product.id} is on the side validation, and the same bytes are on the side train: ` +
      'the model would look better than it is. Make the split with dataset.split, which keeps such images together.',
    { value: leak.product.id },
  );
}

/**
 * The heads of a model for the examples: each attribute with the labels that occur, sorted.
 *
 * @throws PipelineError `training.tooFewLabels`
 */
export function headsOf(examples: readonly Example[]): Head[] {
  return attributes.map((name) => {
    const labels = [...new Set(examples.flatMap(({ product }) => product[name] ?? []))].sort();
    if (labels.length < 2) {
      throw new PipelineError(
        'training.tooFewLabels',
        `The examples have ${labels.length} ${name} label(s), but a model needs at least two. Train on more examples.`,
        { value: name },
      );
    }
    return { name, labels };
  });
}
