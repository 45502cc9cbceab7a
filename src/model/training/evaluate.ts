import * as tf from '@tensorflow/tfjs';
import type { Metric } from '../card.js';
import { normalise, type ModelInput } from '../preprocess.js';
import type { Example, Head } from './examples.js';

const batchSize = 128;

/** How often the model finds each attribute of the examples, beside always guessing the label most frequent among them. */
export function evaluate(
  model: tf.LayersModel,
  examples: readonly Example[],
  heads: readonly Head[],
  input: ModelInput,
): Metric[] {
  const right = heads.map(() => 0);
  for (let from = 0; from < examples.length; from += batchSize) {
    const some = examples.slice(from, from + batchSize);
    const guesses = guess(model, some, input);
    heads.forEach(({ name, labels }, head) => {
      some.forEach(({ product }, i) => {
        const label = product[name];
        if (label !== undefined && label === labels[guesses[head]?.[i] ?? -1]) right[head] = (right[head] ?? 0) + 1;
      });
    });
  }
  return heads.map(({ name }, head) => {
    const counts = new Map<string, number>();
    for (const { product } of examples) {
      const label = product[name];
      if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const images = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const share = (found: number) => (images === 0 ? 0 : Math.round((found / images) * 1e4) / 1e4);
    return {
      attribute: name,
      accuracy: share(right[head] ?? 0),
      majority: share(Math.max(0, ...counts.values())),
      images,
    };
  });
}

/** Per head the index of the likeliest label of each example. */
function guess(model: tf.LayersModel, examples: readonly Example[], input: ModelInput): Int32Array[] {
  const size = input.height * input.width * 3;
  const floats = new Float32Array(examples.length * size);
  examples.forEach(({ pixels }, i) => normalise(pixels, input, floats, i * size));
  return tf.tidy(() => {
    const outputs = model.predictOnBatch(tf.tensor4d(floats, [examples.length, input.height, input.width, 3]));
    return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => Int32Array.from(output.argMax(1).dataSync()));
  });
}
