import { md5 } from '../../aws/index.js';
import { Failures } from '../../catalogue/index.js';
import { Tracker } from '../../work/index.js';
import { type Item, labelOf } from '../item.js';
import { loadModel } from '../load.js';
import type { Identity } from './held-out.js';
import type { HeadOptions } from './options.js';

/** An image as the net's features, with its label. */
export interface FeaturesExample extends Identity {
  label: string;
  /** The embedding as the net computes it, not normalised. */
  features: Float32Array;
}

/**
 * The features of the items' images, in order, by item; images that cannot be read are left out.
 *
 * @throws PipelineError `model.noEmbedding`, `run.tooManyFailures`; those of `loadModel`.
 */
export async function readFeatures<T extends Item>(
  items: readonly T[],
  { attribute, data, origin, model: source, backend, s3, signal, onProgress }: HeadOptions<T>,
): Promise<Map<T, FeaturesExample>> {
  const model = await loadModel(source, { backend, s3 });
  try {
    const md5s = new Map<T, string>();
    const dataAndMd5 = async (item: T) => {
      const bytes = await data(item);
      md5s.set(item, md5(bytes));
      return bytes;
    };
    const failures = new Failures(items.length);
    const tracker = new Tracker('features', 'images', items.length, onProgress);
    const examples = new Map<T, FeaturesExample>();
    for await (const { item, embedding, error } of model.predictAll(items, {
      data: dataAndMd5,
      details: true,
      signal,
    })) {
      tracker.tick(1, error ? 1 : 0);
      if (error) failures.add(item.id, 'features', error);
      else
        examples.set(item, {
          id: item.id,
          md5: md5s.get(item) ?? '',
          origin: origin?.(item),
          label: labelOf(item, attribute) ?? '',
          features: embedding ?? new Float32Array(),
        });
    }
    tracker.end();
    return examples;
  } finally {
    model.dispose();
  }
}
