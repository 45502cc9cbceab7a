import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { augmentImage, brightnessContrast, rotate } from '../../src/augment/index.js';
import { readTrainedOn, trainedOnBytes } from '../../src/model/files/trained-on.js';
import { heldOutOf, type Identity } from '../../src/model/head/held-out.js';
import { apart } from '../../src/model/head/sides.js';
import { type HeadOptions, loadModel, trainHead } from '../../src/model/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { randomFrom } from '../../src/work/random.js';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const images = (count: number, more: (i: number) => Partial<Identity> = () => ({})): Identity[] =>
  Array.from({ length: count }, (_, i) => ({ id: i, md5: md5(`image ${i}`), ...more(i) }));
const never = () => false;
const share = (held: readonly boolean[]) => held.filter(Boolean).length / held.length;

describe('heldOutOf', () => {
  it('holds out about an eighth, the same ones in any order', () => {
    const some = images(4000);
    const held = heldOutOf(some, never);
    expect(share(held)).toBeGreaterThan(0.11);
    expect(share(held)).toBeLessThan(0.14);
    expect(heldOutOf([...some].reverse(), never).reverse()).toEqual(held);
  });

  it.each<[string, (i: number) => Partial<Identity>]>([
    ['of one product', (i) => ({ id: Math.floor(i / 4) })],
    ['with the same bytes', (i) => ({ md5: md5(`twin ${Math.floor(i / 4)}`) })],
    ['made of the same image', (i) => ({ origin: md5(`original ${Math.floor(i / 4)}`) })],
    ['in a chain of both', (i) => ({ id: Math.floor((i % 4) / 2) + 2 * Math.floor(i / 4), ...twinOfNext(i) })],
  ])('has all images %s on one side', (_, more) => {
    const held = heldOutOf(images(4000, more), never);
    for (let i = 0; i < held.length; i += 4) expect(new Set(held.slice(i, i + 4)).size).toBe(1);
    expect(share(held)).toBeGreaterThan(0.09);
    expect(share(held)).toBeLessThan(0.16);
  });

  it('holds out what the model below was not trained on, as long as there is enough of it', () => {
    const some = images(4000, (i) => ({ id: Math.floor(i / 2) }));
    const known = ({ id }: Identity) => Number(id) % 10 > 1;
    const held = heldOutOf(some, known);
    expect(some.filter((image, i) => held[i] && known(image))).toEqual([]);
    expect(share(held)).toBeGreaterThan(0.1);
    expect(share(heldOutOf(some, ({ id }) => id !== 7))).toBeGreaterThan(0.09);
  });
});

/** The second and third of each four have the same bytes. */
const twinOfNext = (i: number) => ([1, 2].includes(i % 4) ? { md5: md5(`twin ${Math.floor(i / 4)}`) } : {});

describe('the list of the images that a model was trained on', () => {
  it('knows them by bytes and by MD5, in a few bytes each, with those of the model below', () => {
    const below = trainedOnBytes([md5('a'), md5('b')]);
    const bytes = trainedOnBytes([md5('b'), md5('c')], below);
    expect(bytes.length).toBe(12);
    const list = readTrainedOn(bytes, 'here');
    expect(list.images).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((text) => list.has(md5(text)))).toEqual([true, true, true, false]);
    expect(list.has(Buffer.from('c'))).toBe(true);
  });

  it('is refused where it is cut off', () => {
    expect(() => readTrainedOn(new Uint8Array(7), 'here')).toThrow(/7 bytes, not 4 for each image/);
  });
});

