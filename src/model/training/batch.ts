import * as tf from '@tensorflow/tfjs';
import { randomInteger, type Random } from '../../random.js';
import { normalise, type ModelInput } from '../preprocess.js';
import type { Example, Head } from './examples.js';

/** Images [batch, height, width, 3] as the model takes them, and per head the index of each one's label, -1 for a blank. */
export interface Batch {
  images: tf.Tensor4D;
  targets: Int32Array[];
}

const maxShift = 3;

/** Makes training batches: half of the images mirrored, each moved by up to 3 pixels (its edge fills the gap). */
export function batchMaker(
  input: ModelInput,
  heads: readonly Head[],
): (examples: readonly Example[], random: Random) => Batch {
  const size = input.width * input.height * 3;
  const indices = heads.map(
    ({ labels }) => new Map<string | undefined, number>(labels.map((label, index) => [label, index])),
  );
  return (examples, random) => {
    const floats = new Float32Array(examples.length * size);
    examples.forEach(({ pixels }, i) => {
      const right = randomInteger(random, -maxShift, maxShift);
      const down = randomInteger(random, -maxShift, maxShift);
      normalise(moved(pixels, input, right, down, random() < 0.5), input, floats, i * size);
    });
    const targets = heads.map(({ name }, head) =>
      Int32Array.from(examples, ({ product }) => indices[head]?.get(product[name]) ?? -1),
    );
    return { images: tf.tensor4d(floats, [examples.length, input.height, input.width, 3]), targets };
  };
}

function moved(
  pixels: Uint8Array,
  { width, height }: ModelInput,
  right: number,
  down: number,
  mirrored: boolean,
): Uint8Array {
  const result = new Uint8Array(pixels.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = clamp(y - down, height - 1) * width;
    for (let x = 0; x < width; x++) {
      const column = clamp(x - right, width - 1);
      const from = (row + (mirrored ? width - 1 - column : column)) * 3;
      result[at++] = pixels[from] ?? 0;
      result[at++] = pixels[from + 1] ?? 0;
      result[at++] = pixels[from + 2] ?? 0;
    }
  }
  return result;
}

const clamp = (value: number, high: number): number => (value < 0 ? 0 : value > high ? high : value);
