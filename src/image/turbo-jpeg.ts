import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Codec, JPEGDecoder, JPEGEncoder } from '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs';
import type { RawImage, Size } from './raw-image.js';

/**
 * Up to so many pixels, libjpeg-turbo in WebAssembly on this thread is faster than sharp, which decodes natively on a
 * thread of its own: passing an image of 60x80 there and back takes longer than decoding it ten times.
 */
const smallPixels = 25_000;

const isSmall = ({ width, height }: Size): boolean => width * height <= smallPixels;

let decoder: Promise<JPEGDecoder> | undefined;
let encoder: Promise<JPEGEncoder> | undefined;
/**
 * JPEGs that did not decode. Each leaves part of the decoder's stack allocated; after about 4,000 the stack is used up,
 * so the decoder is replaced after every 100.
 */
let failures = 0;
let binary: Promise<Buffer> | undefined;

/**
 * Decodes a small, plain JPEG to the same pixels as sharp. Returns undefined for any other image, and where
 * libjpeg-turbo reports an error or a warning.
 */
export async function decodeSmallJpeg(bytes: Uint8Array): Promise<RawImage | undefined> {
  const size = plainSize(bytes);
  if (size === undefined || !isSmall(size)) return undefined;
  const current = await (decoder ??= instance().then(({ JPEGDecoder }) => new JPEGDecoder()));
  try {
    current.getEncodedBuffer(bytes.length).set(bytes);
    current.decode();
    return { data: new Uint8Array(current.getDecodedBuffer()), ...size };
  } catch (reason) {
    // libjpeg-turbo throws a number about the image; an Error means that the decoder itself is broken.
    if (++failures % 100 === 0 || reason instanceof Error) decoder = undefined;
    return undefined;
  }
}

/** Whether libjpeg-turbo decodes a JPEG of any size without an error or a warning, such as that data end too early. */
export async function decodesWhole(bytes: Uint8Array): Promise<boolean> {
  // A decoder of its own: one keeps the memory of the largest image that it ever had.
  const { JPEGDecoder } = await instance();
  const own = new JPEGDecoder();
  try {
    own.getEncodedBuffer(bytes.length).set(bytes);
    own.decode();
    return true;
  } catch {
    return false;
  }
}

/**
 * Encodes a small image as JPEG, `quality` from 1 to 100. Returns undefined for a larger image, and for one so tiny
 * that its JPEG has more bytes than its pixels.
 */
export async function encodeSmallJpeg(image: RawImage, quality: number): Promise<Buffer | undefined> {
  if (!isSmall(image)) return undefined;
  const jpeg = encode(await (encoder ??= roomyEncoder()), image, quality);
  // Bytes beyond the size of the pixels come back as zeros.
  return jpeg.length <= image.data.length ? jpeg : undefined;
}

/**
 * An encoder with a large output buffer. The buffer has the size of the pixels, but libjpeg-turbo may write as much as
 * the worst JPEG takes; the encoder keeps the largest buffer that it ever had, so it encodes a large image first.
 */
async function roomyEncoder(): Promise<JPEGEncoder> {
  const { JPEGEncoder } = await instance();
  const roomy = new JPEGEncoder();
  roomy.setProgressive(false);
  roomy.setSubSampling(2);
  const side = 512;
  encode(roomy, { data: new Uint8Array(side * side * 3), width: side, height: side }, 1);
  return roomy;
}

function encode(encoder: JPEGEncoder, { data, width, height }: RawImage, quality: number): Buffer {
  encoder.setQuality(quality);
  encoder.getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: 3, isSigned: false }).set(data);
  encoder.encode();
  return Buffer.from(encoder.getEncodedBuffer());
}

async function instance(): Promise<Codec> {
  binary ??= readFile(createRequire(import.meta.url).resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/wasm'));
  const { default: create } = await import('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs');
  return create({ wasmBinary: await binary });
}

const restartInterval = 0xdd;
const comment = 0xfe;
const jfif = 0xe0;
const huffmanTables = 0xc4;
const quantisationTables = 0xdb;
const baseline = 0xc0;
const progressive = 0xc2;
const scan = 0xda;
const harmless = [restartInterval, comment, jfif, huffmanTables, quantisationTables];

const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * A JPEG that lacks its end, with an end in the place of zeros that may fill it up: it may have all its pixels, or be
 * cut off. Undefined for a JPEG that has an end, be there other data behind it or not, and for other files.
 */
export function ended(bytes: Uint8Array): Uint8Array | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < 4 || data.readUInt16BE(0) !== 0xffd8) return undefined;
  // The walk passes over the thumbnail in an EXIF segment, which has an end of its own.
  let at = 2;
  while (at + 4 <= data.length && data[at] === 0xff && data[at + 1] !== scan) at += 2 + data.readUInt16BE(at + 2);
  if (data.lastIndexOf(endOfImage) > at) return undefined;
  let end = data.length;
  while (end > at && data[end - 1] === 0) end--;
  return Buffer.concat([data.subarray(0, end), endOfImage]);
}

/**
 * The size in pixels of a plain JPEG: three channels of 8 bits, read by its markers before the first scan. Undefined
 * where a marker changes what the pixels mean: an orientation (EXIF), a colour profile (ICC), other colours (Adobe).
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
 */
export function plainSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  let size: Size | undefined;
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    if (marker === scan) return size;
    if (marker === baseline || marker === progressive) {
      if (view.getUint8(at + 4) !== 8 || view.getUint8(at + 9) !== 3) return undefined;
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else if (!harmless.includes(marker)) return undefined;
  }
  return undefined;
}
