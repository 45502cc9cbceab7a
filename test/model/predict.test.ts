import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { folderSource } from '../../src/catalogue/source/folder.js';
import { evaluate, score } from '../../src/curation/index.js';
import { readModelFiles } from '../../src/model/files/files.js';
import { attributes, type Backend, loadModel, type Model, type Prediction, useBackend } from '../../src/model/index.js';
import { shippedModel } from '../../src/model/shipped.js';
import { partOf } from '../../src/model/training/split.js';
import { sampleSource } from '../../src/sample/index.js';
import { PipelineError } from '../../src/work/errors.js';
import { dataset } from '../dataset.js';
import { tensorflow } from './tensorflow.js';

let model: Model;
let images: Uint8Array[];
beforeAll(async () => {
  model = await loadModel(undefined, { processes: 0 });
  const drawn = sampleSource({ products: 10, seed: 5 });
  images = [];
  for await (const { id } of drawn.products()) images.push(await drawn.image(id));
});
afterAll(() => model.dispose());

const succeeded = (results: readonly (Prediction | PipelineError)[]): Prediction[] =>
  results.map((result) => {
    if (result instanceof PipelineError) throw result;
    return result;
  });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('predict', () => {
  it('gives every attribute a label of its own and a probability', async () => {
    for (const prediction of succeeded(await model.predict(images))) {
      expect(Object.keys(prediction)).toEqual([...attributes]);
      for (const { name, labels } of model.attributes) {
        expect(labels).toContain(prediction[name]?.label);
        expect(prediction[name]?.confidence).toBeGreaterThanOrEqual(1 / labels.length);
        expect(prediction[name]?.confidence).toBeLessThanOrEqual(1.000001);
      }
    }
  });

  it('lets a corrupt image fail alone', async () => {
    const [first = new Uint8Array(), second = new Uint8Array()] = images;
    const results = await model.predict([first, second.subarray(0, 300), new Uint8Array(), second]);
    expect(results.map((result) => (result instanceof PipelineError ? result.code : 'labelled'))).toEqual([
      'labelled',
      'image.unreadable',
      'image.unreadable',
      'labelled',
    ]);
    expect([results[0], results[3]]).toEqual(await model.predict([first, second]));
  });

  it('takes greyscale images as their RGB twins, and images of another size', async () => {
    const rgb = await sharp(images[0]).greyscale().png().toBuffer();
    const grey = await sharp(images[0]).greyscale().toColourspace('b-w').png().toBuffer();
    const large = await sharp(grey).resize(600, 800, { kernel: 'nearest' }).png().toBuffer();
    expect([(await sharp(rgb).metadata()).channels, (await sharp(grey).metadata()).channels]).toEqual([3, 1]);
    const [fromGrey, fromRgb, fromLarge] = succeeded(await model.predict([grey, rgb, large]));
    expect(fromGrey).toEqual(fromRgb);
    expect(fromLarge?.masterCategory?.label).toBe(fromGrey?.masterCategory?.label);
  });

  it('leaves no tensor behind', async () => {
    await model.predict(images);
    const before = tf.memory().numTensors;
    await model.predict([...images, new Uint8Array()]);
    expect(tf.memory().numTensors).toBe(before);
    const second = await loadModel(undefined, { processes: 0 });
    second.dispose();
    second.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says so when it is used after dispose', async () => {
    const disposed = await loadModel();
    disposed.dispose();
    await expect(disposed.predict(images)).rejects.toMatchObject({ code: 'model.disposed' });
  });
});

