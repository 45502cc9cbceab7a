import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { batchNorm, epsilon } from '../../src/model/training/batch-norm.js';
import { tensorflow } from './tensorflow.js';

function outOfSingleOperations(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
}

const largestDifference = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).abs().max().arraySync();

// Without tfjs-node there is no operation to check (build it with scripts/tfjs-node.mjs).
describe.skipIf(!tensorflow)('batchNorm (needs tfjs-node)', () => {
  const x = tf.randomNormal<tf.Rank.R4>([8, 5, 4, 6], 3, 2, 'float32', 1);
  const gamma = tf.randomNormal<tf.Rank.R1>([6], 1, 0.5, 'float32', 2);
  const beta = tf.randomNormal<tf.Rank.R1>([6], 0, 1, 'float32', 3);
  // A loss that weighs every value differently, else the gradient for x is zero everywhere.
  const weights = tf.randomNormal<tf.Rank.R4>([8, 5, 4, 6], 0, 1, 'float32', 4);

  it('gives what the single operations give', () => {
    expect(largestDifference(batchNorm(x, gamma, beta), outOfSingleOperations(x, gamma, beta))).toBeLessThan(1e-5);
  });

  it('has the gradients of the single operations', () => {
    const gradients = (norm: typeof outOfSingleOperations) =>
      tf.grads((a, b, c) =>
        norm(a.as4D(...x.shape), b.as1D(), c.as1D())
          .square()
          .mul(weights)
          .sum(),
      )([x, gamma, beta]);
    const fused = gradients(batchNorm);
    const single = gradients(outOfSingleOperations);
    expect(fused.map((gradient) => gradient.shape)).toEqual([x.shape, gamma.shape, beta.shape]);
    fused.forEach((gradient, i) => expect(largestDifference(gradient, single[i] ?? tf.scalar(NaN))).toBeLessThan(1e-3));
    expect(fused[0]?.abs().max().arraySync()).toBeGreaterThan(0.1);
  });

  it('tells the mean and the variance of the batch', () => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    batchNorm(x, gamma, beta, (batchMean, batchVariance) => {
      expect(largestDifference(batchMean, mean)).toBeLessThan(1e-4);
      // TensorFlow gives the unbiased estimate: n / (n - 1) of the plain one, n = 8 * 5 * 4.
      expect(largestDifference(batchVariance, variance.mul(160 / 159))).toBeLessThan(1e-3);
    });
    expect.assertions(2);
  });

  it('leaves no tensor behind, in a gradient neither', () => {
    const before = tf.memory().numTensors;
    const gradients = tf.grads((a) => batchNorm(a.as4D(...x.shape), gamma, beta).sum());
    tf.dispose(tf.tidy(() => gradients([x])));
    expect(tf.memory().numTensors).toBe(before);
  });
});
