import * as tf from '@tensorflow/tfjs';
import { batchNorm } from './batch-norm.js';
import type { Task } from './tasks.js';

/**
 * The convolutions, in order. Each is followed by batch normalisation and a ReLU, and those that keep the size (stride
 * 1) add their input (He et al. 2015, https://arxiv.org/abs/1512.03385). Early strides make the net cheap on the wasm
 * backend. The heads read the outputs that are `pooled`, averaged over the image: fine maps show colour and fabric,
 * coarse maps the shape.
 */
const convolutions: readonly { size: number; stride: number; filters: number; pooled?: true }[] = [
  { size: 5, stride: 2, filters: 32 },
  { size: 3, stride: 2, filters: 64 },
  { size: 3, stride: 1, filters: 64, pooled: true },
  { size: 3, stride: 2, filters: 128 },
  { size: 3, stride: 1, filters: 128 },
  { size: 3, stride: 1, filters: 128, pooled: true },
  { size: 3, stride: 2, filters: 256 },
  { size: 3, stride: 1, filters: 256 },
  { size: 3, stride: 1, filters: 256, pooled: true },
];

/** A convolution with its normalisation. */
export type Block = {
  stride: number;
  pooled: boolean;
  kernel: tf.Variable<tf.Rank.R4>;
  gamma: tf.Variable<tf.Rank.R1>;
  beta: tf.Variable<tf.Rank.R1>;
  /** The moving average of the moments of the images seen so far; not trained. */
  mean: tf.Variable<tf.Rank.R1>;
  variance: tf.Variable<tf.Rank.R1>;
  /** Weighs the channels by the whole image; only in blocks that add their input. */
  excitation?: Excitation;
};

/**
 * Two linear layers from a block's averages over the image to a weight for each of its channels (Hu et al. 2018,
 * https://arxiv.org/abs/1709.01507).
 */
export type Excitation = {
  squeeze: tf.Variable<tf.Rank.R2>;
  squeezeBias: tf.Variable<tf.Rank.R1>;
  expand: tf.Variable<tf.Rank.R2>;
  expandBias: tf.Variable<tf.Rank.R1>;
};

/** The net in training: convolutional blocks, averages over the image, and one linear layer for all tasks. */
export type Network = {
  blocks: Block[];
  kernel: tf.Variable<tf.Rank.R2>;
  bias: tf.Variable<tf.Rank.R1>;
};

/** Makes a net with random weights (He initialisation) and an output for each label of each task. */
export function createNetwork(tasks: readonly Pick<Task, 'labels'>[], seed: number): Network {
  return tf.tidy(() => {
    let channels = 3;
    const blocks = convolutions.map(({ size, stride, filters, pooled = false }, i): Block => {
      const deviation = Math.sqrt(2 / (size * size * channels));
      const kernel = tf.truncatedNormal<tf.Rank.R4>([size, size, channels, filters], 0, deviation, 'float32', seed + i);
      channels = filters;
      return {
        stride,
        pooled,
        kernel: tf.variable(kernel),
        gamma: tf.variable(tf.ones<tf.Rank.R1>([filters])),
        beta: tf.variable(tf.zeros<tf.Rank.R1>([filters])),
        mean: tf.variable(tf.zeros<tf.Rank.R1>([filters]), false),
        variance: tf.variable(tf.ones<tf.Rank.R1>([filters]), false),
        ...(stride === 1 && { excitation: createExcitation(filters, seed + convolutions.length + i) }),
      };
    });
    const features = convolutions.reduce((sum, { filters, pooled }) => sum + (pooled ? filters : 0), 0);
    const outputs = tasks.reduce((sum, { labels }) => sum + labels.length, 0);
    return { blocks, kernel: tf.variable(tf.zeros([features, outputs])), bias: tf.variable(tf.zeros([outputs])) };
  });
}

function createExcitation(channels: number, seed: number): Excitation {
  const squeezed = channels / 8;
  return {
    squeeze: tf.variable(
      tf.truncatedNormal<tf.Rank.R2>([channels, squeezed], 0, Math.sqrt(2 / channels), 'float32', seed),
    ),
    squeezeBias: tf.variable(tf.zeros<tf.Rank.R1>([squeezed])),
    expand: tf.variable(tf.zeros<tf.Rank.R2>([squeezed, channels])),
    expandBias: tf.variable(tf.zeros<tf.Rank.R1>([channels])),
  };
}

/** The variables that training changes. */
export const trainable = ({ blocks, kernel, bias }: Network): tf.Variable[] => [
  ...blocks.flatMap((block) => [block.kernel, block.gamma, block.beta, ...Object.values(block.excitation ?? {})]),
  kernel,
  bias,
];

/** All variables in a fixed order, as a checkpoint holds them. */
export const variablesOf = (network: Network): tf.Variable[] => [
  ...trainable(network),
  ...network.blocks.flatMap(({ mean, variance }) => [mean, variance]),
];

/** Moves each variable of the average towards that of the net, by the share `follow` (from 0 to 1). */
export function followAverage(average: Network, network: Network, follow: number): void {
  const own = variablesOf(network);
  tf.tidy(() =>
    variablesOf(average).forEach((variable, i) =>
      variable.assign(variable.mul(1 - follow).add((own[i] ?? variable).mul(follow))),
    ),
  );
}

/**
 * The logits [batch, labels of all tasks] of a training batch [batch, height, width, 3]. The batch is normalised by its
 * own moments; the moving averages of the moments move towards them by the share `follow` (from 0 to 1).
 */
export function forward(network: Network, batch: tf.Tensor4D, follow: number): tf.Tensor2D {
  let x = batch;
  const pooled: tf.Tensor2D[] = [];
  for (const block of network.blocks) {
    const { stride, kernel, gamma, beta, mean, variance, excitation } = block;
    const y = batchNorm(tf.conv2d(x, kernel, stride, 'same'), gamma, beta, (batchMean, batchVariance) => {
      mean.assign(mean.mul(1 - follow).add(batchMean.mul(follow)));
      variance.assign(variance.mul(1 - follow).add(batchVariance.mul(follow)));
    });
    x = tf.relu(excitation ? tf.add<tf.Tensor4D>(x, excited(y, excitation)) : y);
    if (block.pooled) pooled.push(tf.mean(x, [1, 2]));
  }
  return tf.concat(pooled, 1).matMul(network.kernel).add(network.bias);
}

/** Multiplies each channel of x [batch, height, width, channels] by its weight. */
function excited(x: tf.Tensor4D, { squeeze, squeezeBias, expand, expandBias }: Excitation): tf.Tensor {
  const averages = tf.mean<tf.Tensor2D>(x, [1, 2]);
  const squeezed = tf.relu(averages.matMul(squeeze).add(squeezeBias));
  const weights = tf.sigmoid(squeezed.matMul(expand).add(expandBias));
  return x.mul(weights.reshape([x.shape[0], 1, 1, x.shape[3]]));
}
