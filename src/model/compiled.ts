import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { Net } from './net.js';

/** Smaller batches are not worth compiling, which takes most of a second. */
const leastImages = 64;

const debug = util.debuglog('ml-pipeline');

/**
 * A net whose batches libtensorflow runs as one graph, where TensorFlow.js calls it for operation after operation. It fuses operations,
 * runs them side by side and prepares their weights once: about twice as fast. A batch size is compiled when it first comes; small batches,
 * and nets that do not compile, run as before (NODE_DEBUG=ml-pipeline says why).
 */
export function compiled(net: Net): Net {
  const graphs: Graph[] = [];
  return {
    ...net,
    runner(outputs, embedding) {
      const run = net.runner(outputs, embedding);
      const bySize = new Map<number, Graph | undefined>();
      return (images) => {
        const [count = 0] = images.shape;
        if (count < leastImages) return run(images);
        if (!bySize.has(count)) {
          const graph = compile(run, images);
          bySize.set(count, graph);
          if (graph) graphs.push(graph);
        }
        return (bySize.get(count)?.run ?? run)(images);
      };
    },
    dispose() {
      for (const graph of graphs) graph.dispose();
      net.dispose();
    },
  };
}

type Run = ReturnType<Net['runner']>;

/** What libtensorflow holds for batches of one size. */
interface Graph {
  run: Run;
  dispose: () => void;
}

/** undefined where libtensorflow does not take the net, or gives other numbers for the images. */
function compile(run: Run, images: tf.Tensor): Graph | undefined {
  try {
    const { nodes, outputs, expected } = record(run, images);
    const graph = load(nodes, outputs);
    if (agree(expected, graph.run(images))) return graph;
    graph.dispose();
    debug('the compiled net gives other numbers');
  } catch (error) {
    debug('the net does not compile: %s', error);
  }
  return undefined;
}