describe('predictAll', () => {
  it('keeps order and the last, partial batch, whatever the batch size', async () => {
    const whole = succeeded(await model.predict(images));
    for (const batchSize of [1, 3, 4, 10, 64]) {
      const results = await collect(
        model.predictAll(images.keys(), { data: (i) => images[i] ?? new Uint8Array(), batchSize }),
      );
      expect(results.map(({ item }) => item)).toEqual([...images.keys()]);
      results.forEach(({ prediction }, i) => expect(prediction?.articleType?.label).toBe(whole[i]?.articleType?.label));
    }
  });

  it('gives the item whose image cannot be fetched its error', async () => {
    const data = (i: number) =>
      i === 1 ? Promise.reject(new Error('connection lost')) : (images[i] ?? new Uint8Array());
    const results = await collect(model.predictAll([0, 1, 2], { data, batchSize: 2 }));
    expect(results.map(({ error }) => error?.message)).toEqual([
      undefined,
      expect.stringContaining('connection lost'),
      undefined,
    ]);
  });

  it('reads no further than the next batch when the reader stops', async () => {
    let taken = 0;
    function* endless() {
      for (;;) yield taken++;
    }
    for await (const { prediction } of model.predictAll(endless(), {
      data: () => images[0] ?? new Uint8Array(),
      batchSize: 2,
    })) {
      expect(prediction).toBeDefined();
      break;
    }
    expect(taken).toBeLessThanOrEqual(4);
  });

  it('stops with the reason of the signal', async () => {
    const stop = new AbortController();
    const results = model.predictAll(images, { data: (image) => image, batchSize: 2, signal: stop.signal });
    await expect(async () => {
      for await (const _ of results) stop.abort(new Error('enough'));
    }).rejects.toThrow('enough');
  });

  it('refuses a batch size of no images', async () => {
    await expect(collect(model.predictAll(images, { data: (image) => image, batchSize: 0 }))).rejects.toMatchObject({
      code: 'model.badBatchSize',
    });
  });
});

// Without tfjs-node there is one backend only (build it with scripts/tfjs-node.mjs).
describe.skipIf(!tensorflow)('the backends (needs tfjs-node)', () => {
  it('give the same labels, and confidences to a thousandth, in turn in one process', async () => {
    const [native, wasm] = [
      await loadModel(undefined, { backend: 'tensorflow' }),
      await loadModel(undefined, { backend: 'wasm', processes: 0 }),
    ];
    expect([native.backend, wasm.backend]).toEqual(['tensorflow', 'wasm']);
    for (const some of [images.slice(0, 4), images.slice(4)]) {
      const ours = succeeded(await native.predict(some));
      expect(tf.getBackend()).toBe('tensorflow');
      const theirs = succeeded(await wasm.predict(some));
      expect(tf.getBackend()).toBe('wasm');
      ours.forEach((prediction, i) => {
        for (const name of attributes) {
          expect(prediction[name]?.label).toBe(theirs[i]?.[name]?.label);
          const difference = (prediction[name]?.confidence ?? NaN) - (theirs[i]?.[name]?.confidence ?? NaN);
          expect(Math.abs(difference)).toBeLessThan(1e-3);
        }
      });
    }
    native.dispose();
    wasm.dispose();
  });
});

/** The processes that models have started here. */
const forked: ChildProcess[] = [];
vi.mock(import('node:child_process'), async (original) => {
  const actual = await original();
  const fork = (...args: Parameters<typeof actual.fork>) => {
    const child = actual.fork(...args);
    forked.push(child);
    return child;
  };
  return { ...actual, fork } as typeof actual;
});

