import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp, { type Color } from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkImage, decodeImage, sizeOfImage } from '../../src/image/codec.js';
import { encodeJpeg } from '../../src/image/encode.js';
import { pixelRoom } from '../../src/image/limits.js';
import { cut } from '../../src/image/raw-image.js';
import { decodeSmallJpeg } from '../../src/image/turbo-jpeg.js';
import { messageOf } from '../../src/work/index.js';
import { dataset } from '../dataset.js';

const colour = { r: 192, g: 64, b: 32 };
const flat = (background: Color, channels: 3 | 4 = 3) =>
  sharp({ create: { width: 6, height: 8, channels, background } });
const distance = (a: number[], b: number[]) => Math.max(...a.map((level, i) => Math.abs(level - (b[i] ?? NaN))));

/** As PNG has it; zlib has none in Node 20. */
const crc32 = (bytes: Uint8Array): number => {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};

/** Of two images, on average. */
const distanceOf = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, level, i) => sum + Math.abs(level - (b[i] ?? NaN)), 0) / a.length;
const reference = (data: Uint8Array, width: number, height: number) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 100 })
    .toBuffer();

/** A TIFF of 6x8 pixels that have these inks, without compression and profile. */
function cmykTiff(inks: readonly number[]): Buffer {
  const pixels = Buffer.concat(Array(48).fill(Buffer.from(inks)));
  const tags = [
    [256, 3, 1, 6],
    [257, 3, 1, 8],
    [258, 3, 4, 8 + pixels.length],
    [259, 3, 1, 1],
    [262, 3, 1, 5],
    [273, 4, 1, 8],
    [277, 3, 1, 4],
    [278, 3, 1, 8],
    [279, 4, 1, pixels.length],
  ] as const;
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(8 + pixels.length + 8, 4);
  const bits = Buffer.from(Uint16Array.of(8, 8, 8, 8).buffer);
  const directory = Buffer.alloc(2 + 12 * tags.length + 4);
  directory.writeUInt16LE(tags.length);
  for (const [i, [tag, type, count, value]] of tags.entries()) {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(count, 6 + 12 * i);
    if (type === 3 && count === 1) directory.writeUInt16LE(value, 10 + 12 * i);
    else directory.writeUInt32LE(value, 10 + 12 * i);
  }
  return Buffer.concat([head, pixels, bits, directory]);
}

