import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PipelineError } from '../../src/errors.js';
import { loadModel, useBackend } from '../../src/model/index.js';
import { fromFloat16, toFloat16 } from '../../src/float16.js';
import { lossOf } from '../../src/model/training/loss.js';
import { learningRateAt } from '../../src/model/training/optimizer.js';
import { train, type EpochReport, type TrainOptions } from '../../src/model/training/train.js';
import { sampleSource } from '../../src/sample/index.js';

const tensorflow = await useBackend('tensorflow').then(
  () => true,
  () => false,
);

// Without tfjs-node nothing can be trained (build it with scripts/tfjs-node.mjs).
describe.skipIf(!tensorflow)('train (needs tfjs-node)', () => {
  const source = sampleSource({ products: 150, seed: 3 });
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(path.join(os.tmpdir(), 'training-'));
  });
  afterEach(() => rm(out, { recursive: true }));
  const options = (folder: string, more: Partial<TrainOptions> = {}): TrainOptions => ({
    source,
    out: path.join(out, folder),
    epochs: 2,
    ...more,
  });

  it('learns, writes a model that loads, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const epochs: EpochReport[] = [];
    const card = await train(options('model', { onEpoch: (epoch) => epochs.push(epoch) }));
    expect(tf.memory().numTensors).toBe(before);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(epochs[1]?.loss).toBeLessThan(epochs[0]?.loss ?? NaN);
    expect(card.training.images + card.training.validationImages).toBe(150);
    const model = await loadModel(path.join(out, 'model'));
    expect(model.attributes).toEqual(card.attributes);
    model.dispose();
    expect(await readFile(path.join(out, 'model', 'README.md'), 'utf8')).toContain('| articleType |');
  });

  it('interrupted and called again, gives the model that it gives in one go', async () => {
    const stop = new AbortController();
    const onProgress: TrainOptions['onProgress'] = ({ stage, done }) =>
      void (stage.startsWith('epoch') && done > 0 && stop.abort(new Error('interrupted')));
    await expect(train(options('halves', { signal: stop.signal, onProgress }))).rejects.toThrow('interrupted');
    expect(existsSync(path.join(out, 'halves', 'checkpoint.json'))).toBe(true);
    const epochs: number[] = [];
    const resumed = await train(
      options('halves', {
        onProgress: ({ stage, total }) => void (stage.startsWith('epoch') && epochs.push(total ?? 0)),
      }),
    );
    const whole = await train(options('whole'));
    // It went on where it stopped: fewer images than an epoch has.
    expect(epochs[0]).toBeLessThan(whole.training.images);
    expect(existsSync(path.join(out, 'halves', 'checkpoint.json'))).toBe(false);
    const image = await source.image(1000001);
    const [first, second] = await Promise.all(
      [resumed, whole].map(async (_, i) => {
        const model = await loadModel(path.join(out, i === 0 ? 'halves' : 'whole'));
        const [prediction] = await model.predict([image]);
        model.dispose();
        return prediction;
      }),
    );
    if (
      first === undefined ||
      second === undefined ||
      first instanceof PipelineError ||
      second instanceof PipelineError
    )
      throw new Error('not labelled');
    for (const [name, guess] of Object.entries(first))
      expect(guess.confidence).toBeCloseTo(second[name]?.confidence ?? NaN, 2);
  });

  it('says so where no image can be read', async () => {
    const broken = { ...source, image: () => Promise.resolve(new Uint8Array()) };
    await expect(train(options('none', { source: broken }))).rejects.toMatchObject({ code: 'training.noImages' });
  });
});

describe('lossOf', () => {
  it('leaves blanks out of the mean', async () => {
    await useBackend('wasm');
    const heads = [{ name: 'season', labels: ['Fall', 'Summer', 'Winter'] } as const];
    const loss = (rows: number[][], labels: number[]) =>
      lossOf(tf.tensor2d(rows), [Int32Array.from(labels)], heads).arraySync();
    const known = loss(
      [
        [1, 2, 0.5],
        [0, -1, 3],
      ],
      [1, 2],
    );
    expect(
      loss(
        [
          [1, 2, 0.5],
          [9, -9, 9],
          [0, -1, 3],
        ],
        [1, -1, 2],
      ),
    ).toBeCloseTo(known, 5);
    expect(loss([[9, -9, 9]], [-1])).toBe(0);
  });
});

describe('learningRateAt', () => {
  it('rises over the first tenth and falls to zero', () => {
    const rates = Array.from({ length: 100 }, (_, step) => learningRateAt(step, 100, 1));
    expect(Math.max(...rates)).toBe(1);
    expect(rates.indexOf(1)).toBe(9);
    expect(rates.slice(10).every((rate, i) => rate <= (rates[9 + i] ?? 0))).toBe(true);
    expect(rates[99]).toBeLessThan(0.001);
  });
});

describe('toFloat16', () => {
  it('rounds as the format says', () => {
    const bits = (values: number[]) => [...toFloat16(Float32Array.from(values))];
    expect(bits([0, -0, 1, -2, 65504, 1e6, -Infinity])).toEqual([0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00]);
    // Smallest normal, smallest subnormal, half of it (a tie, to even), more than half of it.
    expect(bits([2 ** -14, 2 ** -24, 2 ** -25, 2 ** -25 * 1.1])).toEqual([0x0400, 1, 0, 1]);
    // Ties go to the even neighbour, down and up.
    expect(bits([1 + 2 ** -11, 1 + 3 * 2 ** -11])).toEqual([0x3c00, 0x3c02]);
  });

  it('gives numbers that TensorFlow.js reads back', async () => {
    const values = Float32Array.from([0.1, -3.25, 1e-5, 700.5]);
    const read = tf.io.decodeWeights(toFloat16(values).buffer as ArrayBuffer, [
      { name: 'w', shape: [4], dtype: 'float32', quantization: { dtype: 'float16' } },
    ]);
    const [first = NaN, second = NaN, third = NaN, fourth = NaN] = (await read['w']?.data()) ?? [];
    expect(first).toBeCloseTo(0.1, 4);
    expect([second, fourth]).toEqual([-3.25, 700.5]);
    expect(third).toBeCloseTo(1e-5, 7);
  });
});
