import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFiles } from '../../src/model/files/files.js';
import { useBackend } from '../../src/model/index.js';
import { openLayers } from '../../src/model/net/net.js';
import {
  averaged,
  disposeMemory,
  isMemory,
  type Memory,
  memoryFeatures,
  recalled,
} from '../../src/model/training/memory-layers.js';
import { saveModel } from '../../src/model/training/save.js';
import { keysOf, learnSimilarity } from '../../src/model/training/similarity.js';
import { randomFrom } from '../../src/work/random.js';

beforeAll(() => useBackend('wasm'));

describe('learnSimilarity', () => {
  const random = randomFrom(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // Two of ten numbers tell which of four series an image is of, and every other series has the label; the others are
  // noise, and louder.
  const image = () => {
    const series = Math.floor(random() * 4);
    const angle = (series * Math.PI) / 2 + 0.3 * normal();
    return {
      label: series % 2,
      features: [Math.cos(angle), Math.sin(angle), ...Array.from({ length: 8 }, () => 3 * normal())],
    };
  };
  const known = Array.from({ length: 600 }, image);
  const others = Array.from({ length: 300 }, image);
  const matrix = (of: readonly { features: number[] }[]) => tf.tensor2d(of.map(({ features }) => features));
  const labels = (blank: number) =>
    tf.tensor2d(known.map(({ label }, i) => (i % 10 < blank ? [0, 0] : label === 0 ? [1, 0] : [0, 1])));
  const learn = (steps: number, blank = 0) =>
    learnSimilarity(matrix(known), [labels(blank)], { dimensions: 8, steps }, { seed: 2 });
  const accuracy = async (similarity: Awaited<ReturnType<typeof learn>>) => {
    const votes = tf.tidy(() => {
      const cosines = keysOf(matrix(others), similarity)
        .matMul(keysOf(matrix(known), similarity), false, true)
        .div(8);
      return tf.softmax(cosines.mul(similarity.sharpness)).matMul(labels(0)).argMax<tf.Tensor1D>(1);
    });
    const found = await votes.array();
    return found.filter((label, i) => label === others[i]?.label).length / others.length;
  };

  it('finds what tells the labels among what does not, also where some labels are blank', {
    timeout: 120_000,
  }, async () => {
    expect(await accuracy(await learn(0))).toBeLessThan(0.65);
    expect(await accuracy(await learn(150))).toBeGreaterThan(0.9);
    expect(await accuracy(await learn(150, 3))).toBeGreaterThan(0.9);
  });

  it('gives the same for the same seed, leaves no tensor behind, and stops with the reason of the signal', async () => {
    const [features, given] = [matrix(known), labels(0)];
    const learn = (signal?: AbortSignal) =>
      learnSimilarity(features, [given], { dimensions: 4, steps: 3 }, { seed: 2, signal });
    const before = tf.memory().numTensors;
    const [first, second] = [await learn(), await learn()];
    expect(await first.projection.array()).toEqual(await second.projection.array());
    tf.dispose([first.projection, first.offset, second.projection, second.offset]);
    await expect(learn(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a model with a memory', () => {
  // A map of 2 x 2 pixels, all the same, of four channels, which are the key.
  const directions = [
    [3, -1, -1, -1],
    [2.8, -0.6, -1.1, -1.1],
    [-1, 3, -1, -1],
    [-1, 2.7, -0.8, -0.9],
  ];
  let memory: Memory;
  let model: tf.LayersModel;
  let folder: string;
  beforeAll(async () => {
    const keys = tf.tidy(() => {
      const rows = tf.tensor2d(directions);
      const { mean, variance } = tf.moments(rows, 1, true);
      return rows.sub(mean).div(variance.sqrt()).transpose<tf.Tensor2D>().div<tf.Tensor2D>(4);
    });
    // The first image's label is wrong: the second, very like it, has the other one.
    memory = {
      projection: tf.eye(4),
      offset: tf.zeros([4]),
      sharpness: 40,
      keys,
      labels: new Map([
        [
          'season',
          tf.tensor2d([
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [0, 0, 1],
          ]),
        ],
      ]),
    };
    const image = tf.input({ shape: [2, 2, 4], name: 'image' });
    const head = tf.layers.dense({ name: 'season_head', units: 3, activation: 'softmax', kernelInitializer: 'zeros' });
    const features = memoryFeatures(image);
    model = tf.model({
      inputs: image,
      outputs: averaged(
        'season',
        head.apply(features) as tf.SymbolicTensor,
        recalled(features, memory),
        memory.labels.get('season') as tf.Tensor2D,
      ),
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'memory-'));
  });
  afterAll(async () => {
    model.dispose();
    disposeMemory(memory);
    await rm(folder, { recursive: true });
  });
  const said = (of: tf.LayersModel, channels: readonly number[]) =>
    tf.tidy(
      () =>
        (
          of.predict(tf.tensor4d(Array.from({ length: 4 }, () => channels).flat(), [1, 2, 2, 4])) as tf.Tensor2D
        ).arraySync()[0],
    );

  it('says the mean of the head and of the nearest images’ labels', () => {
    expect(said(model, [-1, 2.2, 0.2, -1.4])).toEqual([
      expect.closeTo(1 / 6, 3),
      expect.closeTo(1 / 6, 3),
      expect.closeTo(2 / 3, 3),
    ]);
  });

  it('passes over the image itself, whose label may be wrong', () => {
    expect(said(model, directions[0] ?? [])).toEqual([
      expect.closeTo(1 / 6, 3),
      expect.closeTo(2 / 3, 3),
      expect.closeTo(1 / 6, 3),
    ]);
  });

  it('is saved with a byte for each number of the memory, and says the same', async () => {
    await saveModel(
      folder,
      model,
      {
        name: 'small',
        input: { width: 2, height: 2, scale: 1, offset: 0 },
        attributes: [{ name: 'season', labels: ['a', 'b', 'c'] }],
      },
      new Uint8Array(),
      isMemory,
    );
    const files = await readModelFiles(folder);
    const stored = Object.fromEntries(
      files.network.weightsManifest.flatMap(({ weights }) =>
        weights.map(({ name, quantization }) => [name, quantization?.dtype]),
      ),
    );
    expect(stored).toMatchObject({
      'memory_keys/kernel': 'uint8',
      'memory_season/kernel': 'uint8',
      'recall_key/kernel': 'float16',
      'season_head/kernel': 'float16',
    });
    const read = await openLayers(files, folder);
    for (const channels of [...directions, [1, -2, 0.5, 0.5]])
      for (const [i, share] of (said(read, channels) ?? []).entries())
        expect(share).toBeCloseTo(said(model, channels)?.[i] ?? NaN, 2);
    read.dispose();
  });
});