describe('decodeImage', () => {
  const kinds: [kind: string, make: () => Promise<Buffer>, expected: number[], tolerance?: number][] = [
    ['a JPEG', () => flat(colour).jpeg().toBuffer(), [192, 64, 32]],
    [
      'a greyscale JPEG of one component',
      () => flat('#808080').toColourspace('b-w').jpeg().toBuffer(),
      [128, 128, 128],
    ],
    // To the inks of the profile and back is not exact; taking inks for light would be off by 100 and more.
    [
      'a CMYK JPEG with its profile',
      () => flat('#609080').toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer(),
      [96, 144, 128],
      12,
    ],
    ['CMYK without a profile', async () => cmykTiff([159, 111, 127, 0]), [96, 144, 128]],
    ['CMYK without a profile, with black', async () => cmykTiff([0, 51, 255, 102]), [153, 122, 0]],
    ['a PNG of 16 bits a channel', () => flat(colour).toColourspace('rgb16').png().toBuffer(), [192, 64, 32]],
    ['a grey PNG of 16 bits', () => flat('#808080').toColourspace('grey16').png().toBuffer(), [128, 128, 128]],
    ['a PNG half transparent', () => flat({ r: 255, g: 0, b: 0, alpha: 0.5 }, 4).png().toBuffer(), [255, 127, 127]],
    [
      'a PNG half transparent, of 16 bits',
      () => flat({ r: 255, g: 0, b: 0, alpha: 0.5 }, 4).toColourspace('rgb16').png().toBuffer(),
      [255, 127, 127],
    ],
    [
      'a transparent grey PNG',
      () => flat({ r: 0, g: 0, b: 0, alpha: 0 }, 4).toColourspace('b-w').png().toBuffer(),
      [255, 255, 255],
    ],
    [
      'a JPEG with a profile of wider colours',
      () => flat(colour).withIccProfile('p3').jpeg().toBuffer(),
      [192, 64, 32],
    ],
    ['a WebP', () => flat(colour).webp({ lossless: true }).toBuffer(), [192, 64, 32]],
    ['a GIF', () => flat(colour).gif().toBuffer(), [192, 64, 32]],
  ];

  it.each(kinds)('gives three channels of 8 bits for %s', async (_kind, make, expected, tolerance = 2) => {
    const image = await decodeImage(await make());
    expect([image.width, image.height, image.data.length]).toEqual([6, 8, 6 * 8 * 3]);
    expect(distance([...image.data.subarray(0, 3)], expected)).toBeLessThanOrEqual(tolerance);
  });

  it('makes fixtures of the kinds that they claim', async () => {
    const facts = await Promise.all(kinds.slice(1, 6).map(async ([, make]) => sharp(await make()).metadata()));
    expect(facts.map(({ space, channels, depth }) => [space, channels, depth])).toEqual([
      ['b-w', 1, 'uchar'],
      ['cmyk', 4, 'uchar'],
      ['cmyk', 4, 'uchar'],
      ['cmyk', 4, 'uchar'],
      ['rgb16', 3, 'ushort'],
    ]);
  });

  it.each([
    [3, 1],
    [6, 2],
    [8, 0],
  ])('turns an image of EXIF orientation %i upright', async (orientation, corner) => {
    // Stored: a black upper left quarter of 32x16 on white. Upright, it lies in another corner.
    const black = await sharp({ create: { width: 16, height: 8, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    const stored = await sharp({ create: { width: 32, height: 16, channels: 3, background: '#fff' } })
      .composite([{ input: black, left: 0, top: 0 }])
      .jpeg()
      .withMetadata({ orientation })
      .toBuffer();
    const { data, width, height } = await decodeImage(stored);
    expect([width, height]).toEqual(orientation === 3 ? [32, 16] : [16, 32]);
    const level = (x: number, y: number) => data[(y * width + x) * 3] ?? NaN;
    const corners = [level(1, height - 2), level(width - 2, height - 2), level(width - 2, 1), level(1, 1)];
    expect(corners.map((grey) => grey < 128)).toEqual([0, 1, 2, 3].map((i) => i === corner));
  });

  it('fails clearly for what is empty, truncated or no image', async () => {
    const jpeg = await flat(colour).jpeg().toBuffer();
    const png = await flat(colour).png().toBuffer();
    for (const bytes of [jpeg.subarray(0, 10), jpeg.subarray(0, 200), png.subarray(0, -20), Buffer.from('<html>')]) {
      const failure = {
        code: 'image.unreadable',
        message: expect.stringMatching(new RegExp(`^The image \\(${bytes.length} bytes\\) cannot be decoded: [^\n]+$`)),
      };
      await expect(decodeImage(bytes)).rejects.toMatchObject(failure);
    }
    await expect(decodeImage(Buffer.alloc(0))).rejects.toMatchObject({
      code: 'image.unreadable',
      message: expect.stringContaining('empty'),
    });
  });

  it('refuses an image that claims absurd dimensions, without making room for it', async () => {
    const png = Buffer.from(await flat(colour).png().toBuffer());
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    await expect(decodeImage(png)).rejects.toMatchObject({ code: 'image.tooLarge' });
  });

  it('decodes small plain JPEGs to the pixels that sharp gives, of whatever quality and kind', async () => {
    const size = { width: 37, height: 53 };
    const data = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => (i * i * 7919) % 256);
    const noise = sharp(data, { raw: { ...size, channels: 3 } });
    for (const quality of [1, 50, 95, 100]) {
      for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
        for (const progressive of [false, true]) {
          const jpeg = await noise.clone().jpeg({ quality, chromaSubsampling, progressive }).toBuffer();
          const expected = { ...size, data: new Uint8Array(await sharp(jpeg).raw().toBuffer()) };
          expect(await decodeSmallJpeg(jpeg)).toEqual(expected);
        }
      }
    }
  });

  it.each([
    [20, 30],
    [900, 1200],
  ])('brings an image of %ix%i to a size as it is decoded, and cuts before that', async (width, height) => {
    const smooth = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) =>
        128 + 60 * Math.sin((5 * (i % (width * 3))) / (width * 3)) + 60 * Math.cos((7 * i) / (width * height * 3)),
    );
    const jpeg = await encodeJpeg({ data: smooth, width, height });
    const whole = await decodeImage(jpeg);
    const regions = [undefined, { x: 3, y: 5, width: width / 2, height: height / 2 }];
    for (const region of regions) {
      const { data, ...cropped } = region ? cut(whole, region) : whole;
      for (const size of [{ width: 60, height: 80 }, { width: 33, height: 17 }, cropped]) {
        const expected = await sharp(data, { raw: { ...cropped, channels: 3 } })
          .resize({ ...size, fit: 'fill' })
          .raw()
          .toBuffer();
        const image = await decodeImage(jpeg, { size, ...(region && { region }) });
        expect([image.width, image.height, image.data.length]).toEqual([
          size.width,
          size.height,
          size.width * size.height * 3,
        ]);
        expect(distanceOf(image.data, expected)).toBeLessThan(1);
      }
    }
  });

  it('refuses a region that is no part of the image, and a size that there is not', async () => {
    for (const image of [await flat(colour).jpeg().toBuffer(), await flat(colour).png().toBuffer()]) {
      for (const change of [{ x: 3 }, { y: -1 }, { width: 0 }, { height: 9 }, { x: 0.5 }]) {
        const region = { x: 2, y: 2, width: 4, height: 6, ...change };
        await expect(decodeImage(image, { region })).rejects.toMatchObject({ code: 'image.badRegion', value: region });
      }
      const size = { width: 0, height: 80 };
      await expect(decodeImage(image, { size })).rejects.toMatchObject({ code: 'image.badSize', value: size });
    }
  });

  it('leaves to sharp what says how its pixels are to be read, and what is large', async () => {
    const upright = flat(colour).jpeg();
    expect(await decodeSmallJpeg(await upright.toBuffer())).toMatchObject({ width: 6, height: 8 });
    for (const special of [
      upright.clone().withMetadata({ orientation: 6 }),
      upright.clone().withIccProfile('p3'),
      flat(colour).toColourspace('cmyk').jpeg(),
      flat(colour).toColourspace('b-w').jpeg(),
      flat(colour).resize(500, 500).jpeg(),
      flat(colour).png(),
    ]) {
      expect(await decodeSmallJpeg(await special.toBuffer())).toBeUndefined();
    }
  });

  it('still decodes after thousands of broken images', async () => {
    const jpeg = await flat(colour).jpeg().toBuffer();
    for (let i = 0; i < 9000; i++) expect(await decodeSmallJpeg(jpeg.subarray(0, -2 - (i % 9)))).toBeUndefined();
    expect(await decodeSmallJpeg(jpeg)).toMatchObject({ width: 6, height: 8 });
  });

  it.skipIf(!dataset)('decodes the real images, each to the pixels that it has', async () => {
    const folder = path.join(dataset ?? '', 'images');
    const files = (await readdir(folder)).filter((_, i) => i % 40 === 0);
    for (const file of files) {
      const bytes = await readFile(path.join(folder, file));
      const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
      const image = await decodeImage(bytes);
      expect([image.width, image.height]).toEqual([info.width, info.height]);
      expect(data.equals(image.data)).toBe(true);
    }
    expect(files.length).toBeGreaterThan(0);
  });
});