describe('processes', () => {
  it('predict what one does, in order, with an unreadable image among them, and read one batch ahead', async () => {
    const [many, single] = [
      await loadModel(undefined, { backend: 'wasm', processes: 2 }),
      await loadModel(undefined, { backend: 'wasm', processes: 0 }),
    ];
    const items = Array.from({ length: 60 }, (_, i) => i % images.length);
    const options = {
      data: (i: number) => (i === 7 ? new Uint8Array() : (images[i] ?? new Uint8Array())),
      batchSize: 3,
      details: true,
    };
    const [found, expected] = [
      await collect(many.predictAll(items, options)),
      await collect(single.predictAll(items, options)),
    ];
    expect(found).toEqual(expected);
    expect(found.filter(({ error }) => error?.code === 'image.unreadable').map(({ item }) => item)).toEqual(
      Array(6).fill(7),
    );
    let taken = 0;
    const counted = (function* () {
      for (const item of items) {
        taken++;
        yield item;
      }
    })();
    for await (const { prediction } of many.predictAll(counted, options)) {
      expect(prediction).toBeDefined();
      break;
    }
    expect(taken).toBeLessThanOrEqual(4 * 3);
    many.dispose();
    single.dispose();
  });

  it.each(['wasm', ...(tensorflow ? ['tensorflow' as const] : [])] as Backend[])(
    'leave this one free, by %s, and label alike',
    async (backend) => {
      const several = await loadModel(undefined, { backend, processes: 1 });
      let turns = 0;
      const timer = setInterval(() => turns++, 5);
      const { eventLoopUtilization } = performance;
      const before = eventLoopUtilization();
      const found = await several.predict(
        Array.from({ length: 256 }, (_, i) => images[i % images.length] ?? new Uint8Array()),
      );
      clearInterval(timer);
      expect(eventLoopUtilization(before).utilization).toBeLessThan(0.75);
      expect(turns).toBeGreaterThan(10);
      several.dispose();
      const labels = (predictions: readonly Prediction[]) =>
        predictions.map((prediction) => attributes.map((name) => prediction[name]?.label));
      expect(labels(succeeded(found).slice(0, images.length))).toEqual(labels(succeeded(await model.predict(images))));
    },
  );

  it('are not stopped by Ctrl-C; one that is killed takes its batches along, and another one comes', async () => {
    const single = await loadModel(undefined, { backend: 'wasm', processes: 1 });
    const child = forked.at(-1);
    child?.kill('SIGINT');
    expect(succeeded(await single.predict(images))).toHaveLength(images.length);
    const running = single.predict(images);
    child?.kill('SIGKILL');
    await expect(running).rejects.toMatchObject({
      code: 'model.processEnded',
      message: expect.stringMatching(/SIGKILL.*fewer processes/),
    });
    expect(succeeded(await single.predict(images))).toHaveLength(images.length);
    expect(forked.at(-1)).not.toBe(child);
    single.dispose();
    await once(forked.at(-1) ?? child ?? process, 'exit');
  });

  it('let this one end, also where the model is not disposed of', async () => {
    const code =
      `import { loadModel } from 'ml-pipeline'; const model = await loadModel(undefined, { backend: 'wasm' }); ` +
      'console.log((await model.predict([new Uint8Array()]))[0].code);';
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      timeout: 50_000,
    });
    expect(stdout).toBe('image.unreadable\n');
  });

  it.skipIf(process.platform !== 'linux')('end within two seconds of this one, when it is killed at work', async () => {
    const code =
      `import { loadModel, sampleSource } from 'ml-pipeline'; const source = sampleSource({ products: 1, seed: 5 }); ` +
      `let image; for await (const { id } of source.products()) image = await source.image(id); ` +
      `const model = await loadModel(undefined, { backend: 'wasm', processes: 2 }); ` +
      `let count = 0; for await (const _ of model.predictAll((function* () { for (;;) yield image; })(), ` +
      `{ data: (bytes) => bytes, batchSize: 16 })) if (++count === 1) console.log('at work');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const children = (await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')).trim().split(' ');
    expect(children).toHaveLength(2);
    parent.kill('SIGKILL');
    const killed = performance.now();
    const lives = async (pid: string) =>
      !/^(|.*\) [ZX] .*)$/s.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
    while ((await Promise.all(children.map(lives))).includes(true)) {
      expect(performance.now() - killed).toBeLessThan(2000);
      await setTimeout(20);
    }
  });

  it.runIf(tensorflow && availableParallelism() > 1)('label a long list by themselves, as one does', async () => {
    const [model, single] = [await loadModel(), await loadModel(undefined, { processes: 0 })];
    // Most cannot be read, which is quickly said.
    const data = (i: number) => (i < 200 && images[i % images.length]) || new Uint8Array();
    const options = { data, details: true };
    const before = forked.length;
    const found = await collect(
      model.predictAll(
        Array.from({ length: 10_000 }, (_, i) => i),
        options,
      ),
    );
    expect(forked.length - before).toBeGreaterThan(1);
    const expected = await collect(single.predictAll(images.keys(), { ...options, data: (i) => images[i] ?? data(1) }));
    const read = found.filter(({ error }) => error === undefined);
    expect(read).toHaveLength(200);
    for (const { item, ...answer } of read)
      expect({ ...answer, item: item % images.length }).toEqual(expected[item % images.length]);
    model.dispose();
    single.dispose();
  });

  it.each([-1, 1.5])('are not %s', async (processes) => {
    await expect(loadModel(undefined, { processes })).rejects.toMatchObject({
      code: 'model.badProcesses',
      value: processes,
    });
  });
});

it('runs wasm with SIMD', async () => {
  await useBackend('wasm');
  expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
});

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('the shipped model (needs the real images)', () => {
  type Shown = { product: Product; image: Uint8Array };
  let heldOut: Shown[];
  let learnt: Shown[];
  beforeAll(async () => {
    const source = await folderSource(dataset ?? '');
    [heldOut, learnt] = [[], []];
    for await (const product of source.products()) {
      const image = await source.image(product.id);
      const part = partOf(image);
      if (part === 'validation') heldOut.push({ product, image });
      if (part === 'train' && learnt.length < 1000) learnt.push({ product, image });
      if (heldOut.length === 1000) break;
    }
  });
  const scoredOf = (shown: readonly Shown[]) =>
    score(
      model,
      shown.map(({ product, image }) => ({ ...product, image })),
      { data: ({ image }) => image },
    );

  it('is as good on held-out images as its card says, and its confidences are as often right as they say', async () => {
    const scored = await scoredOf(heldOut);
    const { card } = await readModelFiles(shippedModel);
    for (const { attribute, accuracy, calibrationError } of evaluate(scored).attributes) {
      const said = card.metrics?.find((metric) => metric.attribute === attribute);
      expect({ attribute, difference: Math.abs(accuracy - (said?.accuracy ?? NaN)) < 0.03 }).toEqual({
        attribute,
        difference: true,
      });
      expect({ attribute, calibrated: calibrationError < 0.06 }).toEqual({ attribute, calibrated: true });
    }
  });

  it('does not tell an image that it remembers by its own label, which may be wrong', async () => {
    for (const { attribute, accuracy } of evaluate(await scoredOf(learnt)).attributes) {
      // With its own label it would be 0.998.
      if (attribute === 'season') expect(accuracy).toBeLessThan(0.95);
    }
  });

  it.skipIf(!tensorflow)(
    'says the same of them on both backends: labels equal, probabilities to a thousandth (needs tfjs-node)',
    { timeout: 180_000 },
    async () => {
      const on = async (backend: Backend) => {
        const loaded = await loadModel(undefined, { backend });
        const results = await collect(loaded.predictAll(heldOut, { data: ({ image }) => image, details: true }));
        loaded.dispose();
        return results;
      };
      const [native, wasm] = [await on('tensorflow'), await on('wasm')];
      let [furthest, others] = [0, 0];
      native.forEach(({ prediction, scores }, i) => {
        for (const name of attributes) {
          const theirs = wasm[i]?.scores?.[name];
          scores?.[name]?.forEach(
            (probability, label) => (furthest = Math.max(furthest, Math.abs(probability - (theirs?.[label] ?? NaN)))),
          );
          if (prediction?.[name]?.label !== wasm[i]?.prediction?.[name]?.label) others++;
        }
      });
      expect(furthest).toBeLessThan(1e-3);
      expect(others).toBe(0);
    },
  );
});
