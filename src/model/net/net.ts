import * as tf from '@tensorflow/tfjs';
import { messageOf, PipelineError } from '../../work/index.js';
import { conversionCommands } from '../files/conversion.js';
import type { ModelFiles } from '../files/files.js';
import { isGraph, type NetworkFile } from '../files/model-json.js';
import { type Ending, endingOfLayer, endingOfNode } from './ending.js';
import { topologyOfKeras2, weightName } from './keras.js';
import { registerPreprocessingLayers } from './preprocessing-layers.js';
import { joined } from './stored-weights.js';

/** A net in either format of TensorFlow.js. */
export interface Net {
  /** The shape of each input, the batch first, null for any size; undefined if the net does not state it. */
  readonly inputs: readonly (readonly (number | null)[] | undefined)[];
  /** The names of its outputs. */
  readonly outputs: readonly string[];
  /** What this output ends with: outputs that are probabilities already go through it no second time. */
  ending(output: string): Ending | undefined;
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
 * @throws PipelineError `model.unsupportedLayer` for a layer that TensorFlow.js does not have, `model.weightsMismatch`
 * if the weights do not fit it, or TensorFlow.js cannot build it for another reason.
 */
export async function openNet(files: NetFiles, source: string): Promise<Net> {
  return isGraph(files.network)
    ? graphNet(await openGraph(files, source), files.network)
    : layersNet(await openLayers(files, source));
}

type NetFiles = Pick<ModelFiles, 'network' | 'weights'>;

async function openGraph({ network, weights }: NetFiles, source: string): Promise<tf.GraphModel> {
  try {
    return await tf.loadGraphModel(tf.io.fromMemory({ ...network, ...joined(network, weights) }));
  } catch (cause) {
    throw notBuilt(cause, source, 'Copy or convert the model again.');
  }
}

/** Builds a net of layers on the current backend. @throws PipelineError as `openNet` does. */
export async function openLayers({ network, weights }: NetFiles, source: string): Promise<tf.LayersModel> {
  registerPreprocessingLayers();
  const { topology, layers } = topologyOfKeras2(network.modelTopology);
  const stored = joined(network, weights, (name) => weightName(name, layers));
  try {
    return await tf.loadLayersModel(tf.io.fromMemory({ ...network, modelTopology: Object(topology), ...stored }));
  } catch (cause) {
    const version = /"(?:keras_version|generatedBy)":"(?:keras )?v?3\./i.test(JSON.stringify(network))
      ? ' of Keras 3'
      : '';
    throw notBuilt(cause, source, `${conversionCommands(`the model${version}`)}`);
  }
}

function notBuilt(cause: unknown, source: string, remedy: string): PipelineError {
  const [reason = ''] = messageOf(cause).split('\n');
  const [, kind, name = ''] = /Unknown (\w+): '?(\w[\w>]*)/.exec(reason) ?? [];
  if (kind !== undefined)
    return new PipelineError(
      'model.unsupportedLayer',
      `The net of the model at '${source}' has the ${kind} ${name}, which TensorFlow.js does not have. ${remedy}`,
      { value: name, cause },
    );
  return new PipelineError(
    'model.weightsMismatch',
    `The weights of the model at '${source}' do not fit its net, or TensorFlow.js cannot build it: ` +
      `${reason.replace(/(?<![.:\s])[.:\s]+$/, '')}. ${remedy}`,
    { value: source, cause },
  );
}

function layersNet(model: tf.LayersModel): Net {
  // A sequential model has empty outputNames.
  const given = model.outputs.map((output) => output.sourceLayer.name);
  return {
    inputs: model.inputs.map(({ shape }) => shape),
    outputs: given,
    ending: (name) => {
      const output = model.outputs[given.indexOf(name)];
      return output && endingOfLayer(output);
    },
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
    ending: (name) => endingOfNode(modelTopology.node ?? [], name),
    parts: modelTopology.node?.map(({ name }) => name) ?? [],
    weights: Object.values(model.weights).flat(),
    runner(names, embedding) {
      const outputs = embedding === undefined ? [...names] : [...names, embedding];
      return (images) => [model.execute(input?.dtype === 'int32' ? tf.cast(images, 'int32') : images, outputs)].flat();
    },
    dispose: () => model.dispose(),
  };
}
