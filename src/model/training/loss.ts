import * as tf from '@tensorflow/tfjs';
import type { Attribute } from '../attributes.js';
import type { Head } from './examples.js';

/** How much a head counts; 1 where absent. Article types are the hardest and the most wanted, master categories come by the way. */
const headWeights: Partial<Record<Attribute, number>> = { articleType: 2, masterCategory: 0.5 };

/** Label smoothing: the share of the probability spread over all labels (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567). */
export const smoothing = 0.05;

/**
 * The weighted sum over the heads of the mean cross-entropy, from logits [batch, labels of all heads] and, per head, the
 * index of the right label of each image, -1 for a blank: blanks do not count.
 */
export function lossOf(logits: tf.Tensor2D, targets: readonly Int32Array[], heads: readonly Head[]): tf.Scalar {
  const perHead = tf.split(
    logits,
    heads.map(({ labels }) => labels.length),
    1,
  );
  const losses = heads.map(({ name, labels }, i) => {
    const indices = tf.tensor1d(targets[i] ?? [], 'int32');
    const known = indices.greaterEqual(0).cast('float32');
    const wanted = tf
      .oneHot(indices, labels.length)
      .cast('float32')
      .mul(1 - smoothing)
      .add(smoothing / labels.length);
    const entropy = tf.neg(tf.sum(wanted.mul(tf.logSoftmax(perHead[i] ?? logits)), 1));
    return entropy
      .mul(known)
      .sum()
      .div(known.sum().maximum(1))
      .mul(headWeights[name] ?? 1);
  });
  return tf.addN(losses).asScalar();
}
