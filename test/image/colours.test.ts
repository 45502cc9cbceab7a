import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/image/codec.js';

const colours = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [128, 128, 128],
  [240, 220, 40],
  [10, 10, 10],
];
const greys = [10, 60, 100, 128, 200, 250];

// What Pillow makes of these, by ImageCms.profileToProfile(image, profile, sRGB, perceptual).
const fromAdobe = [
  [233, 24, 24],
  [0, 201, 0],
  [24, 24, 205],
  [129, 129, 129],
  [248, 221, 0],
  [3, 3, 3],
];
const fromGamma18 = [10, 77, 119, 146, 210, 251];

const s15 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65_536));
  return bytes;
};
const word = (value: number, bytes: 2 | 4) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const text = (latin1: string) => Buffer.from(latin1, 'latin1');
const xyz = (...values: number[]) => Buffer.concat([text('XYZ \0\0\0\0'), ...values.map(s15)]);
const gamma = (value: number) =>
  Buffer.concat([text('curv\0\0\0\0'), word(1, 4), word(Math.round(value * 256), 2), Buffer.alloc(2)]);

/** A colour profile of version 2. @see https://www.color.org/specification/ICC.2-2023.pdf */
function profile(space: 'RGB ' | 'GRAY', tags: Record<string, Buffer>): Buffer {
  const all = Object.entries({ wtpt: xyz(0.9642, 1, 0.8249), ...tags });
  const table: Buffer[] = [];
  let data = Buffer.alloc(0);
  for (const [name, tag] of all) {
    table.push(text(name), word(132 + 12 * all.length + data.length, 4), word(tag.length, 4));
    data = Buffer.concat([data, tag]);
  }
  const body = Buffer.concat([word(all.length, 4), ...table, data]);
  const head = Buffer.alloc(128);
  head.writeUInt32BE(128 + body.length);
  head.writeUInt32BE(0x02400000, 8);
  head.write(`mntr${space}XYZ `, 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  Buffer.concat([s15(0.9642), s15(1), s15(0.8249)]).copy(head, 68);
  return Buffer.concat([head, body]);
}
const adobe = profile('RGB ', {
  rXYZ: xyz(0.60974, 0.31111, 0.01947),
  gXYZ: xyz(0.20528, 0.62567, 0.06087),
  bXYZ: xyz(0.14919, 0.06322, 0.74457),
  rTRC: gamma(2.199_218_75),
  gTRC: gamma(2.199_218_75),
  bTRC: gamma(2.199_218_75),
});
const gamma18 = profile('GRAY', { kTRC: gamma(1.8) });

/** A PNG of one row: `channels` is 1 (grey), 2 (with alpha), 3 (RGB) or 4. */
function png(pixels: readonly (readonly number[])[], bits: 8 | 16, icc?: Buffer): Buffer {
  const kind = { 1: 0, 2: 4, 3: 2, 4: 6 }[pixels[0]?.length ?? 3] ?? 2;
  const levels = pixels.flat().flatMap((level) => (bits === 16 ? [level, level] : [level]));
  const chunk = (name: string, data: Buffer) => {
    const named = Buffer.concat([text(name), data]);
    return Buffer.concat([word(data.length, 4), named, word(crc32(named), 4)]);
  };
  return Buffer.concat([
    text('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', Buffer.from([0, 0, 0, pixels.length, 0, 0, 0, 1, bits, kind, 0, 0, 0])),
    ...(icc ? [chunk('iCCP', Buffer.concat([text('x\0\0'), deflateSync(icc)]))] : []),
    chunk('IDAT', deflateSync(Buffer.from([0, ...levels]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
const opaque = (pixels: readonly (readonly number[])[]) => pixels.map((pixel) => [...pixel, 255]);
const grey = greys.map((level) => [level]);
const rgb = (levels: readonly number[]) => levels.map((level) => [level, level, level]);

/** The pixels of one row, and how far the nearest is from what is wanted. */
async function distance(bytes: Uint8Array, wanted: readonly (readonly number[])[]): Promise<number> {
  const { data, width } = await decodeImage(bytes);
  expect(width).toBe(wanted.length);
  return Math.max(...wanted.flat().map((level, i) => Math.abs(level - (data[i] ?? NaN))));
}

describe('colours', () => {
  it.each([
    ['Adobe RGB', png(colours, 8, adobe), fromAdobe],
    ['Adobe RGB with alpha', png(opaque(colours), 8, adobe), fromAdobe],
    ['Adobe RGB of 16 bits', png(colours, 16, adobe), fromAdobe],
    ['Adobe RGB of 16 bits with alpha', png(opaque(colours), 16, adobe), fromAdobe],
    ['grey of a gamma of its own', png(grey, 8, gamma18), rgb(fromGamma18)],
    ['grey of a gamma of its own, with alpha', png(opaque(grey), 8, gamma18), rgb(fromGamma18)],
    ['grey of a gamma of its own, of 16 bits', png(grey, 16, gamma18), rgb(fromGamma18)],
    ['grey of a gamma of its own, of 16 bits with alpha', png(opaque(grey), 16, gamma18), rgb(fromGamma18)],
    ['no profile', png(colours, 8), colours],
    ['16 bits', png(colours, 16), colours],
    ['grey of 16 bits', png(grey, 16), rgb(greys)],
    [
      'grey, half transparent',
      png(
        grey.map((one) => [...one, 128]),
        8,
      ),
      rgb([132, 157, 177, 191, 227, 252]),
    ],
  ])('of %s are those that an independent reader sees', async (_, bytes, wanted) => {
    expect(await distance(bytes, wanted)).toBeLessThanOrEqual(1);
  });

  it.each(['jpeg', 'webp', 'avif', 'tiff'] as const)('of Adobe RGB are the same in a %s', async (format) => {
    const wide = colours.flatMap((colour) => Array<number[]>(8).fill(colour));
    const large = sharp(png(wide, 8, adobe), { ignoreIcc: true }).keepIccProfile();
    const bytes = await large
      .toFormat(format, { quality: 100, chromaSubsampling: '4:4:4', lossless: format === 'webp' })
      .toBuffer();
    expect((await sharp(bytes).metadata()).icc).toBeDefined();
    const { data } = await decodeImage(bytes);
    for (const [i, wanted] of fromAdobe.entries()) {
      const at = (8 * i + 4) * 3;
      const off = wanted.map((level, channel) => Math.abs(level - (data[at + channel] ?? NaN)));
      expect(Math.max(...off), `${i}`).toBeLessThanOrEqual(4);
    }
  });

  it('of a part of an image, and of an image made smaller, are right as well', async () => {
    const bytes = png(colours, 16, adobe);
    const { data } = await decodeImage(bytes, { region: { x: 1, y: 0, width: 1, height: 1 } });
    expect([...data]).toEqual(fromAdobe[1]);
    const one = await decodeImage(png([[200, 30, 30]], 16, adobe), { size: { width: 3, height: 2 } });
    expect([...one.data.subarray(0, 3)]).toEqual(fromAdobe[0]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('lie upright where EXIF says %i, in every format', async (orientation) => {
    const corners = sharp(
      png(
        [
          [255, 0, 0],
          [0, 255, 0],
          [0, 0, 255],
        ],
        8,
      ),
    ).resize(24, 8, { kernel: 'nearest' });
    const upright = await decodeImage(
      await corners.clone().withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer(),
    );
    for (const format of ['png', 'webp', 'tiff', 'avif'] as const) {
      const bytes = await corners.clone().withMetadata({ orientation }).toFormat(format, { quality: 100 }).toBuffer();
      const { data, width, height } = await decodeImage(bytes);
      expect([width, height], format).toEqual([upright.width, upright.height]);
      expect([width, height], format).toEqual(orientation < 5 ? [24, 8] : [8, 24]);
      const far = data.reduce((sum, level, i) => sum + Math.abs(level - (upright.data[i] ?? NaN)), 0) / data.length;
      expect(far, format).toBeLessThan(12);
    }
  });
});
