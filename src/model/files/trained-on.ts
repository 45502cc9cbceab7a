import { md5 } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';

/** The images that a model has learnt from. Images of the same bytes are one. */
export interface TrainedOn {
  /** How many they are. */
  readonly images: number;
  /** Whether an image is among them: its encoded bytes, or their MD5 in hex. */
  has(image: Uint8Array | string): boolean;
}

/** Bytes of an image's MD5 that are kept: among 40,000 images, one of 100,000 others is then taken for one of them. */
const width = 4;

/** The file that says on which images a model was trained: the start of the MD5 of each, in ascending order. */
export function trainedOnBytes(md5s: Iterable<string>, before: Uint8Array = new Uint8Array()): Uint8Array {
  const starts = [...md5s].map((digest) => Number.parseInt(digest.slice(0, 2 * width), 16));
  const all = Uint32Array.from(new Set([...startsOf(before), ...starts])).sort();
  const bytes = Buffer.alloc(all.length * width);
  all.forEach((start, i) => bytes.writeUInt32BE(start, i * width));
  return bytes;
}

/**
 * Reads such a file.
 *
 * @throws PipelineError `model.malformed`
 */
export function readTrainedOn(bytes: Uint8Array, source: string): TrainedOn {
  if (bytes.length % width !== 0)
    throw new PipelineError(
      'model.malformed',
      `The list of the images that the model at '${source}' was trained on has ${bytes.length} bytes, not ${width} ` +
        'for each image. Copy the model again.',
      { value: source },
    );
  const starts = new Set(startsOf(bytes));
  return {
    images: starts.size,
    has(image) {
      const digest = typeof image === 'string' ? image : md5(image);
      return starts.has(Number.parseInt(digest.slice(0, 2 * width), 16));
    },
  };
}

function startsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / width }, (_, i) => view.getUint32(i * width));
}
