import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { fileNames } from '../../src/model/files/files.js';
import { fitSoftmax } from '../../src/model/head/softmax.js';
import { type HeadOptions, loadModel, type TrainedHead, trainHead, useBackend } from '../../src/model/index.js';
import { shippedModel } from '../../src/model/shipped.js';
import { sampleSource } from '../../src/sample/index.js';
import { PipelineError } from '../../src/work/errors.js';
import { randomFrom } from '../../src/work/random.js';

const source = sampleSource({ products: 240, seed: 8 });
/** Drawn products with a label that no catalogue has: what one does with them. */
type Worn = Product & { worn?: string };
const places: Record<string, string> = {
  Topwear: 'on top',
  Bottomwear: 'below',
  Shoes: 'on feet',
  Bags: 'over the shoulder',
  Watches: 'on the wrist',
};
let items: Worn[];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'head-'));
  items = [];
  for await (const product of source.products()) {
    const worn = places[product.subCategory ?? ''];
    items.push({ ...product, ...(worn !== undefined && { worn }) });
  }
});
afterAll(() => rm(folder, { recursive: true }));

const options = (out: string, more: Partial<HeadOptions<Worn>> = {}): HeadOptions<Worn> => ({
  attribute: 'worn',
  out: path.join(folder, out),
  data: ({ id }) => source.image(id),
  backend: 'wasm',
  ...more,
});

describe('trainHead', () => {
  let trained: TrainedHead;
  let tensors: number;
  beforeAll(async () => {
    await useBackend('wasm');
    tensors = tf.memory().numTensors;
    trained = await trainHead(items, options('worn'));
  });

  it('learns an attribute of one’s own on wasm, measured on images held out, and leaves no tensor behind', () => {
    expect(tf.memory().numTensors).toBe(tensors);
    const { labels, images, metric } = trained;
    expect(labels).toEqual(Object.values(places).sort());
    expect(images.trained + images.heldOut).toBe(items.filter(({ worn }) => worn !== undefined).length);
    expect(images.heldOut).toBe(metric.images);
    expect(metric.accuracy).toBeGreaterThan(0.8);
    expect(metric.accuracy).toBeGreaterThan(metric.majority + 0.2);
  });

  it('gives a model that loads as any other, and says what was measured', async () => {
    const model = await loadModel(trained.folder, { backend: 'wasm' });
    const known = items.filter(({ worn }) => worn !== undefined).slice(0, 60);
    const predictions = await model.predict(await Promise.all(known.map(({ id }) => source.image(id))));
    const right = predictions.filter(
      (prediction, i) => !(prediction instanceof PipelineError) && prediction.worn?.label === known[i]?.worn,
    );
    expect(right.length / known.length).toBeGreaterThan(0.8);
    expect(model.attributes).toEqual([{ name: 'worn', labels: trained.labels }]);
    const shipped = await loadModel(undefined, { backend: 'wasm' });
    const image = [await source.image(known[0]?.id ?? 0)];
    // The features stay as they are.
    expect(await model.embed(image)).toEqual(await shipped.embed(image));
    model.dispose();
    shipped.dispose();
  });

  it('leaves out labels that are too rare, and counts their held-out images as wrong', async () => {
    const rare = items.map(
      (item): Worn => (item.worn === 'on the wrist' ? { ...item, worn: `watch ${item.id}` } : item),
    );
    const { labels, leftOut } = await trainHead(rare, options('rare'));
    expect(labels).toEqual(trained.labels.filter((label) => label !== 'on the wrist'));
    expect(Object.values(leftOut).every((count) => count === 1)).toBe(true);
    expect(Object.keys(leftOut)[0]).toMatch(/^watch /);
  });

  it.each<[string, () => Worn[], Partial<HeadOptions<Worn>>, string, RegExp]>([
    ['no item has the attribute', () => items, { attribute: 'wrn' }, 'training.noLabels', /Did you mean 'worn'/],
    [
      'there is one label only',
      () => items.filter(({ worn = 'on top' }) => worn === 'on top'),
      {},
      'training.tooFewLabels',
      /'worn' has 1 label/,
    ],
    ['there is no such model', () => items, { model: '/nowhere' }, 'model.notFound', /no model at '\/nowhere'/],
  ])('says so where %s, and writes nothing', async (_, some, more, code, message) => {
    const failing = trainHead(some(), options('failing', more));
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(path.join(folder, 'failing'))).toBe(false);
  });

  it('says so where the model has no embedding', async () => {
    const blind = path.join(folder, 'blind');
    await cp(shippedModel, blind, { recursive: true });
    const card = path.join(blind, fileNames.card);
    await writeFile(card, (await readFile(card, 'utf8')).replace(/"embedding": ?"[^"]*",/, ''));
    await expect(trainHead(items, options('failing', { model: blind }))).rejects.toMatchObject({
      code: 'model.noEmbedding',
    });
  });

  it('stops with the reason of the signal, in the middle of the training', async () => {
    const stop = new AbortController();
    const onProgress: HeadOptions<Worn>['onProgress'] = ({ stage, done }) =>
      void (stage === 'train' && done > 0 && stop.abort(new Error('enough')));
    await expect(trainHead(items, options('failing', { signal: stop.signal, onProgress }))).rejects.toThrow('enough');
    expect(existsSync(path.join(folder, 'failing'))).toBe(false);
  });
});

describe('fitSoftmax', () => {
  it('separates what a line separates, however the features are scaled', async () => {
    await useBackend('wasm');
    const random = randomFrom(2);
    const classes: number[] = [];
    const features: number[] = [];
    for (let i = 0; i < 600; i++) {
      const [x, y] = [random(), random()];
      classes.push(x + y > 1 ? 1 : 0);
      features.push(1000 + 50 * x, 0.001 * y);
    }
    const { kernel, bias } = await fitSoftmax(Float32Array.from(features), classes, 2, { seed: 1 });
    const [k00 = 0, k01 = 0, k10 = 0, k11 = 0] = kernel;
    const right = classes.filter((given, i) => {
      const [x = 0, y = 0] = features.slice(2 * i, 2 * i + 2);
      return given === (x * k01 + y * k11 + (bias[1] ?? 0) > x * k00 + y * k10 + (bias[0] ?? 0) ? 1 : 0);
    });
    expect(right.length / classes.length).toBeGreaterThan(0.95);
  });
});
