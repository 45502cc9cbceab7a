import * as tf from '@tensorflow/tfjs';
import { apply, setWeights } from './layers.js';
import { epsilon, type Similarity, sameFall, sameFrom } from './similarity.js';

/**
 * The training images as a model remembers them. The products of one series are photographed alike, so the labels of
 * the most similar training images predict gender, season and usage better than the picture alone does. (Khandelwal et
 * al. 2020, https://arxiv.org/abs/1911.00172, do the same with texts for a language model.)
 */
export interface Memory extends Similarity {
  /**
   * The key of each remembered image as a column, divided by the number of dimensions: [dimensions, images]. The
   * product of an image's key and a column is the cosine of the two images.
   */
  keys: tf.Tensor2D;
  /** The labels of the remembered images by attribute, one-hot, [images, labels]. */
  labels: ReadonlyMap<string, tf.Tensor2D>;
}

export const disposeMemory = ({ projection, offset, keys, labels }: Memory): void =>
  tf.dispose([projection, offset, keys, ...labels.values()]);

/** The beginning of the names of layers whose weights are remembered images. */
const prefix = 'memory_';

/** Whether a weight of the net belongs to the memory; a byte is enough for each of its numbers. */
export const isMemory = (weight: string): boolean => weight.startsWith(prefix);

/**
 * The vector of features that the memory compares images by: the net's map [height, width, channels] averaged over 2 x
 * 2 positions.
 */
export function memoryFeatures(map: tf.SymbolicTensor): tf.SymbolicTensor {
  const pool = tf.layers.averagePooling2d({ name: 'recall_pool', poolSize: 2, strides: 2, padding: 'same' });
  return apply(tf.layers.flatten({ name: 'recall_features' }), apply(pool, map));
}

/** The weight of each remembered image's label, [images], for an image with these features. */
export function recalled(
  features: tf.SymbolicTensor,
  { projection, offset, keys, sharpness }: Memory,
): tf.SymbolicTensor {
  const [dimensions, images] = keys.shape;
  const project = tf.layers.dense({ name: 'recall_key', units: dimensions });
  const normalise = tf.layers.layerNormalization({ name: 'recall_normalised', center: false, scale: false, epsilon });
  const compare = tf.layers.dense({ name: `${prefix}keys`, units: images, useBias: false });
  const rising = apply(compare, apply(normalise, apply(project, features)));
  // The score rises with the cosine, but falls where the image is the same: the lower of two lines.
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
 * The mean of the head's output and the weighted `labels` [images, labels] of the remembered images; the layer has the
 * name of the head.
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
