import * as tf from '@tensorflow/tfjs';
import type { Task } from './tasks.js';

/**
 * The sum over the tasks of the mean cross-entropy times the task's weight, from the logits and the wanted
 * probabilities, both [batch, labels of all tasks]. Blanks, whose wanted probabilities are zeros, do not count.
 */
export function lossOf(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  tasks: readonly Pick<Task, 'labels' | 'weight'>[],
): tf.Scalar {
  const sizes = tasks.map(({ labels }) => labels.length);
  const wanted = tf.split(targets, sizes, 1);
  const losses = tf.split(logits, sizes, 1).map((given, i) => {
    const probabilities = wanted[i] ?? targets;
    const entropy = tf.neg(tf.sum(probabilities.mul(tf.logSoftmax(given))));
    return entropy.div(probabilities.sum().maximum(1)).mul(tasks[i]?.weight ?? 1);
  });
  return tf.addN(losses).asScalar();
}
