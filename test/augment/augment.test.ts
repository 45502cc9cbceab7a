import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pMap from 'p-map';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import * as augment from '../../src/augment/index.js';
import { augmentImage, randomCrop, replay, resize } from '../../src/augment/index.js';
import { decodeImage, sizeOfImage } from '../../src/image/codec.js';
import { encodeJpeg } from '../../src/image/encode.js';
import { dataset } from '../dataset.js';
import { speckled } from './pictures.js';

const query4 = [randomCrop(50, 70), resize(256, 256)];
const everything = [
  augment.oneOf([augment.gaussianBlur(), augment.gaussianNoise(), augment.jpegCompression()]),
  augment.someOf(3, [
    augment.horizontalFlip(),
    augment.rotate({ limit: 20 }),
    augment.affine({ shear: 10 }),
    augment.brightnessContrast(),
    augment.hueSaturation(),
  ]),
  augment.coarseDropout({ p: 0.5 }),
  ...query4,
];
const bytes = await encodeJpeg(speckled(60, 80));

describe('augmentImage', () => {
  it('gives a JPEG of the last size, with what was done', async () => {
    const { data, width, height, applied } = await augmentImage(bytes, query4, { seed: 7, id: 1 });
    expect(await sharp(data).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 256 });
    expect({ width, height }).toEqual({ width: 256, height: 256 });
    expect(applied).toEqual([
      { name: 'randomCrop', x: expect.any(Number), y: expect.any(Number), width: 50, height: 70 },
      { name: 'resize', width: 256, height: 256, kernel: 'bilinear' },
    ]);
  });

  it('gives the same bytes for the same call, whatever the order and the concurrency', async () => {
    const ids = Array.from({ length: 24 }, (_, id) => id);
    const augmented = (order: number[], concurrency: number) =>
      pMap(
        order,
        async (id) => [id, (await augmentImage(bytes, everything, { seed: 7, id })).data.toString('base64')] as const,
        { concurrency },
      );
    const forwards = new Map(await augmented(ids, 1));
    expect(new Map(await augmented([...ids].reverse(), 8))).toEqual(forwards);
    expect(new Set(forwards.values()).size).toBe(ids.length);
  });

  it('gives the same bytes for an image decoded already, and leaves it as it is', async () => {
    const decoded = await decodeImage(bytes);
    for (const variant of [0, 1, 2]) {
      const options = { seed: 7, id: 1, variant };
      expect(await augmentImage(decoded, everything, options)).toEqual(await augmentImage(bytes, everything, options));
    }
    expect(decoded).toEqual(await decodeImage(bytes));
  });

  it('decodes a crop alone to the pixels that it has of a whole photograph, upright and of any format', async () => {
    const { data, ...size } = speckled(300, 200);
    const photograph = sharp(data, { raw: { ...size, channels: 3 } });
    const kinds = {
      jpeg: photograph.clone().jpeg(),
      progressive: photograph.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
      ...Object.fromEntries(
        [3, 6, 8].map((orientation) => [
          `orientation ${orientation}`,
          photograph.clone().jpeg().withMetadata({ orientation }),
        ]),
      ),
      grey: photograph.clone().toColourspace('b-w').jpeg(),
      png: photograph.clone().png(),
      webp: photograph.clone().webp(),
    };
    for (const [kind, image] of Object.entries(kinds)) {
      const encoded = await image.toBuffer();
      const decoded = await decodeImage(encoded);
      expect(await sizeOfImage(encoded), kind).toEqual({ width: decoded.width, height: decoded.height });
      for (const id of [1, 2, 3]) {
        for (const crop of [randomCrop(50, 70), augment.centerCrop(51, 33)]) {
          const chain = [crop, resize(256, 256)];
          const ofWhole = await augmentImage(decoded, chain, { seed: 7, id });
          expect(await augmentImage(encoded, chain, { seed: 7, id }), kind).toEqual(ofWhole);
          expect(await replay(encoded, ofWhole.applied), kind).toEqual(ofWhole);
        }
      }
    }
  });

  it('gives other pixels for another seed, id or variant', async () => {
    const calls = [
      { seed: 7, id: 1 },
      { seed: 8, id: 1 },
      { seed: 7, id: 2 },
      { seed: 7, id: 1, variant: 1 },
    ];
    const results = await Promise.all(calls.map((call) => augmentImage(bytes, everything, call)));
    expect(new Set(results.map(({ data }) => data.toString('base64'))).size).toBe(calls.length);
    const [first] = results;
    expect(await augmentImage(bytes, everything, { seed: 7, id: 1, variant: 0 })).toEqual(first);
  });

  it('is replayed byte for byte from its record as JSON', async () => {
    for (let id = 0; id < 20; id++) {
      const augmented = await augmentImage(bytes, everything, { seed: 3, id, quality: 80 });
      expect(await replay(bytes, JSON.parse(JSON.stringify(augmented.applied)), { quality: 80 })).toEqual(augmented);
    }
  });

  it('fails for an image smaller than the crop and for one that is no image', async () => {
    const small = await encodeJpeg(speckled(40, 80));
    await expect(augmentImage(small, query4, { seed: 1, id: 1 })).rejects.toMatchObject({
      code: 'augment.imageTooSmall',
      message: expect.stringMatching(/40x80.*50x70/),
    });
    await expect(replay(small, [{ name: 'randomCrop', x: 0, y: 0, width: 50, height: 70 }])).rejects.toMatchObject({
      code: 'augment.imageTooSmall',
    });
    await expect(augmentImage(small, [augment.pad(50, 70), ...query4], { seed: 1, id: 1 })).resolves.toMatchObject({
      width: 256,
    });
    await expect(augmentImage(Buffer.from('no'), query4, { seed: 1, id: 1 })).rejects.toMatchObject({
      code: 'image.unreadable',
    });
  });

  it('takes greyscale, CMYK, transparent and EXIF-rotated images', async () => {
    const upright = sharp({ create: { width: 60, height: 80, channels: 3, background: '#c04020' } });
    const lying = sharp({ create: { width: 80, height: 60, channels: 3, background: '#c04020' } });
    const inputs = [
      upright.clone().toColourspace('b-w').jpeg(),
      upright.clone().toColourspace('cmyk').jpeg(),
      upright.clone().ensureAlpha(0.5).png(),
      lying.jpeg().withMetadata({ orientation: 6 }),
    ];
    for (const input of inputs)
      expect(await augmentImage(await input.toBuffer(), query4, { seed: 1, id: 1 })).toMatchObject({
        width: 256,
        height: 256,
      });
  });
});

describe.skipIf(!dataset)('on real images', async () => {
  const folder = path.join(dataset ?? '', 'images');
  const files = dataset === undefined ? [] : (await readdir(folder)).filter((_, i) => i % 4000 === 0);

  it.each(files)('query 4 cuts the recorded rectangle out of %s, and is replayed byte for byte', async (file) => {
    const original = await readFile(path.join(folder, file));
    const augmented = await augmentImage(original, query4, { seed: 7, id: file });
    const [crop] = augmented.applied;
    const cut = await augment.applyTransforms(await decodeImage(original), augmented.applied.slice(0, 1));
    const expected = await sharp(original)
      .extract({ left: Number(crop?.x), top: Number(crop?.y), width: 50, height: 70 })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    expect(expected.equals(cut.data)).toBe(true);
    expect(await sharp(augmented.data).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 256 });
    expect(await replay(original, JSON.parse(JSON.stringify(augmented.applied)))).toEqual(augmented);
  });

  it.each(files)('the longest chain is replayed byte for byte on %s', async (file) => {
    const original = await readFile(path.join(folder, file));
    const augmented = await augmentImage(original, everything, { seed: 7, id: file });
    expect(await replay(original, augmented.applied)).toEqual(augmented);
  });
});
