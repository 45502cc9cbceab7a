import { deviation } from 'd3-array';
import { md5 } from '../../aws/index.js';
import { decodeImage, type RawImage, sizeOfImage } from '../../image/index.js';
import { messageOf, PipelineError } from '../../work/index.js';

/** What is measured of an image's pixels. Brightness and differences of it are from 0 to 1. */
export interface Measures {
  /** Pixels of the whole image. */
  width: number;
  height: number;
  /** The brightness that one pixel of a hundred is below, and the one that a hundredth is above. */
  low: number;
  high: number;
  /** How much the mean brightness of an image's parts, 8 by 8 of them, deviates: noise has none. */
  structure: number;
  /** How sharp the sharpest edges are: the largest second differences, as a share of the image's contrast. */
  sharpness: number;
  /** How far any colour is from grey: the difference of the largest and the smallest of its three channels. */
  chroma: number;
}

/** An image that was looked at: what is known of its bytes, and its measures or why there are none. */
export interface Looked {
  md5: string;
  measures?: Measures | undefined;
  reason?: string | undefined;
}

/** The longer side at which pixels are measured: about what a net sees, and where blur that matters is visible. */
const measuredSide = 256;

/** Looks at an encoded image. One that does not decode has a reason. */
export async function look(bytes: Uint8Array): Promise<Looked> {
  const digest = md5(bytes);
  try {
    const { width, height } = await sizeOfImage(bytes);
    const scale = measuredSide / Math.max(width, height);
    const side = (length: number) => Math.max(1, Math.round(scale * length));
    const small = scale < 1 ? { size: { width: side(width), height: side(height) } } : {};
    return { md5: digest, measures: { width, height, ...measuresOf(await decodeImage(bytes, small)) } };
  } catch (error) {
    if (!(error instanceof PipelineError && error.code.startsWith('image.'))) throw error;
    return { md5: digest, reason: messageOf(error) };
  }
}

/** Counts of brightness and of its second differences, used again for each image. */
const brightness = new Uint32Array(256);
const edges = new Uint32Array(1024);

/** Parts of an image, so many across and so many down, and the sums of their brightness. */
const parts = 8;
const sums = new Float64Array(parts * parts);

function measuresOf({ data, width, height }: RawImage): Omit<Measures, 'width' | 'height'> {
  const luma = new Uint8Array(width * height);
  brightness.fill(0);
  sums.fill(0);
  let chroma = 0;
  for (let y = 0, at = 0, pixel = 0; y < height; y++) {
    const row = Math.floor((y * parts) / height) * parts;
    for (let x = 0; x < width; x++, at += 3, pixel++) {
      const r = data[at] ?? 0;
      const g = data[at + 1] ?? 0;
      const b = data[at + 2] ?? 0;
      const grey = (77 * r + 150 * g + 29 * b) >> 8;
      luma[pixel] = grey;
      brightness[grey] = (brightness[grey] ?? 0) + 1;
      const difference = Math.max(r, g, b) - Math.min(r, g, b);
      if (difference > chroma) chroma = difference;
      const part = row + Math.floor((x * parts) / width);
      sums[part] = (sums[part] ?? 0) + grey;
    }
  }
  const low = percentile(brightness, width * height, 0.01);
  const high = percentile(brightness, width * height, 0.99);
  return {
    low: low / 255,
    high: high / 255,
    structure: structureOf(width, height) / 255,
    sharpness: edgeOf(luma, width, height) / Math.max(1, high - low),
    chroma: chroma / 255,
  };
}

/** The standard deviation of the parts' mean brightness, as their sums are now. */
function structureOf(width: number, height: number): number {
  const pixelsIn = (part: number, length: number) =>
    Math.ceil(((part + 1) * length) / parts) - Math.ceil((part * length) / parts);
  const means = [...sums].flatMap((sum, part) => {
    const pixels = pixelsIn(part % parts, width) * pixelsIn(Math.floor(part / parts), height);
    return pixels > 0 ? [sum / pixels] : [];
  });
  return deviation(means) ?? 0;
}

/** The second difference of brightness that one pixel of a hundred is above. */
function edgeOf(luma: Uint8Array, width: number, height: number): number {
  edges.fill(0);
  for (let y = 1; y < height - 1; y++)
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - width] ?? 0) + (luma[at + width] ?? 0);
      const edge = Math.abs(4 * (luma[at] ?? 0) - around);
      edges[edge] = (edges[edge] ?? 0) + 1;
    }
  return percentile(edges, Math.max(0, width - 2) * Math.max(0, height - 2), 0.99);
}

/** The least value that this share of all is not above. */
function percentile(counts: Uint32Array, total: number, share: number): number {
  let left = share * total;
  for (let value = 0; value < counts.length; value++) {
    left -= counts[value] ?? 0;
    if (left <= 0 && total > 0) return value;
  }
  return 0;
}
