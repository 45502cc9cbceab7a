import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { md5 } from '../../src/aws/index.js';
import { folderSource } from '../../src/catalogue/source/folder.js';
import { type Inspection, type IssueKind, inspect, kindNames } from '../../src/curation/index.js';
import { decodeImage, encodeJpeg } from '../../src/image/index.js';
import { dataset } from '../dataset.js';
import { defects, withDefect } from './planted.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quality-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A picture of stripes, with a colour. */
const striped = (width = 60, height = 80) =>
  encodeJpeg({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
      Math.floor(((i / 3) % width) / 8) % 2 ? 240 - 60 * (i % 3) : 20,
    ),
  });

describe('inspect', () => {
  test('looks at a folder of nothing but images, and at those in its folders', async () => {
    const own = path.join(folder, 'plain');
    await mkdir(path.join(own, 'deeper'), { recursive: true });
    const good = await striped();
    for (let i = 0; i < 4; i++) await writeFile(path.join(own, `${i}.jpg`), await striped(60 + i));
    await writeFile(path.join(own, 'deeper/4.png'), await striped());
    await writeFile(path.join(own, 'broken.jpg'), good.subarray(0, 200));
    await writeFile(path.join(own, 'empty.jpg'), '');
    await writeFile(path.join(own, 'note.txt'), 'no image');
    const inspection = await inspect(own);
    expect(inspection.items.map(({ id }) => id)).toEqual([
      '0.jpg',
      '1.jpg',
      '2.jpg',
      '3.jpg',
      'broken.jpg',
      'deeper/4.png',
      'empty.jpg',
    ]);
    expect(inspection.issues).toMatchObject([
      { item: { id: 'broken.jpg' }, kind: 'unreadable', score: 1, words: expect.stringContaining('cannot be decoded') },
      { item: { id: 'empty.jpg' }, kind: 'unreadable', words: expect.stringContaining('empty') },
      { item: { id: 'deeper/4.png' }, kind: 'twin', like: { id: '0.jpg' } },
    ]);
    expect(String(inspection)).toBe('3 of 7 images have issues: 2 unreadable, 1 exact twin');
    expect(await inspection.image({ id: '0.jpg' })).toEqual(await readFile(path.join(own, '0.jpg')));
  });

  test('scores again by other thresholds without reading, and looks for some kinds only', async () => {
    const own = path.join(folder, 'moved');
    await mkdir(own);
    for (let i = 0; i < 5; i++) await writeFile(path.join(own, `${i}.jpg`), await striped(60 + i));
    await writeFile(path.join(own, 'dim.jpg'), await withDefect('dark', await striped(), 2));
    const inspection = await inspect(own);
    await rm(own, { recursive: true });
    expect(inspection.issues.map(({ kind }) => kind)).toEqual(['dark']);
    const [{ score = 0 } = {}] = inspection.issues;
    expect(inspection.at({ dark: score }).issues).toHaveLength(1);
    expect(inspection.at({ dark: score + 0.001 }).issues).toHaveLength(0);
    expect(inspection.counts).toContainEqual({ kind: 'dark', images: 1, threshold: 0.5 });
  });

  test.each([
    [{ thresholds: { dark: 1.5 } }, 'inspect.badThreshold', 'The threshold of dark is 1.5; give a number from 0 to 1'],
    [{ thresholds: { dark: Number.NaN } }, 'inspect.badThreshold', 'The threshold of dark is NaN'],
    [{ thresholds: { blury: 0.5 } }, 'inspect.unknownKind', "There is no kind of issue 'blury'."],
    [{ kinds: ['drak'] }, 'inspect.unknownKind', 'The kinds are unreadable, blank'],
  ])('refuses %j', async (options, code, says) => {
    await expect(inspect(folder, options as object)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });

  test('a folder that has no images, or is none, is an error', async () => {
    const none = await mkdtemp(path.join(folder, 'none-'));
    await expect(inspect(none)).rejects.toThrow(`'${none}' has no images`);
    await expect(inspect(path.join(none, 'x'))).rejects.toThrow('is not a folder');
  });
});

// Needs the real images (ML_PIPELINE_DATASET, or ./data).
describe.skipIf(!dataset)('of 20 defects of each kind among 2,000 real images (needs the real images)', () => {
  let inspection: Inspection;
  const planted = new Map<IssueKind, Set<unknown>>();
  beforeAll(async () => {
    const source = await folderSource(dataset ?? '');
    const images = new Map<string, Uint8Array>();
    for await (const { id } of source.products()) {
      const kinds = [...Object.keys(defects), 'twin'] as IssueKind[];
      const [place, count] = [images.size, kinds.length * 20];
      if (place === 2000 + count) break;
      const bytes = await source.image(id);
      const kind = place < 2000 ? undefined : kinds[(place - 2000) % kinds.length];
      const name = `${place}`;
      if (kind) planted.set(kind, (planted.get(kind) ?? new Set()).add(name));
      const [first = bytes] = images.values();
      images.set(
        name,
        !kind
          ? bytes
          : kind === 'twin'
            ? (images.get(`${place - 1500}`) ?? first)
            : await withDefect(kind, bytes, place),
      );
    }
    const files = {
      name: 'planted',
      async *products() {
        for (const id of images.keys()) yield { id };
      },
      image: async (id: unknown) => images.get(String(id)) ?? new Uint8Array(),
    };
    inspection = await inspect(files);
    // What real images have of themselves is no false alarm: those of the same bytes, and those that are grey.
    const seen = new Set<string>();
    for (const [id, bytes] of images) {
      const digest = md5(bytes);
      if (seen.has(digest)) planted.get('twin')?.add(id);
      seen.add(digest);
      const { data } = await decodeImage(bytes).catch(() => ({ data: Uint8Array.of(0, 1) }));
      if (Number(id) < 2000 && data.every((value, i) => value === data[i - (i % 3)])) planted.get('greyscale')?.add(id);
    }
  }, 120_000);

  test.each(kindNames)('%s: finds 19 of 20 and more, and few others', (kind) => {
    const found = inspection.issues.filter((issue) => issue.kind === kind).map(({ item }) => item.id);
    const truth = planted.get(kind) ?? new Set();
    const hits = found.filter((id) => truth.has(id)).length;
    expect({ kind, recall: hits / truth.size, precision: hits / found.length }).toEqual({
      kind,
      recall: expect.toSatisfy((share: number) => share >= 0.95),
      precision: expect.toSatisfy((share: number) => share >= 0.9),
    });
  });
});