describe('encodeJpeg', () => {
  it('gives a JPEG of the size and the colours of the image', async () => {
    const jpeg = await encodeJpeg(await decodeImage(await flat(colour).png().toBuffer()));
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 6, height: 8, channels: 3 });
    expect(distance([...(await decodeImage(jpeg)).data.subarray(0, 3)], [192, 64, 32])).toBeLessThanOrEqual(2);
  });

  it.each([
    [1, 1],
    [5, 3],
    [16, 16],
    [60, 80],
    [1, 25_000],
    [158, 158],
    [300, 300],
  ])('gives a whole JPEG of %ix%i pixels at any quality, of noise too', async (width, height) => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256);
    for (const quality of [1, 50, 100]) {
      const jpeg = await encodeJpeg({ data, width, height }, quality);
      const { data: pixels, info } = await sharp(jpeg, { failOn: 'warning' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height, pixels.length]).toEqual([width, height, data.length]);
      if (quality === 100)
        expect(
          distanceOf(
            pixels,
            await sharp(await reference(data, width, height))
              .raw()
              .toBuffer(),
          ),
        ).toBeLessThan(1);
    }
  });

  it.each([0, 101, 50.5, NaN])('refuses a quality of %d', async (quality) => {
    const refusal = { code: 'image.badQuality', value: quality };
    for (const side of [8, 300])
      await expect(
        encodeJpeg({ data: new Uint8Array(side * side * 3), width: side, height: side }, quality),
      ).rejects.toMatchObject(refusal);
  });

  it('gives more bytes for a higher quality', async () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    const [low, high] = await Promise.all(
      [30, 95].map((quality) => encodeJpeg({ data, width: 64, height: 64 }, quality)),
    );
    expect(low?.length).toBeLessThan(high?.length ?? 0);
  });
});

