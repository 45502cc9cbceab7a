import * as tf from '@tensorflow/tfjs';
import { messageOf, PipelineError } from '../../work/index.js';
import type { ModelFiles } from '../files/files.js';
import { isGraph, type NetworkFile } from '../files/model-json.js';

/** A net in either format of TensorFlow.js. */
export interface Net {
  /** The shape of each input, the batch first, null for any size; undefined if the net does not state it. */
  readonly inputs: readonly (readonly (number | null)[] | undefined)[];
  /** The names of its outputs. */
  readonly outputs: readonly string[];
  /** The names of its layers or nodes. */
  readonly parts: readonly string[];
  /** Its weights, which exist until it is disposed. */
  readonly weights: readonly tf.Tensor[];
  /** Returns a function from a batch to the named outputs and, last, the output of the embedding's layer or node. */
  runner(outputs: readonly string[], embedding: string | undefined): (images: tf.Tensor) => tf.Tensor[];
  dispose(): void;
}

/**
 * Builds a net on the current backend.
 *
 * @throws PipelineError `model.weightsMismatch` if the weights do not fit it, or TensorFlow.js cannot build it.
 */
export async function openNet(files: NetFiles, source: string): Promise<Net> {
  return isGraph(files.network)
    ? graphNet(await open(tf.loadGraphModel, files, source), files.network)
    : layersNet(await openLayers(files, source));
}

type NetFiles = Pick<ModelFiles, 'network' | 'weights'>;

/** Builds a net of layers on the current backend. */
export const openLayers = (files: NetFiles, source: string): Promise<tf.LayersModel> =>
  open(tf.loadLayersModel, files, source);

async function open<T>(
  load: (handler: tf.io.IOHandler) => Promise<T>,
  { network, weights }: NetFiles,
  source: string,
): Promise<T> {
  const weightSpecs = network.weightsManifest.flatMap((group) => group.weights);
  try {
    return await load(
      tf.io.fromMemory({ ...network, weightSpecs, weightData: weights.map((bytes) => Uint8Array.from(bytes).buffer) }),
    );
  } catch (cause) {
    const message =
      `The weights of the model at '${source}' do not fit its net, or TensorFlow.js cannot build it: ` +
      `${messageOf(cause)}. Copy or train the model again, or convert it with --output_format=tfjs_graph_model.`;
    throw new PipelineError('model.weightsMismatch', message, { value: source, cause });
  }
}

function layersNet(model: tf.LayersModel): Net {
  // A sequential model has empty outputNames.
  const given = model.outputs.map((output) => output.sourceLayer.name);
  return {
    inputs: model.inputs.map(({ shape }) => shape),
    outputs: given,
    parts: model.layers.map(({ name }) => name),
    weights: model.weights.map((weight) => weight.read()),
    runner(names, embedding) {
      const outputs = names.flatMap((name) => model.outputs[given.indexOf(name)] ?? []);
      const layer = model.layers.find(({ name }) => name === embedding);
      // A net used as a layer has its own output and, last, the one that it has within this net.
      const features = layer?.getOutputAt(layer.inboundNodes.length - 1);
      const net = tf.model({ inputs: model.inputs, outputs: [...outputs, ...(features ? [features].flat() : [])] });
      return (images) => [net.predictOnBatch(images)].flat();
    },
    dispose: () => void model.dispose(),
  };
}

function graphNet(model: tf.GraphModel, { modelTopology }: NetworkFile): Net {
  const [input] = model.inputs;
  return {
    inputs: model.inputs.map(({ shape }) => shape?.map((size) => (size < 0 ? null : size))),
    outputs: model.outputNodes,
    parts: modelTopology.node?.map(({ name }) => name) ?? [],
    weights: Object.values(model.weights).flat(),
    runner(names, embedding) {
      const outputs = embedding === undefined ? [...names] : [...names, embedding];
      return (images) => [model.execute(input?.dtype === 'int32' ? tf.cast(images, 'int32') : images, outputs)].flat();
    },
    dispose: () => model.dispose(),
  };
}
