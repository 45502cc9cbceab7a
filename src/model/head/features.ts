import { Failures } from '../../catalogue/index.js';
import { Tracker } from '../../work/index.js';
import { type Item, labelOf } from '../item.js';
import { loadModel } from '../load.js';
import { type Part, partOf } from '../training/split.js';
import type { HeadOptions } from './options.js';

/** An image as the net's features, with its label and its side of the split. */
export interface FeaturesExample {
  label: string;
  /** The embedding as the net computes it, not normalised. */
  features: Float32Array;
  part: Part;
}

/**
 * The features of the items' images, in order; images that cannot be read are left out.
 *
 * @throws PipelineError `model.noEmbedding`, `run.tooManyFailures`; those of `loadModel`.
 */
export async function readFeatures<T extends Item>(
  items: readonly T[],
  { attribute, data, model: source, backend, s3, signal, onProgress }: HeadOptions<T>,
): Promise<FeaturesExample[]> {
  const model = await loadModel(source, { backend, s3 });
  try {
    const parts = new Map<T, Part>();
    const dataAndPart = async (item: T) => {
      const bytes = await data(item);
      parts.set(item, partOf(bytes));
      return bytes;
    };
    const failures = new Failures(items.length);
    const tracker = new Tracker('features', 'images', items.length, onProgress);
    const examples: FeaturesExample[] = [];
    for await (const { item, embedding, error } of model.predictAll(items, {
      data: dataAndPart,
      details: true,
      signal,
    })) {
      tracker.tick(1, error ? 1 : 0);
      if (error) failures.add(item.id, 'features', error);
      else
        examples.push({
          label: labelOf(item, attribute) ?? '',
          features: embedding ?? new Float32Array(),
          part: parts.get(item) ?? 'train',
        });
    }
    tracker.end();
    return examples;
  } finally {
    model.dispose();
  }
}
