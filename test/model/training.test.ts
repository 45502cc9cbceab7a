import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { loadModel, useBackend } from '../../src/model/index.js';
import { batchMaker } from '../../src/model/training/batch.js';
import { temperatureOf } from '../../src/model/training/calibrate.js';
import type { Example } from '../../src/model/training/examples.js';
import { lossOf } from '../../src/model/training/loss.js';
import { orthogonalised } from '../../src/model/training/optimizer.js';
import type { EpochReport, TrainOptions } from '../../src/model/training/options.js';
import { learningRateAt } from '../../src/model/training/schedule.js';
import { defaultSettings, type Settings } from '../../src/model/training/settings.js';
import { type Task, tasksOf } from '../../src/model/training/tasks.js';
import { train } from '../../src/model/training/train.js';
import { sampleSource } from '../../src/sample/index.js';
import { PipelineError } from '../../src/work/errors.js';
import { fromFloat16, toFloat16 } from '../../src/work/float16.js';
import { randomFrom } from '../../src/work/random.js';
import { tensorflow } from './tensorflow.js';

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
    // Several of them an epoch.
    settings: { batchSize: 64 },
    ...more,
  });

  it('learns, writes a model that loads, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const epochs: EpochReport[] = [];
    const card = await train(options('model', { onEpoch: (epoch) => epochs.push(epoch) }));
    expect(tf.memory().numTensors).toBe(before);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(epochs[1]?.loss).toBeLessThan(epochs[0]?.loss ?? NaN);
    expect(card.training.images + card.training.calibrationImages + card.training.validationImages).toBe(150);
    const model = await loadModel(path.join(out, 'model'));
    expect(model.attributes).toEqual(card.attributes);
    model.dispose();
    const read = (file: string) => readFile(path.join(out, 'model', file), 'utf8');
    expect(await read('README.md')).toContain('| articleType |');
    expect(await read('README.md')).toContain('gender, season and usage is averaged with');
    expect(card.training.memory?.images).toBe(card.training.images);
    expect(Object.keys(card.training.memory?.accuracyWithout ?? {})).toEqual(['gender', 'season', 'usage']);
    expect(
      (await read('training.jsonl'))
        .trim()
        .split('\n')
        .map((line) => Object.keys(JSON.parse(line) as object)[1]),
    ).toEqual(['images', 'epoch', 'epoch', 'memory']);
  });

  it('remembers no image where the images are to tell nothing', async () => {
    const card = await train(
      options('plain', { epochs: 1, settings: { memory: { attributes: [], dimensions: 8, steps: 1 } } }),
    );
    expect(card.training.memory).toBeUndefined();
    expect(await readFile(path.join(out, 'plain', 'README.md'), 'utf8')).not.toContain('memory of');
    expect(await readFile(path.join(out, 'plain', 'model.json'), 'utf8')).not.toContain('uint8');
  });

  it('interrupted and called again, gives the model that it gives in one go', { timeout: 180_000 }, async () => {
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

const products: Product[] = [
  { id: 1, season: 'Summer', year: 2012, productDisplayName: 'Nike Men Blue Shirt' },
  { id: 2, season: 'Winter', year: 2012, productDisplayName: 'Nike Women Shirt, blue' },
  { id: 3, year: 2013 },
];
const season: Task = {
  name: 'season',
  labels: ['Summer', 'Winter'],
  weight: 1,
  labelsOf: ({ season }) => (season === undefined ? [] : [season]),
};
const words: Task = {
  name: 'title',
  labels: ['blue', 'men', 'nike'],
  weight: 1,
  labelsOf: ({ productDisplayName = '' }) => productDisplayName.toLowerCase().match(/[a-z]+/g) ?? [],
};
const plain: Settings = { ...defaultSettings, augmentation: [], labelSmoothing: 0, cutmix: 0, mixup: 0 };
const input = { width: 4, height: 3, scale: 1 / 255, offset: 0 };
const examples = products.map(
  (product, i): Example => ({ product, pixels: new Uint8Array(36).fill(100 * i), part: 'train', md5: '' }),
);

describe('batchMaker', () => {
  const batchOf = async (settings: Settings, seed = 1) => {
    await useBackend('wasm');
    const { images, targets } = await batchMaker(input, [season, words], settings)(examples, randomFrom(seed));
    const values = { images: await images.array(), targets: await targets.array() };
    tf.dispose([images, targets]);
    return values;
  };

  it('gives an example the labels of each task as probabilities, and zeros for blanks', async () => {
    const { targets } = await batchOf(plain);
    expect(targets.map((row) => row.map((share) => Math.round(share * 100) / 100))).toEqual([
      [1, 0, 0.33, 0.33, 0.33],
      [0, 1, 0.5, 0, 0.5],
      [0, 0, 0, 0, 0],
    ]);
  });

  it('spreads the smoothed share over all labels of a task', async () => {
    const { targets } = await batchOf({ ...plain, labelSmoothing: 0.2 });
    expect(targets[0]?.slice(0, 2)).toEqual([expect.closeTo(0.9), expect.closeTo(0.1)]);
    expect(targets[2]).toEqual([0, 0, 0, 0, 0]);
  });

  it.each(['cutmix', 'mixup'] as const)(
    '%s gives each image as much of the labels as of the pixels of another one',
    async (kind) => {
      const { images, targets } = await batchOf({ ...plain, [kind]: 1 });
      // The first image is black, the one that it is mixed with has 100/255 everywhere.
      const share = 1 - (images[0]?.flat(2).reduce((sum, value) => sum + value, 0) ?? NaN) / 36 / (100 / 255);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
      expect(targets[0]?.[0]).toBeCloseTo(share, 1);
      expect(targets[0]?.[1]).toBeCloseTo(1 - share, 1);
    },
  );

  it('draws the same for the same seed, and something else for another', async () => {
    const [first, again, other] = [
      await batchOf(defaultSettings),
      await batchOf(defaultSettings),
      await batchOf(defaultSettings, 2),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe('tasksOf', () => {
  const many = Array.from({ length: 30 }, () => examples).flat();
  const heads = [{ name: 'season', labels: ['Summer', 'Winter'] } as const];

  it('has the heads first, then collections and the words of titles that enough examples have', () => {
    const tasks = tasksOf(
      heads,
      [...many, { ...many[0], product: { id: 9, productDisplayName: 'Seldom' } } as Example],
      0.5,
    );
    expect(tasks.map(({ name, labels, weight }) => ({ name, labels, weight }))).toEqual([
      { name: 'season', labels: ['Summer', 'Winter'], weight: 1 },
      { name: 'collection', labels: ['Summer 2012', 'Winter 2012'], weight: 0.5 },
      { name: 'title', labels: ['blue', 'men', 'nike', 'shirt', 'women'], weight: 0.5 },
    ]);
    expect(tasks.map(({ labelsOf }) => labelsOf(products[2] ?? { id: 0 }))).toEqual([[], [], []]);
  });

  it('leaves the auxiliary ones out where they count nothing', () => {
    expect(tasksOf(heads, many, 0).map(({ name }) => name)).toEqual(['season']);
  });
});

describe('lossOf', () => {
  it('is the mean cross-entropy, times the weight, of the examples that are no blanks', async () => {
    await useBackend('wasm');
    const task = { labels: ['Fall', 'Summer', 'Winter'], weight: 1 };
    const loss = (logits: number[][], targets: number[][], weight = 1) =>
      lossOf(tf.tensor2d(logits), tf.tensor2d(targets), [{ ...task, weight }]).arraySync();
    const entropy = (logits: number[], label: number) =>
      Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (logits[label] ?? NaN);
    const expected = (entropy([1, 2, 0.5], 1) + entropy([0, -1, 3], 2)) / 2;
    const [summer, winter, blank] = [
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ];
    expect(
      loss(
        [
          [1, 2, 0.5],
          [0, -1, 3],
        ],
        [summer, winter],
      ),
    ).toBeCloseTo(expected, 5);
    expect(
      loss(
        [
          [1, 2, 0.5],
          [9, -9, 9],
          [0, -1, 3],
        ],
        [summer, blank, winter],
        2,
      ),
    ).toBeCloseTo(2 * expected, 5);
    expect(loss([[9, -9, 9]], [blank])).toBe(0);
  });
});

describe('learningRateAt', () => {
  it('rises over the first twentieth and falls to zero', () => {
    const rates = Array.from({ length: 100 }, (_, step) => learningRateAt(step, 100, 1));
    expect(Math.max(...rates)).toBe(1);
    expect(rates.indexOf(1)).toBe(4);
    expect(rates.slice(5).every((rate, i) => rate <= (rates[4 + i] ?? 0))).toBe(true);
    expect(rates[99]).toBeLessThan(0.001);
  });
});

describe('orthogonalised', () => {
  it.each([
    [40, 12],
    [12, 40],
    [16, 16],
  ])('brings the singular values of a %s x %s matrix near one and keeps its directions', async (rows, columns) => {
    await useBackend('wasm');
    const matrix = tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 1, 'float32', 3);
    const result = orthogonalised(matrix);
    // The square of the norm is the sum of the squared singular values.
    const [meanSquare = NaN] = await result.square().sum().div(Math.min(rows, columns)).data();
    expect(Math.sqrt(meanSquare)).toBeGreaterThan(0.7);
    expect(Math.sqrt(meanSquare)).toBeLessThan(1.2);
    const [cosine = NaN] = await matrix.mul(result).sum().div(matrix.norm().mul(result.norm())).data();
    expect(cosine).toBeGreaterThan(0.85);
    expect(result.shape).toEqual([rows, columns]);
  });
});

describe('temperatureOf', () => {
  it('finds by what logits were too large', () => {
    const random = randomFrom(4);
    const temperature = 2.5;
    const scores: number[] = [];
    const given: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const logits = [3 * random(), 3 * random(), 3 * random()];
      const softmax = (divisor: number) => {
        const exponentials = logits.map((logit) => Math.exp(logit / divisor));
        return exponentials.map((value) => value / exponentials.reduce((a, b) => a + b));
      };
      const [first = 0, second = 0] = softmax(1);
      const drawn = random();
      given.push(drawn < first ? 0 : drawn < first + second ? 1 : 2);
      scores.push(...softmax(1 / temperature));
    }
    expect(temperatureOf(Float32Array.from(scores), given)).toBeCloseTo(temperature, 0);
    expect(temperatureOf(Float32Array.from([...scores, 0.2, 0.3, 0.5]), [...given, -1])).toBe(
      temperatureOf(Float32Array.from(scores), given),
    );
  });
});

describe('toFloat16', () => {
  it('rounds as the format says', async () => {
    const bits = async (values: number[]) => [...(await toFloat16(Float32Array.from(values)))];
    expect(await bits([0, -0, 1, -2, 65504, 1e6, -Infinity])).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00,
    ]);
    // Smallest normal, smallest subnormal, half of it (a tie, to even), more than half of it.
    expect(await bits([2 ** -14, 2 ** -24, 2 ** -25, 2 ** -25 * 1.1])).toEqual([0x0400, 1, 0, 1]);
    // Ties go to the even neighbour, down and up.
    expect(await bits([1 + 2 ** -11, 1 + 3 * 2 ** -11])).toEqual([0x3c00, 0x3c02]);
  });

  it('is undone by fromFloat16 but for the rounding', async () => {
    const values = [0, 1, -2, 65504, 2 ** -14, 2 ** -24, -Infinity, Infinity, 0.333251953125];
    expect([...(await fromFloat16(await toFloat16(Float32Array.from(values))))]).toEqual(values);
  });

  it('gives numbers that TensorFlow.js reads back', async () => {
    const values = Float32Array.from([0.1, -3.25, 1e-5, 700.5]);
    const read = tf.io.decodeWeights((await toFloat16(values)).buffer as ArrayBuffer, [
      { name: 'w', shape: [4], dtype: 'float32', quantization: { dtype: 'float16' } },
    ]);
    const [first = NaN, second = NaN, third = NaN, fourth = NaN] = (await read.w?.data()) ?? [];
    expect(first).toBeCloseTo(0.1, 4);
    expect([second, fourth]).toEqual([-3.25, 700.5]);
    expect(third).toBeCloseTo(1e-5, 7);
  });
});