/** What is used of tfjs-node's backend. */
interface NodeBackend {
  executeSingleOutput(operation: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(operation: string, attributes: Attribute[], inputs: tf.Tensor[], count: number): tf.Tensor[];
  readSync(data: tf.DataId): tf.BackendValues;
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(model: number, inputs: tf.Tensor[], names: { name: string }[], outputs: string[]): tf.Tensor[];
  deleteSavedModel(model: number): void;
  binding: { TF_ATTR_STRING: number; TF_ATTR_INT: number; TF_ATTR_FLOAT: number; TF_ATTR_BOOL: number; TF_ATTR_TYPE: number };
}

const nodeBackend = () => tf.backend() as unknown as NodeBackend;

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/**
 * Runs the net and notes each operation that depends on the images; what does not is constant.
 *
 * @throws Error where the net looks at what comes of the images: with others it could take another course.
 */
function record(run: Run, images: tf.Tensor): { nodes: Message[]; outputs: string[]; expected: tf.Tensor[] } {
  const backend = nodeBackend();
  const nodes = [message('NodeDef', { name: 'images', op: 'Placeholder' }, { dtype: { type: types.float32 }, shape: { shape: shapeOf(images.shape) } })];
  const depending = new Map<tf.DataId, string>([[images.dataId, 'images']]);
  const constants = new Map<tf.DataId, string>();
  const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;

  const constant = ({ dataId, dtype, shape }: tf.Tensor) => {
    const name = constants.get(dataId) ?? `constant${constants.size}`;
    if (!constants.has(dataId)) {
      const type = types[dtype];
      const values = readSync.call(backend, dataId);
      if (type === undefined || !ArrayBuffer.isView(values)) throw new Error(`it has a constant of type ${dtype}`);
      const tensor = message('Tensor', { dtype: type, tensorShape: shapeOf(shape), tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
      nodes.push(message('NodeDef', { name, op: 'Const' }, { dtype: { type }, value: { tensor } }));
      constants.set(dataId, name);
    }
    return name;
  };
  const noted = (op: string, attributes: Attribute[], inputs: tf.Tensor[], execute: () => tf.Tensor[]) => {
    if (!inputs.some(({ dataId }) => depending.has(dataId))) return execute();
    const name = `operation${nodes.length}`;
    // Before it runs: a constant may be gone afterwards.
    const inputList = inputs.map((input) => depending.get(input.dataId) ?? constant(input));
    nodes.push(message('NodeDef', { name, op, inputList }, Object.fromEntries(attributes.map((attribute) => [attribute.name, valueOf(attribute, backend)]))));
    const tensors = execute();
    tensors.forEach(({ dataId }, i) => depending.set(dataId, `${name}:${i}`));
    return tensors;
  };
  const recording: Pick<NodeBackend, 'executeSingleOutput' | 'executeMultipleOutputs' | 'readSync'> = {
    executeSingleOutput(...call) {
      const [tensor] = noted(...call, () => [executeSingleOutput.apply(backend, call)]);
      return tensor as tf.Tensor;
    },
    executeMultipleOutputs: (operation, attributes, inputs, count) => noted(operation, attributes, inputs, () => executeMultipleOutputs.call(backend, operation, attributes, inputs, count)),
    readSync(data) {
      if (depending.has(data)) throw new Error('it looks at what comes of the images');
      return readSync.call(backend, data);
    },
  };
  Object.assign(backend, recording);
  try {
    const expected = run(images);
    const outputs = expected.map(({ dataId }) => depending.get(dataId) ?? '');
    if (outputs.includes('')) throw new Error('an output does not depend on the images');
    return { nodes, outputs, expected };
  } finally {
    // The backend's own are its prototype's.
    for (const name of Object.keys(recording)) Reflect.deleteProperty(backend, name);
  }
}

/** An attribute of an operation as the fields of an AttrValue. */
function valueOf({ name, type, value }: Attribute, { binding }: NodeBackend): Fields {
  if (type === binding.TF_ATTR_INT) return Array.isArray(value) ? { list: message('AttrValue.ListValue', { iList: value }) } : { i: value };
  if (type === binding.TF_ATTR_STRING) return { s: new TextEncoder().encode(String(value)) };
  if (Array.isArray(value)) throw new Error(`the attribute ${name} is a list`);
  if (type === binding.TF_ATTR_TYPE) return { type: value };
  if (type === binding.TF_ATTR_BOOL) return { b: value };
  if (type === binding.TF_ATTR_FLOAT) return { f: value };
  throw new Error(`the attribute ${name} has the type ${type}`);
}

/** Gives libtensorflow the graph, by way of a file: it takes no other. */
function load(nodes: Message[], outputs: string[]): Graph {
  const backend = nodeBackend();
  const graphDef = message('GraphDef', { nodeList: nodes, versions: message('VersionDef', { producer }) });
  const metaGraph = message('MetaGraphDef', { metaInfoDef: message('MetaGraphDef.MetaInfoDef', { tagsList: ['serve'] }), graphDef });
  const bytes = message('SavedModel', { savedModelSchemaVersion: 1, metaGraphsList: [metaGraph] }).serializeBinary();
  const folder = mkdtempSync(path.join(tmpdir(), 'ml-pipeline-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), bytes);
    const model = backend.loadSavedModelMetaGraph(folder, 'serve');
    return {
      run: (images) => nodeBackend().runSavedModel(model, [images], [{ name: 'images' }], outputs),
      dispose: () => backend.deleteSavedModel(model),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fused operations round otherwise in the last bits. */
const agree = (expected: readonly tf.Tensor[], found: readonly tf.Tensor[]): boolean =>
  expected.every((values, i) => {
    const [other] = found.slice(i);
    const tolerance = 1e-3 * Math.max(1, tf.max(tf.abs(values)).dataSync()[0] ?? 0);
    return other !== undefined && (tf.max(tf.abs(tf.sub(values, other))).dataSync()[0] ?? Infinity) <= tolerance;
  });

/** The version of TensorFlow's operations that tfjs-node 4.22 calls: those of TensorFlow 2.9. */
const producer = 1087;

/** TensorFlow's numbers for the types of data. */
const types: Partial<Record<string, number>> & { float32: number } = { float32: 1, int32: 3, bool: 10 };

const shapeOf = (shape: readonly number[]): Message => message('TensorShape', { dimList: shape.map((size) => message('TensorShape.Dim', { size })) });

type Fields = Record<string, unknown>;

/** A message of Protocol Buffers. */
interface Message {
  getAttrMap(): Map<string, Message>;
  serializeBinary(): Uint8Array;
}

/** A message of TensorFlow's, of a type that tfjs-node has, with fields and, of a node, attributes. */
function message(type: string, fields: Fields, attributes: Record<string, Fields> = {}): Message {
  const messages: object = createRequire(import.meta.url)('@tensorflow/tfjs-node/dist/proto/api_pb.js');
  const constructor = type.split('.').reduce<object>((within, name) => Reflect.get(within, name), messages) as new () => Message;
  const made = new constructor();
  for (const [name, value] of Object.entries(fields)) Reflect.get(made, `set${name.charAt(0).toUpperCase()}${name.slice(1)}`).call(made, value);
  for (const [name, value] of Object.entries(attributes)) made.getAttrMap().set(name, message('AttrValue', value));
  return made;
}
