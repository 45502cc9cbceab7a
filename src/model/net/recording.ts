import * as tf from '@tensorflow/tfjs';
import type { Net } from './net.js';
import { type Fields, type Message, message, shapeOf, typeOf } from './protobuf.js';

export type Run = ReturnType<Net['runner']>;

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  executeSingleOutput(operation: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(operation: string, attributes: Attribute[], inputs: tf.Tensor[], count: number): tf.Tensor[];
  readSync(data: tf.DataId): tf.TypedArray;
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(model: number, inputs: tf.Tensor[], names: { name: string }[], outputs: string[]): tf.Tensor[];
  deleteSavedModel(model: number): void;
  binding: {
    TF_ATTR_STRING: number;
    TF_ATTR_INT: number;
    TF_ATTR_FLOAT: number;
    TF_ATTR_BOOL: number;
    TF_ATTR_TYPE: number;
  };
}

export const nodeBackend = () => tf.backend() as unknown as NodeBackend;

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/**
 * A net as the nodes of a graph; `inputs` are the images and weights, `outputs` the nodes of the net's outputs.
 */
export interface Recording {
  nodes: Message[];
  inputs: { name: string; tensor: tf.Tensor }[];
  outputs: string[];
}

/**
 * Runs the net and records each operation on the images and these weights. Everything else, such as shapes and other
 * weights, becomes a constant.
 *
 * @throws Error if the net reads values that depend on the images: with other images it could take another course.
 */
export function record(run: Run, images: tf.Tensor, weights: readonly tf.Tensor[]): Recording {
  const backend = nodeBackend();
  const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
  const nodes: Message[] = [];
  const inputs: Recording['inputs'] = [];
  const names = new Map<tf.DataId, string>();
  const ofImages = new Set([images.dataId]);
  for (const tensor of [images, ...weights]) {
    const name = `input${inputs.length}`;
    nodes.push(
      message(
        'NodeDef',
        { name, op: 'Placeholder' },
        { dtype: { type: typeOf(tensor) }, shape: { shape: shapeOf(tensor.shape) } },
      ),
    );
    inputs.push({ name, tensor });
    names.set(tensor.dataId, name);
  }
  const constant = (tensor: tf.Tensor) => {
    const name = `constant${nodes.length}`;
    const { buffer, byteOffset, byteLength } = readSync.call(backend, tensor.dataId);
    const value = message('Tensor', {
      dtype: typeOf(tensor),
      tensorShape: shapeOf(tensor.shape),
      tensorContent: new Uint8Array(buffer, byteOffset, byteLength),
    });
    nodes.push(
      message('NodeDef', { name, op: 'Const' }, { dtype: { type: typeOf(tensor) }, value: { tensor: value } }),
    );
    return name;
  };
  const noted = (op: string, attributes: Attribute[], from: tf.Tensor[], execute: () => tf.Tensor[]) => {
    if (!from.some(({ dataId }) => names.has(dataId))) return execute();
    // Read before the operation runs, since a constant may be disposed afterwards.
    const inputList = from.map((tensor) => names.get(tensor.dataId) ?? constant(tensor));
    const name = `operation${nodes.length}`;
    nodes.push(
      message(
        'NodeDef',
        { name, op, inputList },
        Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeValue(attribute, backend)])),
      ),
    );
    const tensors = execute();
    const varying = from.some(({ dataId }) => ofImages.has(dataId));
    for (const [i, { dataId }] of tensors.entries()) {
      names.set(dataId, `${name}:${i}`);
      if (varying) ofImages.add(dataId);
    }
    return tensors;
  };
  const recording: Pick<NodeBackend, 'executeSingleOutput' | 'executeMultipleOutputs' | 'readSync'> = {
    executeSingleOutput(...call) {
      const [tensor] = noted(...call, () => [executeSingleOutput.apply(backend, call)]);
      return tensor as tf.Tensor;
    },
    executeMultipleOutputs: (op, attributes, from, count) =>
      noted(op, attributes, from, () => executeMultipleOutputs.call(backend, op, attributes, from, count)),
    readSync(data) {
      if (ofImages.has(data)) throw new Error('it reads values that depend on the images');
      return readSync.call(backend, data);
    },
  };
  Object.assign(backend, recording);
  try {
    const outputs = run(images).map(({ dataId }) => names.get(dataId) ?? '');
    if (outputs.includes('')) throw new Error('an output does not depend on the images');
    return { nodes, inputs, outputs };
  } finally {
    // This uncovers the backend's own methods, which are its prototype's.
    for (const name of Object.keys(recording)) Reflect.deleteProperty(backend, name);
  }
}

/** The fields of an AttrValue for an attribute of an operation. */
function attributeValue({ name, type, value }: Attribute, { binding }: NodeBackend): Fields {
  if (type === binding.TF_ATTR_INT)
    return Array.isArray(value) ? { list: message('AttrValue.ListValue', { iList: value }) } : { i: value };
  if (type === binding.TF_ATTR_STRING) return { s: new TextEncoder().encode(String(value)) };
  if (Array.isArray(value)) throw new Error(`the attribute ${name} is a list`);
  if (type === binding.TF_ATTR_TYPE) return { type: value };
  if (type === binding.TF_ATTR_BOOL) return { b: value };
  if (type === binding.TF_ATTR_FLOAT) return { f: value };
  throw new Error(`the attribute ${name} has the type ${type}`);
}
