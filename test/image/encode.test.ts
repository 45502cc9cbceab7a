import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/image/codec.js';
import { checkEncoding, encodeImage } from '../../src/image/encode.js';
import { formatOf, imageFormats } from '../../src/image/formats.js';

const noise = { width: 40, height: 30, data: Uint8Array.from({ length: 3600 }, (_, i) => (i * 7919) % 256) };

describe('an image that is made', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('is a %s where that is asked for, the same each time', async (format) => {
    const bytes = await encodeImage(noise, { format });
    expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 40, height: 30 });
    expect(formatOf(bytes)).toBe(imageFormats[format]);
    expect(bytes.equals(await encodeImage(noise, { format }))).toBe(true);
  });

  it('loses nothing as a PNG, and is smaller at a lower quality', async () => {
    expect([...(await decodeImage(await encodeImage(noise, { format: 'png' }))).data]).toEqual([...noise.data]);
    for (const format of ['jpeg', 'webp'] as const) {
      const sizes = [90, 30].map(async (quality) => (await encodeImage(noise, { format, quality })).length);
      const [fine = 0, coarse = 0] = await Promise.all(sizes);
      expect(coarse).toBeLessThan(fine);
    }
  });

  it('is a JPEG of quality 90 where nothing is said', () => {
    expect(checkEncoding({})).toEqual({ format: 'jpeg', quality: 90 });
    expect(checkEncoding({ format: 'png' })).toEqual({ format: 'png', quality: 100 });
  });

  it.each([
    [{ format: 'gif' as 'png' }, 'image.badFormat', "Images are made as jpeg, png, webp, not as 'gif'."],
    [{ format: 'png', quality: 80 }, 'image.badQuality', 'A PNG loses nothing, so it has no quality 80'],
    [{ format: 'webp', quality: 0 }, 'image.badQuality', 'The WebP quality is 0; give a whole number from 1 to 100.'],
    [{ quality: 1.5 }, 'image.badQuality', 'The JPEG quality is 1.5; give a whole number from 1 to 100.'],
  ] as const)('cannot be %j', (options, code, message) => {
    expect(() => checkEncoding(options)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe('a format', () => {
  it.each(Object.entries(imageFormats))('%s is known by its bytes', async (name, format) => {
    const image = sharp(noise.data, { raw: { width: 40, height: 30, channels: 3 } });
    expect(formatOf(await image.toFormat(name as 'png').toBuffer())).toBe(format);
  });

  it.each(['', 'BM', '<svg', 'RIFF\0\0\0\0WAVE', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'II\0\0'])(
    'is none of %j',
    (text) => expect(formatOf(Buffer.from(text, 'latin1'))).toBeUndefined(),
  );

  it('is AVIF also where a more general kind comes first', () => {
    expect(formatOf(Buffer.from('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', 'latin1'))).toBe(imageFormats.avif);
  });
});
