import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { randomFrom, shuffled } from '../../work/index.js';
import { Muon } from '../training/optimizer.js';
import { learningRateAt } from '../training/schedule.js';

/** A linear layer. */
export interface Linear {
  /** [dimensions, classes] */
  kernel: Float32Array;
  /** [classes] */
  bias: Float32Array;
}

/** How a layer is fitted. */
export interface SoftmaxOptions {
  /** Decides the order of the examples. */
  seed: number;
  signal?: AbortSignal | undefined;
  /** Called after each step. */
  onStep?: ((done: number, steps: number) => void) | undefined;
}

const batchSize = 256;
const peakRate = 0.01;
/** Strong, since the layer would overfit small sets without it. */
const weightDecay = 0.5;

/**
 * Fits a multinomial logistic regression from features [examples, dimensions] to `count` classes, on the current
 * backend. The features are normalised to mean 0 and deviation 1 meanwhile; the layer that is returned takes them as
 * they are.
 */
export async function fitSoftmax(
  features: Float32Array,
  classes: readonly number[],
  count: number,
  { seed, signal, onStep }: SoftmaxOptions,
): Promise<Linear> {
  const examples = classes.length;
  const x = tf.tensor2d(features, [examples, features.length / examples]);
  const { mean, variance } = tf.moments(x, 0);
  const deviation = tf.tidy(() => variance.sqrt().maximum(1e-6));
  const scaled = tf.tidy(() => x.sub<tf.Tensor2D>(mean).div<tf.Tensor2D>(deviation));
  const kernel = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([scaled.shape[1], count])));
  const bias = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([count])));
  const optimizer = new Muon(weightDecay);
  try {
    // Small sets need some hundred steps, large ones a dozen epochs.
    const epochs = Math.ceil(Math.max(12, 400 / Math.ceil(examples / batchSize)));
    const steps = epochs * Math.ceil(examples / batchSize);
    let step = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled([...classes.keys()], randomFrom(seed, 'order', epoch));
      for (let at = 0; at < examples; at += batchSize) {
        signal?.throwIfAborted();
        const some = order.slice(at, at + batchSize);
        const indices = tf.tensor1d(some, 'int32');
        const wanted = tf.tidy(() =>
          tf.oneHot(
            tf.tensor1d(
              some.map((i) => classes[i] ?? 0),
              'int32',
            ),
            count,
          ),
        );
        const loss = optimizer.step(learningRateAt(step, steps, peakRate), [kernel, bias], () => {
          const logits = scaled.gather(indices).matMul(kernel).add(bias);
          return tf.neg(tf.sum(wanted.mul(tf.logSoftmax(logits)))).div(some.length);
        });
        tf.dispose([loss, indices, wanted]);
        onStep?.(++step, steps);
        await setImmediate();
      }
    }
    // The normalisation becomes part of the layer.
    const [k, b] = tf.tidy(() => {
      const folded = kernel.div<tf.Tensor2D>(deviation.expandDims(1));
      return [folded, bias.sub(mean.expandDims(0).matMul(folded).reshape([count]))] as const;
    });
    const linear = { kernel: new Float32Array(await k.data()), bias: new Float32Array(await b.data()) };
    tf.dispose([k, b]);
    return linear;
  } finally {
    optimizer.dispose();
    tf.dispose([x, mean, variance, deviation, scaled, kernel, bias]);
  }
}