describe('where an image ends', () => {
  const noise = (width: number, height: number) =>
    sharp(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256),
      { raw: { width, height, channels: 3 } },
    );
  const zeros = Buffer.alloc(5000);
  const end = Buffer.from([0xff, 0xd9]);
  /** A whole JPEG inside an EXIF segment, as cameras put a thumbnail there. */
  const withThumbnail = (jpeg: Buffer, thumbnail: Buffer) => {
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(thumbnail.length + 2, 2);
    return Buffer.concat([jpeg.subarray(0, 2), head, thumbnail, jpeg.subarray(2)]);
  };

  it.each([
    [60, 80, false],
    [400, 300, false],
    [400, 300, true],
  ])('is decided by its pixels (%ix%i, progressive: %s)', async (width, height, progressive) => {
    const jpeg = await noise(width, height).jpeg({ progressive }).toBuffer();
    const thumbnail = await noise(16, 16).jpeg().toBuffer();
    const right = await decodeImage(jpeg);
    const video = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42', 'latin1'), Buffer.alloc(9000, 'video')]);
    const whole = {
      'data behind it': Buffer.concat([jpeg, video]),
      'zeros behind it': Buffer.concat([jpeg, zeros]),
      'a second image behind it': Buffer.concat([jpeg, thumbnail]),
      'no end, but all its pixels': jpeg.subarray(0, -2),
      'a thumbnail': withThumbnail(jpeg, thumbnail),
    };
    for (const [what, bytes] of Object.entries(whole)) {
      await checkImage(bytes);
      expect({ what, same: Buffer.from(right.data).equals((await decodeImage(bytes)).data) }).toEqual({
        what,
        same: true,
      });
    }
    const half = jpeg.subarray(0, jpeg.length >> 1);
    const cutOff = {
      'half of it': half,
      'half of it, zeros for the rest': Buffer.concat([half, zeros]),
      'half of it, with a thumbnail': withThumbnail(half, thumbnail),
      'half of it, with an end put to it': Buffer.concat([half, end]),
      'all but some bytes': jpeg.subarray(0, -40),
    };
    for (const [what, bytes] of Object.entries(cutOff))
      for (const read of [checkImage, decodeImage])
        expect({ what, message: await read(bytes).catch(messageOf) }).toEqual({
          what,
          message: expect.stringMatching(/^The image \(\d+ bytes\) cannot be decoded: it is cut off\. Fetch it again/),
        });
  });
});

