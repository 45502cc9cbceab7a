import * as tf from '@tensorflow/tfjs';
import { Tracker } from '../../work/index.js';
import type { ModelInput } from '../run/preprocess.js';
import { outputsOf } from './evaluate.js';
import type { Example, Head } from './examples.js';
import { remembered } from './layers-model.js';
import { type Memory, memoryFeatures } from './memory-layers.js';
import { toBytes } from './save.js';
import type { MemorySettings } from './settings.js';
import { keysOf, type Learning, learnSimilarity } from './similarity.js';

/**
 * Makes the memory of the examples; undefined if no attribute uses it. A blank label is filled with the model's
 * prediction.
 */
export async function remember(
  model: tf.LayersModel,
  examples: readonly Example[],
  heads: readonly Head[],
  input: ModelInput,
  { attributes, ...settings }: MemorySettings,
  learning: Learning,
): Promise<Memory | undefined> {
  const recalled = heads.filter(({ name }) => attributes.includes(name));
  if (recalled.length === 0) return undefined;
  const outputOf = (name: string) => model.getLayer(name).output as tf.SymbolicTensor;
  const reader = tf.model({
    inputs: model.inputs,
    outputs: [memoryFeatures(outputOf(remembered)), ...recalled.map(({ name }) => outputOf(name))],
  });
  const tracker = new Tracker('features', 'images', examples.length, learning.onProgress);
  const [flat = new Float32Array(), ...guesses] = await outputsOf(reader, examples, input, {
    signal: learning.signal,
    onBatch: (images) => tracker.tick(images),
  });
  tracker.end();
  const features = tf.tensor2d(flat, [examples.length, flat.length / examples.length]);
  const oneHot = ({ name, labels }: Head, ofBlank: (image: number) => number) =>
    tf.tidy(
      () =>
        tf
          .oneHot(
            tf.tensor1d(
              examples.map(({ product: { [name]: label } }, image) =>
                label === undefined ? ofBlank(image) : labels.indexOf(label),
              ),
              'int32',
            ),
            labels.length,
          )
          .toFloat() as tf.Tensor2D,
    );
  const given = recalled.map((head) => oneHot(head, () => -1));
  try {
    const similarity = await learnSimilarity(features, given, settings, learning);
    const keys = tf.tidy(() => rounded(keysOf(features, similarity).transpose().div(settings.dimensions)));
    const guess = (head: number, labels: number) => (image: number) =>
      likeliest(guesses[head]?.subarray(image * labels, (image + 1) * labels));
    return {
      ...similarity,
      keys,
      labels: new Map(recalled.map((head, i) => [head.name, oneHot(head, guess(i, head.labels.length))])),
    };
  } finally {
    tf.dispose([features, ...given]);
  }
}

const likeliest = (scores: Float32Array = new Float32Array()): number => scores.indexOf(Math.max(...scores));

/** The values rounded as they are saved in bytes, so that the model that is measured is the one that is saved. */
function rounded(values: tf.Tensor2D): tf.Tensor2D {
  const { bytes, quantization } = toBytes(values.dataSync<'float32'>());
  return tf.tensor2d(
    Float32Array.from(bytes, (byte) => byte * quantization.scale + quantization.min),
    values.shape,
  );
}