describe('a head on variants of products', () => {
  const source = sampleSource({ products: 90, seed: 8 });
  interface Variant {
    id: number;
    side: string;
    image: Uint8Array;
  }
  let variants: Variant[];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'held-out-'));
    variants = [];
    for await (const { id } of source.products()) {
      const side = randomFrom('side', id)() < 0.5 ? 'left' : 'right';
      const transforms = [rotate({ limit: 4 }), brightnessContrast({ brightness: [-0.05, 0.05] })];
      for (const variant of [0, 1, 2])
        variants.push({
          id,
          side,
          image: (await augmentImage(await source.image(id), transforms, { seed: 1, id, variant })).data,
        });
    }
  });
  afterAll(() => rm(folder, { recursive: true }));
  const options = (out: string, more: Partial<HeadOptions<Variant>> = {}): HeadOptions<Variant> => ({
    attribute: 'side',
    out: path.join(folder, out),
    data: ({ image }) => image,
    ...more,
  });

  it('finds nothing in labels that are random, and its model knows which images it was trained on', async () => {
    const { images, metric } = await trainHead(variants, options('random'));
    expect(images.heldOut).toBeGreaterThan(15);
    expect(metric.accuracy).toBeLessThan(0.7);
    const model = await loadModel(path.join(folder, 'random'));
    const trained = variants.filter(({ image }) => model.trainedOn?.has(image));
    expect(trained).toHaveLength(images.trained);
    const ids = new Set(trained.map(({ id }) => id));
    expect(variants.filter(({ id, image }) => ids.has(id) && !model.trainedOn?.has(image))).toEqual([]);
    model.dispose();
  }, 120_000);

  it('is measured on the validation set that is given, if it is apart from what it learns from', async () => {
    const [training, validation] = [variants.filter(({ id }) => id % 5 > 0), variants.filter(({ id }) => id % 5 === 0)];
    const { images } = await trainHead(training, options('validated', { validation }));
    expect(images).toEqual({
      trained: training.length,
      heldOut: validation.length,
      heldOutSeen: 0,
      unreadable: 0,
      otherSides: 0,
    });
  });

  it('takes the sides of a split: learns from train, is measured on validation, leaves test alone', async () => {
    const sideOf = (id: number) => (id % 5 === 0 ? 'validation' : id % 5 === 1 ? 'test' : 'train');
    const split = variants.map((variant) => ({ ...variant, split: sideOf(variant.id) }));
    const on = (side: string) => split.filter((variant) => variant.split === side).length;
    const { images } = await trainHead(split, options('split'));
    const expected = { trained: on('train'), heldOut: on('validation'), otherSides: on('test') };
    expect(images).toEqual({ ...expected, heldOutSeen: 0, unreadable: 0 });

    const torn = variants.map((variant, i) => ({ ...variant, split: i % 3 === 0 ? 'validation' : 'train' }));
    await expect(trainHead(torn, options('torn'))).rejects.toMatchObject({ code: 'training.leak' });
    const alone = split.filter((variant) => variant.split === 'train');
    const { images: parts } = await trainHead(alone, options('alone'));
    expect(parts.trained + parts.heldOut).toBe(alone.length);
    expect(parts.heldOut).toBeGreaterThan(0);
  });

  it('says so where the validation set has no labels', async () => {
    const validation = variants.map(({ id, image }) => ({ id: -id, image, side: '' }));
    await expect(trainHead(variants, options('blank', { validation }))).rejects.toMatchObject({
      code: 'training.noLabels',
    });
  });
});

describe('a validation set', () => {
  const training = images(8);
  const validation = images(4, (i) => ({ id: 100 + i, md5: md5(`validation ${i}`) }));

  it('may be any images that have nothing to do with those to learn from', () => {
    expect(apart(training, validation)).toEqual({ training, heldOut: validation });
  });

  it.each<[string, Partial<Identity>]>([
    ['a product', { id: 3 }],
    ['its bytes', { md5: md5('image 3') }],
    ['what it was made of', { origin: md5('image 3') }],
  ])('is refused where an image has %s in common with one of those', (_, common) => {
    const leaking = validation.map((image, i) => (i === 2 ? { ...image, ...common } : image));
    expect(() => apart(training, leaking)).toThrow(/^1 of the 4 validation images .*\((102|3)\)/);
  });
});

describe('the shipped model', () => {
  it('knows which drawn images it was trained on', async () => {
    const model = await loadModel();
    const source = sampleSource({ products: 1000 });
    const all: Uint8Array[] = [];
    for await (const { id } of source.products()) if (id % 10 === 0) all.push(await source.image(id));
    const trained = all.filter((image) => model.trainedOn?.has(image)).length;
    expect(trained / all.length).toBeGreaterThan(0.8);
    expect(trained / all.length).toBeLessThan(0.97);
    model.dispose();
  });
});
