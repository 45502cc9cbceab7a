import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { Net } from './net.js';
import { message } from './protobuf.js';
import { nodeBackend, type Recording, type Run, record } from './recording.js';

/** Smaller batches are not worth compiling, which takes some 0.3 s, unless the net takes only smaller ones. */
const leastImages = 64;

/**
 * So many bytes of the weights, the smallest first, become constants of a graph: enough for all convolutions of a small
 * net. libtensorflow keeps several copies of constants.
 */
const constantBytes = 16 * 2 ** 20;

const debug = util.debuglog('ml-pipeline');

/**
 * Makes libtensorflow run each batch as one graph, while TensorFlow.js calls it for one operation after another. It
 * fuses operations and runs them side by side, 1.7 times as fast. A batch size is compiled when it first occurs; small
 * batches, and nets that do not compile, run as before (NODE_DEBUG=ml-pipeline prints why). See docs/patches.md.
 */
export function compiled(net: Net): Net {
  const graphs: Graph[] = [];
  const inputs = largest(net.weights);
  const least = net.inputs.some((shape) => typeof shape?.[0] === 'number') ? 1 : leastImages;
  return {
    ...net,
    runner(outputs, embedding) {
      const run = net.runner(outputs, embedding);
      const bySize = new Map<number, Graph | undefined>();
      return (images) => {
        const [count = 0] = images.shape;
        if (count < least) return run(images);
        if (!bySize.has(count)) {
          const graph = compile(run, images, inputs);
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

/**
 * The weights that are inputs of a graph. The other weights are constants in it, so libtensorflow prepares them once
 * and not for each batch, and fuses the operations on them.
 */
function largest(weights: readonly tf.Tensor[]): tf.Tensor[] {
  let room = constantBytes / Float32Array.BYTES_PER_ELEMENT;
  return [...weights].sort((a, b) => a.size - b.size).filter(({ size }) => (room -= size) < 0);
}

/** A graph that libtensorflow has loaded, for batches of one size. */
interface Graph {
  run: Run;
  dispose: () => void;
}

/** Returns undefined if libtensorflow does not accept the net, or computes other numbers for these images. */
function compile(run: Run, images: tf.Tensor, inputs: readonly tf.Tensor[]): Graph | undefined {
  let graph: Graph | undefined;
  try {
    graph = load(record(run, images, inputs));
    // Both are run again: a net with random numbers was recorded with one draw of them.
    if (agree(run(images), graph.run(images))) return graph;
    debug('the compiled net computes other numbers');
  } catch (error) {
    debug('the net does not compile: %s', error);
  }
  graph?.dispose();
  return undefined;
}

/** Loads the graph into libtensorflow, which accepts one only as a file. */
function load({ nodes, inputs, outputs }: Recording): Graph {
  const backend = nodeBackend();
  const weights = inputs.slice(1).map(({ tensor }) => tensor);
  const graphDef = message('GraphDef', { nodeList: nodes, versions: message('VersionDef', { producer }) });
  const metaGraph = message('MetaGraphDef', {
    metaInfoDef: message('MetaGraphDef.MetaInfoDef', { tagsList: ['serve'] }),
    graphDef,
  });
  const bytes = message('SavedModel', { savedModelSchemaVersion: 1, metaGraphsList: [metaGraph] }).serializeBinary();
  const folder = mkdtempSync(path.join(tmpdir(), 'ml-pipeline-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), bytes);
    const model = backend.loadSavedModelMetaGraph(folder, 'serve');
    return {
      run: (images) => backend.runSavedModel(model, [images, ...weights], inputs, outputs),
      dispose: () => backend.deleteSavedModel(model),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fused operations round differently in the last bits. */
const agree = (expected: readonly tf.Tensor[], found: readonly tf.Tensor[]): boolean =>
  expected.every((values, i) => {
    const other = found[i];
    return other !== undefined && highest(tf.sub(values, other)) <= 1e-3 * Math.max(1, highest(values));
  });

const highest = (values: tf.Tensor): number => tf.max(tf.abs(values)).dataSync()[0] ?? NaN;

/** The version of TensorFlow's graph format: that of TensorFlow 2.9, for which tfjs-node 4.22 is made. */
const producer = 1087;
