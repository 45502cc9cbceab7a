import * as tf from '@tensorflow/tfjs';
import { fromFloat16, PipelineError, toFloat16 } from '../../work/index.js';
import { evaluateAttribute } from '../evaluation.js';
import type { Metric, ModelCard } from '../files/card.js';
import type { ModelFiles } from '../files/files.js';
import { fingerprintOf } from '../load.js';
import { openLayers } from '../net/net.js';
import { temperatureOf } from '../training/calibrate.js';
import { metricOf } from '../training/evaluate.js';
import { saveModel } from '../training/save.js';
import { headName } from './answer.js';
import type { FeaturesExample } from './features.js';
import { fitSoftmax, type Linear } from './softmax.js';

/** What a head is fitted to. */
export interface FitHeadOptions {
  files: ModelFiles;
  source: string;
  out: string;
  attribute: string;
  labels: readonly string[];
  /** The examples to learn from, each of one of the labels. */
  training: readonly FeaturesExample[];
  heldOut: readonly FeaturesExample[];
  /** The images that it and the model below it were trained on, as their file has them. */
  seen: Uint8Array;
  seed: number;
  signal?: AbortSignal | undefined;
  onStep: (done: number, steps: number) => void;
}

/**
 * Fits a head on the current backend, calibrates it on the held-out examples, measures it on them, and saves it with
 * its net.
 */
export async function fitHead({
  files,
  source,
  out,
  attribute,
  labels,
  training,
  heldOut,
  seen,
  seed,
  signal,
  onStep,
}: FitHeadOptions): Promise<Metric> {
  const classes = (examples: readonly FeaturesExample[]) => examples.map(({ label }) => labels.indexOf(label));
  const linear = await fitSoftmax(matrixOf(training), classes(training), labels.length, { seed, signal, onStep });
  const raw = probabilities(heldOut, linear, 1);
  // Some dozens of examples are enough to determine one number.
  const temperature = heldOut.length < 30 ? 1 : temperatureOf(raw, classes(heldOut));
  const metric = metricOf(
    evaluateAttribute(
      attribute,
      labels,
      heldOut.map(({ label }) => label),
      probabilities(heldOut, linear, temperature),
    ),
  );

  const net = await openLayers(files, source);
  try {
    const features = featuresOf(net, files, source);
    const head = tf.layers.dense({
      name: headName(attribute),
      units: labels.length,
      activation: 'softmax',
    });
    const output = head.apply(features);
    if (!(output instanceof tf.SymbolicTensor)) throw new TypeError('A dense layer has one output');
    tf.tidy(() =>
      head.setWeights([
        tf.tensor2d(linear.kernel, [features.shape[1] ?? 0, labels.length]).div(temperature),
        tf.tensor1d(linear.bias).div(temperature),
      ]),
    );
    const { name, input, embedding } = files.card;
    const whole = tf.model({ inputs: net.inputs, outputs: output });
    const below = whole.weights.filter((weight) => !head.weights.includes(weight)).map((weight) => weight.read());
    const card: ModelCard = {
      name: `${name}: ${attribute}`,
      input,
      embedding,
      attributes: [{ name: attribute, labels: [...labels] }],
      ...((await isHalf(below)) && { headOf: fingerprintOf(files) }),
      metrics: [metric],
      training: {
        images: training.length,
        validationImages: heldOut.length,
        seed,
        temperatures: { [attribute]: temperature },
      },
    };
    await saveModel(out, whole, card, seen);
    head.dispose();
    return metric;
  } finally {
    net.dispose();
  }
}

/** The output of the net's embedding, averaged over the image if it is a map. */
function featuresOf(net: tf.LayersModel, { card: { embedding } }: ModelFiles, source: string): tf.SymbolicTensor {
  const layer = net.layers.find(({ name }) => name === embedding);
  const output = layer?.getOutputAt(layer.inboundNodes.length - 1);
  if (!(output instanceof tf.SymbolicTensor))
    throw new PipelineError('model.badEmbedding', `The model at '${source}' has no layer '${embedding}'.`, {
      value: embedding,
    });
  if (output.shape.length === 2) return output;
  const averaged = tf.layers.globalAveragePooling2d({ name: 'head_features' }).apply(output);
  if (!(averaged instanceof tf.SymbolicTensor)) throw new TypeError('A pooling layer has one output');
  return averaged;
}

/** The features as a matrix, [examples, dimensions]. */
function matrixOf(examples: readonly FeaturesExample[]): Float32Array {
  const dimensions = examples[0]?.features.length ?? 0;
  const matrix = new Float32Array(examples.length * dimensions);
  examples.forEach(({ features }, i) => matrix.set(features, i * dimensions));
  return matrix;
}

/** The probabilities of the labels, [examples, labels]. */
function probabilities(
  examples: readonly FeaturesExample[],
  { kernel, bias }: Linear,
  temperature: number,
): Float32Array {
  if (examples.length === 0) return new Float32Array();
  return tf.tidy(() => {
    const features = tf.tensor2d(matrixOf(examples), [examples.length, kernel.length / bias.length]);
    const logits = features.matMul(tf.tensor2d(kernel, [kernel.length / bias.length, bias.length])).add(bias);
    return tf.softmax(logits.div(temperature)).dataSync<'float32'>();
  });
}

/** Whether weights stay as they are when they are saved in half precision. */
async function isHalf(weights: readonly tf.Tensor[]): Promise<boolean> {
  for (const weight of weights) {
    const values = Float32Array.from(weight.dataSync());
    const saved = await fromFloat16(await toFloat16(values));
    if (values.some((value, i) => value !== saved[i])) return false;
  }
  return true;
}