describe('what is no image', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"';

  it.each([
    ['<!DOCTYPE html><html>', /it is a web page.*its own address/],
    [`${svg} width="9" height="9"><rect width="9" height="9"/></svg>`, /it is an SVG.*Export it as PNG or JPEG/],
    [`\xef\xbb\xbf<?xml version="1.0"?>\n<!-- ${'x'.repeat(300)} -->\n${svg}/>`, /it is an SVG/],
    [`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "">${svg}/>`, /it is an SVG/],
    [`\xff\xfe${Buffer.from(`${svg}/>`, 'utf16le').toString('latin1')}`, /no image of a kind/],
    [gzipSync(`${svg} width="9" height="9"/>`).toString('latin1'), /it is an archive/],
    ['<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>', /error message of a server/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:abc', /pointer of Git LFS.*git lfs pull/],
    ['BM and more', /it is a BMP of a kind.*Convert it to PNG/],
    ['\0\0\0\x18ftypheic\0', /it is a HEIC.*Convert it to JPEG/],
    ['\0\0\0\x18ftypmp42\0', /it is a video/],
    ['%PDF-1.7', /it is a document/],
    ['PK\x03\x04', /it is an archive\. Unpack it/],
    ['\0'.repeat(400), /it has zeros instead of an image\. Fetch it again/],
    ['just a text', /no image of a kind that the kit reads .*Convert it/],
  ])('(%j) is told what it is, and what to do', async (text, message) => {
    const bytes = Buffer.from(text, 'latin1');
    const unreadable = { code: 'image.unreadable', message: expect.stringMatching(message) };
    await expect(decodeImage(bytes)).rejects.toMatchObject(unreadable);
    await expect(checkImage(bytes)).rejects.toMatchObject(unreadable);
    await expect(sizeOfImage(bytes)).rejects.toMatchObject({ code: 'image.unreadable' });
  });

  it('but a plain BMP is one', async () => {
    const [width, height] = [5, 3];
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => i * 5);
    for (const bits of [24, 32]) {
      const stride = Math.ceil((width * bits) / 32) * 4;
      const bmp = Buffer.alloc(54 + stride * height);
      bmp.write('BM');
      for (const [at, value] of [
        [10, 54],
        [14, 40],
        [18, width],
        [22, height],
        [28, bits],
      ] as const)
        bmp.writeInt32LE(value, at);
      bmp.writeUInt16LE(1, 26);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let channel = 0; channel < 3; channel++)
            bmp[54 + (height - 1 - y) * stride + (x * bits) / 8 + 2 - channel] =
              rgb[(y * width + x) * 3 + channel] ?? 0;
      expect(await decodeImage(bmp)).toEqual({ width, height, data: Buffer.from(rgb) });
      expect(await decodeImage(bmp, { region: { x: 1, y: 1, width: 2, height: 1 } })).toMatchObject({
        width: 2,
        height: 1,
      });
      await expect(decodeImage(bmp.subarray(0, -3))).rejects.toMatchObject({ code: 'image.unreadable' });
    }
  });
});

describe('the limit of pixels', () => {
  const claiming = async (width: number, height: number) => {
    const png = Buffer.from(await flat(colour).png().toBuffer());
    png.writeUInt32BE(width, 16);
    png.writeUInt32BE(height, 20);
    // Its checksum is part of what a decoder looks at.
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return Buffer.concat([png, Buffer.alloc(20_000)]);
  };

  it('is named with the size, by whatever reads the image', async () => {
    const png = await claiming(20_000, 15_000);
    for (const read of [decodeImage, checkImage, sizeOfImage])
      await expect(read(png)).rejects.toMatchObject({
        code: 'image.tooLarge',
        message: expect.stringMatching(/20000x15000 pixels, 300 megapixels; the kit takes up to 100 megapixels/),
      });
    await expect(
      decodeImage(await flat(colour).png().toBuffer(), { size: { width: 16_000, height: 16_000 } }),
    ).rejects.toMatchObject({ code: 'image.tooLarge' });
  });

  it('bounds what is worked on at a time, in the order of asking', async () => {
    const room = pixelRoom();
    let [now, most] = [0, 0];
    const begun: number[] = [];
    const sizes = [60e6, 30e6, 50e6, 1e6, 100e6, 10e6];
    await Promise.all(
      sizes.map((pixels, i) =>
        room(pixels, async () => {
          begun.push(i);
          now += pixels;
          most = Math.max(most, now);
          await new Promise(setImmediate);
          now -= pixels;
        }),
      ),
    );
    expect(begun).toEqual([...sizes.keys()]);
    expect(most).toBeLessThanOrEqual(100e6);
  });
});
