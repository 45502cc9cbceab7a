import * as tf from '@tensorflow/tfjs';
import type { Attribute } from '../attributes.js';
import type { Head } from './examples.js';

/** How much a head counts; 1 where absent. Article types are the hardest and the most wanted, master categories come by the way. */
const headWeights: Partial<Record<Attribute, number>> = { articleType: 2, masterCategory: 0.5 };

/**
 * The weighted sum over the heads of the mean cross-entropy, from logits and the wanted probabilities, both [batch, labels of
 * all heads]. Blanks, whose wanted probabilities are zeros, do not count.
 */
export function lossOf(logits: tf.Tensor2D, targets: tf.Tensor2D, heads: readonly Head[]): tf.Scalar {
  const sizes = heads.map(({ labels }) => labels.length);
  const wanted = tf.split(targets, sizes, 1);
  const losses = tf.split(logits, sizes, 1).map((given, i) => {
    const probabilities = wanted[i] ?? targets;
    const entropy = tf.neg(tf.sum(probabilities.mul(tf.logSoftmax(given))));
    return entropy.div(probabilities.sum().maximum(1)).mul(headWeights[heads[i]?.name ?? 'gender'] ?? 1);
  });
  return tf.addN(losses).asScalar();
}
