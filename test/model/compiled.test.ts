import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadModel, useBackend } from '../../src/model/index.js';
import { compiled } from '../../src/model/net/compiled.js';
import type { Net } from '../../src/model/net/net.js';
import { nodeBackend } from '../../src/model/net/recording.js';
import { sampleSource } from '../../src/sample/index.js';
import { tensorflow } from './tensorflow.js';

// Without tfjs-node (build it with scripts/tfjs-node.mjs) nothing is compiled.
describe.skipIf(!tensorflow)('a net on tfjs-node (needs tfjs-node)', () => {
  const sessions = () => Reflect.apply(Reflect.get(nodeBackend(), 'getNumOfSavedModels'), nodeBackend(), []) as number;
  let before: { sessions: number; tensors: number };
  beforeEach(async () => {
    await useBackend('tensorflow');
    before = { sessions: sessions(), tensors: tf.memory().numTensors };
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  /** A net of one function of the images and a weight. */
  const netOf = (run: (images: tf.Tensor, weight: tf.Tensor) => tf.Tensor, weight = tf.tensor1d([1, 2, 3])): Net =>
    compiled({
      inputs: [],
      outputs: [],
      ending: () => undefined,
      parts: [],
      weights: [weight],
      runner: () => (images) => [run(images, weight)],
      dispose: () => weight.dispose(),
    });

  /** What it gives for each of these batches, and how often libtensorflow ran a graph. */
  function results(net: Net, ...batches: tf.Tensor[]): { values: number[][]; graphs: number } {
    const graph = vi.spyOn(nodeBackend(), 'runSavedModel');
    const run = net.runner([], undefined);
    const values = batches.map((images) =>
      tf.tidy(() => run(images).flatMap((output) => Array.from(output.dataSync()))),
    );
    tf.dispose(batches);
    return { values, graphs: graph.mock.calls.length };
  }
  const batch = (value: number, count = 64) => tf.fill([count, 1, 1, 3], value);
  const repeated = (values: number[], count = 64) => Array.from({ length: count }, () => values).flat();

  it('runs as a graph from 64 images on, and leaves nothing behind', async () => {
    // A temporary folder of its own: what else runs on the machine makes folders in the common one.
    const temporary = await mkdtemp(path.join(tmpdir(), 'compiled-'));
    onTestFinished(() => rm(temporary, { recursive: true }));
    vi.stubEnv('TMPDIR', temporary);
    const net = netOf((images, weight) => tf.relu(tf.sub(tf.mul(images, tf.reshape(weight, [1, 1, 1, 3])), 2)));
    const { values, graphs } = results(net, batch(1), batch(2), batch(2, 63), batch(2, 65));
    expect(values).toEqual([
      repeated([0, 0, 1]),
      repeated([0, 2, 4]),
      repeated([0, 2, 4], 63),
      repeated([0, 2, 4], 65),
    ]);
    // The first of a size is run twice: to see that it gives the same.
    expect(graphs).toBe(5);
    expect(sessions()).toBe(before.sessions + 2);
    net.dispose();
    expect({ sessions: sessions(), tensors: tf.memory().numTensors }).toEqual(before);
    expect(await readdir(temporary)).toEqual([]);
  });

  it.each<[string, (images: tf.Tensor, weight: tf.Tensor) => tf.Tensor]>([
    [
      'looks at what comes of the images',
      (images, weight) => (tf.max(images).dataSync()[0] === 1 ? tf.mul(images, weight) : tf.add(images, weight)),
    ],
    ['gives what does not depend on its inputs', ({ shape: [count = 0] }) => tf.ones([count, 3])],
  ])('that %s runs operation by operation', (_, run) => {
    const weight = tf.tensor1d([1, 2, 3]);
    const expected = [1, 2].map((value) => tf.tidy(() => Array.from(run(batch(value), weight).dataSync())));
    const net = netOf(run, weight);
    expect(results(net, batch(1), batch(2))).toEqual({ values: expected, graphs: 0 });
    expect(sessions()).toBe(before.sessions);
    net.dispose();
  });

  it('that draws by lot goes on to', () => {
    const net = netOf((images) => tf.add(tf.mul(images, 0), tf.randomUniform([1])));
    const {
      values: [first, second],
    } = results(net, batch(1), batch(1));
    expect(first).not.toEqual(second);
    expect(sessions()).toBe(before.sessions);
    net.dispose();
  });

  it('runs operation by operation where no file can be written', () => {
    vi.stubEnv('TMPDIR', '/proc/none');
    const net = netOf((images, weight) => tf.mul(images, weight));
    expect(results(net, batch(1), batch(2))).toEqual({ values: [repeated([1, 2, 3]), repeated([2, 4, 6])], graphs: 0 });
    net.dispose();
  });

  it('throws what the net throws', () => {
    const net = netOf((images) => tf.reshape(images, [5]));
    expect(() => results(net, batch(1))).toThrow(/reshape/i);
    net.dispose();
  });

  it('that ships says of 64 images what it says of each', { timeout: 60_000 }, async () => {
    const source = sampleSource({ products: 70, seed: 3 });
    const images: Uint8Array[] = [];
    for await (const { id } of source.products()) images.push(await source.image(id));
    const model = await loadModel(undefined, { backend: 'tensorflow' });
    const graph = vi.spyOn(nodeBackend(), 'runSavedModel');
    const all = async (batchSize: number) => {
      const found = [];
      for await (const { scores = {}, embedding = [] } of model.predictAll(images, {
        data: (image) => image,
        batchSize,
        details: true,
      }))
        found.push([...Object.values(scores), embedding].flatMap((values) => Array.from(values)));
      return found;
    };
    const one = await all(7);
    expect(graph).not.toHaveBeenCalled();
    const together = await all(64);
    // Twice the first time, and the last six with blank ones.
    expect(graph).toHaveBeenCalledTimes(3);
    const differences = together.map((values, i) =>
      Math.max(...values.map((value, k) => Math.abs(value - (one[i]?.[k] ?? NaN)))),
    );
    expect(together).toHaveLength(70);
    expect(Math.max(...differences)).toBeLessThan(2e-5);
    model.dispose();
    expect(sessions()).toBe(before.sessions);
  });
});
