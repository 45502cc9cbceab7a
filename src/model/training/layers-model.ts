import * as tf from '@tensorflow/tfjs';
import type { ModelInput } from '../run/preprocess.js';
import type { Block, Excitation, Network } from './architecture.js';
import { epsilon } from './batch-norm.js';
import type { Head } from './examples.js';
import { apply, setWeights } from './layers.js';
import { averaged, type Memory, memoryFeatures, recalled } from './memory-layers.js';

/** The name of the layer with the pooled features. */
export const embedding = 'features';

/**
 * The layer whose map the memory compares images by: the middle one of those that are pooled. It still shows to which
 * series of photographs an image belongs; the last one does not.
 */
export const remembered = 'relu6';

/**
 * The net as it is used: a layers model from images [batch, height, width, 3] to one softmax output [batch, labels] for
 * each head, with the head's name. The normalisation is folded into the convolutions, which makes the net faster, most
 * of all on wasm. The weights are copies.
 *
 * @param temperatures what the logits of each head are divided by; default 1
 * @param memory predictions of the memory are averaged with those heads whose labels it has
 */
export function toLayersModel(
  network: Network,
  heads: readonly Head[],
  { height, width }: ModelInput,
  temperatures: readonly number[] = [],
  memory?: Memory,
): tf.LayersModel {
  const image = tf.input({ shape: [height, width, 3], name: 'image' });
  const pooled: tf.SymbolicTensor[] = [];
  let recall: tf.SymbolicTensor | undefined;
  network.blocks.reduce((x, block, i) => {
    const { excitation } = block;
    const convolution = tf.layers.conv2d({
      name: `conv${i + 1}`,
      filters: block.kernel.shape[3],
      kernelSize: block.kernel.shape[0],
      strides: block.stride,
      padding: 'same',
      activation: excitation ? 'linear' : 'relu',
    });
    const y = apply(convolution, x);
    setWeights(convolution, () => folded(block));
    const result = excitation
      ? apply(
          tf.layers.reLU({ name: `relu${i + 1}` }),
          apply(tf.layers.add({ name: `add${i + 1}` }), [x, excited(y, excitation, `${i + 1}`)]),
        )
      : y;
    if (memory && result.sourceLayer.name === remembered) recall = recalled(memoryFeatures(result), memory);
    if (block.pooled) pooled.push(apply(tf.layers.globalAveragePooling2d({ name: `pool${i + 1}` }), result));
    return result;
  }, image);
  const features = apply(tf.layers.concatenate({ name: embedding }), pooled);
  let column = 0;
  const outputs = heads.map(({ name, labels }, i) => {
    const known = memory?.labels.get(name);
    const head = tf.layers.dense({ name: known ? `${name}_head` : name, units: labels.length, activation: 'softmax' });
    const output = apply(head, features);
    const factor = 1 / (temperatures[i] ?? 1);
    const from = column;
    setWeights(head, () => [
      network.kernel.slice([0, from], [-1, labels.length]).mul(factor),
      network.bias.slice(from, labels.length).mul(factor),
    ]);
    column += labels.length;
    return known && recall ? averaged(name, output, recall, known) : output;
  });
  return tf.model({ inputs: image, outputs, name: 'attributes' });
}

/** A kernel and a bias with the effect of the convolution and its normalisation by the moving averages. */
function folded({ kernel, gamma, beta, mean, variance }: Block): tf.Tensor[] {
  const factor = gamma.div(variance.add(epsilon).sqrt());
  return [kernel.mul(factor), beta.sub(mean.mul(factor))];
}

/** Multiplies each channel of x by its weight, as in training. */
function excited(
  x: tf.SymbolicTensor,
  { squeeze, squeezeBias, expand, expandBias }: Excitation,
  suffix: string,
): tf.SymbolicTensor {
  const [squeezed, channels] = expand.shape;
  const averages = apply(tf.layers.globalAveragePooling2d({ name: `average${suffix}` }), x);
  const squeezing = tf.layers.dense({ name: `squeeze${suffix}`, units: squeezed, activation: 'relu' });
  const expanding = tf.layers.dense({ name: `expand${suffix}`, units: channels, activation: 'sigmoid' });
  const weights = apply(expanding, apply(squeezing, averages));
  setWeights(squeezing, () => [squeeze, squeezeBias]);
  setWeights(expanding, () => [expand, expandBias]);
  const reshaped = apply(tf.layers.reshape({ name: `weights${suffix}`, targetShape: [1, 1, channels] }), weights);
  return apply(tf.layers.multiply({ name: `excite${suffix}` }), [x, reshaped]);
}
