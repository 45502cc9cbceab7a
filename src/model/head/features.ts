import { Failures } from '../../catalogue/index.js';
import { Tracker } from '../../work/index.js';
import { type Item, labelOf } from '../item.js';
import { loadModel } from '../load.js';
import type { Model } from '../model.js';
import { answer } from '../recall.js';
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
  fingerprint: string,
  { attribute, data, md5, origin, scored, model: source, backend, s3, signal, onProgress }: HeadOptions<T>,
): Promise<Map<T, FeaturesExample>> {
  let model: Model | undefined;
  const open = async () => (model = await loadModel(source, { backend, s3 }));
  try {
    const failures = new Failures(items.length);
    const tracker = new Tracker('features', 'images', items.length, onProgress);
    const examples = new Map<T, FeaturesExample>();
    const options = { data, md5, before: [scored ?? []].flat(), details: true, signal };
    for await (const answered of answer(items, { fingerprint }, open, options)) {
      const { item, error } = answered;
      tracker.tick(1, error ? 1 : 0);
      if (error) failures.add(item.id, 'features', error);
      else
        examples.set(item, {
          id: item.id,
          md5: answered.md5,
          origin: origin?.(item),
          label: labelOf(item, attribute) ?? '',
          features: answered.embedding.map((value) => value * answered.length),
        });
    }
    tracker.end();
    return examples;
  } finally {
    model?.dispose();
  }
}
