import * as tf from '@tensorflow/tfjs';
import { apply, setWeights } from './layers.js';
import { epsilon, type Similarity, sameFall, sameFrom } from './similarity.js';

/**
 * The training images as a model remembers them. A catalogue is made of series, photographed alike: for whom a product
 * is, its season and its usage are told better by how the most similar images are labelled than by the picture alone
 * (as a language model is helped by the texts that it learnt from, Khandelwal et al. 2020,
 * https://arxiv.org/abs/1911.00172).
 */
export interface Memory extends Similarity {
  /**
   * The key of each image, by columns, over the number of dimensions: [dimensions, images]. An image's key times it is
   * the cosine of the two.
   */
  keys: tf.Tensor2D;
  /** By attribute, one-hot, [images, labels]. */
  labels: ReadonlyMap<string, tf.Tensor2D>;
}

export const disposeMemory = ({ projection, offset, keys, labels }: Memory): void =>
  tf.dispose([projection, offset, keys, ...labels.values()]);

/** What begins the names of the layers whose weights are the images remembered. */
const prefix = 'memory_';

/** Whether a weight of the net is of the images remembered: a byte is enough for each of its numbers. */
export const isMemory = (weight: string): boolean => weight.startsWith(prefix);

/**
 * The features that images are told apart by, a vector, from the net's map [height, width, channels]: its means over 2
 * x 2.
 */
export function memoryFeatures(map: tf.SymbolicTensor): tf.SymbolicTensor {
  const pool = tf.layers.averagePooling2d({ name: 'recall_pool', poolSize: 2, strides: 2, padding: 'same' });
  return apply(tf.layers.flatten({ name: 'recall_features' }), apply(pool, map));
}

/** How much the label of each image remembered counts, [images], for an image of these features. */
export function recalled(
  features: tf.SymbolicTensor,
  { projection, offset, keys, sharpness }: Memory,
): tf.SymbolicTensor {
  const [dimensions, images] = keys.shape;
  const project = tf.layers.dense({ name: 'recall_key', units: dimensions });
  const normalise = tf.layers.layerNormalization({ name: 'recall_normalised', center: false, scale: false, epsilon });
  const compare = tf.layers.dense({ name: `${prefix}keys`, units: images, useBias: false });
  const rising = apply(compare, apply(normalise, apply(project, features)));
  // By itself a score rises with the cosine; where it is the same image it falls, by the lower of two lines.
  const fall = tf.layers.rescaling({
    name: 'recall_fall',
    scale: 1 - sameFall,
    offset: sharpness * sameFall * sameFrom,
  });
  setWeights(project, () => [projection, offset]);
  setWeights(compare, () => [keys.mul(sharpness)]);
  const scores = apply(tf.layers.minimum({ name: 'recall_scores' }), [rising, apply(fall, rising)]);
  return apply(tf.layers.softmax({ name: 'recall_weights' }), scores);
}

/**
 * The mean, named as the head, of what the head says and of what the images remembered are labelled, [images, labels].
 */
export function averaged(
  name: string,
  head: tf.SymbolicTensor,
  weights: tf.SymbolicTensor,
  labels: tf.Tensor2D,
): tf.SymbolicTensor {
  const votes = tf.layers.dense({ name: `${prefix}${name}`, units: labels.shape[1], useBias: false });
  const said = apply(votes, weights);
  setWeights(votes, () => [labels]);
  return apply(tf.layers.average({ name }), [head, said]);
}
