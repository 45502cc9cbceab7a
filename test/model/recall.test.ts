import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scored, score } from '../../src/curation/index.js';
import { answer, type HeadOptions, loadModel, type Model, trainHead } from '../../src/model/index.js';
import { sampleSource } from '../../src/sample/index.js';

interface Shown {
  id: number;
  half: string;
  image: Uint8Array;
}
let folder: string;
let items: Shown[];
let model: Model;
let scored: Scored<Shown>;
/** The same, but for how its images are read. */
let same: Scored<Shown>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'recall-'));
  const source = sampleSource({ products: 60, seed: 4 });
  items = [];
  for await (const { id } of source.products())
    items.push({ id, half: id % 2 === 0 ? 'even' : 'odd', image: await source.image(id) });
  model = await loadModel(undefined, { backend: 'wasm', processes: 0 });
  scored = await score(model, items, { data: ({ image }) => image });
  same = { ...scored, image: expect.any(Function) };
});
afterAll(async () => {
  model.dispose();
  await rm(folder, { recursive: true });
});

/** The model, and how many images it has been asked for. */
function counted(): { model: Model; images: number } {
  const asked = { images: 0, model };
  asked.model = {
    ...model,
    predictAll: (some, options) =>
      model.predictAll(some, {
        ...options,
        data(item) {
          asked.images++;
          return options.data(item);
        },
      }),
  };
  return asked;
}

describe('what a model has said of an image', () => {
  it('is not computed again, and is the same', async () => {
    const again = counted();
    const reversed = [...items].reverse();
    const data = ({ image }: Shown) => image;
    const { predictions } = await score(again.model, reversed, { data, scored });
    expect(again.images).toBe(0);
    expect(predictions).toEqual([...scored.predictions].reverse());
    expect(await score(again.model, items, { data, scored: [scored] })).toEqual(same);
  });

  it('is not even read again where its MD5 is known', async () => {
    const md5s = new Map(items.map((item, i) => [item, scored.md5s[i]]));
    const data = () => Promise.reject(new Error('read'));
    expect(await score(model, items, { data, scored, md5: (item) => md5s.get(item) })).toEqual(same);
  });

  it('is computed anew for other bytes under the same id, in their place', async () => {
    const [first, second, third, ...others] = items;
    if (!first || !second || !third) throw new Error('There are 60 items');
    const swapped = [first, { ...second, image: third.image }, { ...third, image: Uint8Array.of(1) }, ...others];
    const again = counted();
    const {
      items: read,
      predictions,
      failures,
    } = await score(again.model, swapped, {
      data: ({ image }) => image,
      scored: { ...scored, md5s: scored.md5s.map((md5, i) => (i === 4 ? 'another' : md5)) },
    });
    expect(again.images).toBe(2);
    expect(read.map(({ id }) => id)).toEqual(swapped.filter((_, i) => i !== 2).map(({ id }) => id));
    expect(failures).toMatchObject([{ id: third.id }]);
    expect(predictions.slice(0, 2)).toEqual([scored.predictions[0], scored.predictions[2]]);
    expect(predictions[3]?.gender?.label).toBe(scored.predictions[4]?.gender?.label);
  });

  it('counts for the same model only', async () => {
    const again = counted();
    const other = { ...scored, model: { ...scored.model, fingerprint: 'another' } };
    await score(again.model, items.slice(0, 3), { data: ({ image }) => image, scored: other });
    expect(again.images).toBe(3);
  });
});

describe('a head', () => {
  const options = (out: string, more: Partial<HeadOptions<Shown>> = {}): HeadOptions<Shown> => ({
    attribute: 'half',
    out: path.join(folder, out),
    data: ({ image }) => image,
    backend: 'wasm',
    ...more,
  });

  it('is trained on what is scored, and is the same', async () => {
    const md5s = new Map(items.map((item, i) => [item, scored.md5s[i]]));
    const data = () => Promise.reject(new Error('read'));
    const [fresh, recalled] = [
      await trainHead(items, options('fresh')),
      await trainHead(items, options('recalled', { scored, data, md5: (item) => md5s.get(item) })),
    ];
    expect({ ...recalled, seconds: 0, folder: '' }).toEqual({ ...fresh, seconds: 0, folder: '' });
    const weights = (out: string) => readFile(path.join(folder, out, 'weights.bin'));
    expect((await weights('recalled')).equals(await weights('fresh'))).toBe(true);
  }, 120_000);

  it('answers from what the model below it has said, as its whole net does', async () => {
    const head = await loadModel(path.join(folder, 'fresh'), { backend: 'wasm', processes: 0 });
    const before = [scored];
    const data = ({ image }: Shown) => image;
    const open = () => Promise.reject(new Error('opened'));
    const recalled = [];
    for await (const answered of answer(items, head, open, { before, data })) recalled.push(answered);
    const whole = await score(head, items, { data });
    head.dispose();
    recalled.forEach((answered, i) => {
      if (answered.error) throw answered.error;
      const { label, confidence } = answered.prediction.half ?? { label: '', confidence: 0 };
      expect(label).toBe(whole.predictions[i]?.half?.label);
      expect(confidence).toBeCloseTo(whole.predictions[i]?.half?.confidence ?? -1, 5);
    });
    expect(recalled).toHaveLength(items.length);
  });
});
