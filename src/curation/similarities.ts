import { setImmediate } from 'node:timers/promises';
import { useBackend } from '../model/index.js';
import type { Embedded } from './embedded.js';

/** The items on each side of the matrix of similarities that is computed at a time, 4 MB. */
const block = 1000;

/** The embeddings of two sets of items, or of one set with itself. */
type Embeddings = Pick<Embedded, 'embeddings' | 'dimensions'>;

/**
 * Calls `found` with all pairs of items whose embeddings are similar, by their places; without `others`, with all pairs
 * within `own`, the smaller place first. Memory does not grow with the number of pairs.
 *
 * @param done Called with the number of pairs that were compared since.
 */
export async function similarPairs(
  own: Embeddings,
  others: Embeddings | undefined,
  minSimilarity: number,
  found: (place: number, other: number, similarity: number) => void,
  { signal, done }: { signal?: AbortSignal | undefined; done?: ((pairs: number) => void) | undefined } = {},
): Promise<void> {
  await useBackend();
  const tf = await import('@tensorflow/tfjs');
  const right = others ?? own;
  const numberOf = ({ embeddings, dimensions }: Embeddings) => (dimensions ? embeddings.length / dimensions : 0);
  const rowsFrom = ({ embeddings, dimensions }: Embeddings, from: number, rows: number) =>
    tf.tensor2d(embeddings.subarray(from * dimensions, (from + rows) * dimensions), [rows, dimensions]);
  const [height, width] = [numberOf(own), numberOf(right)];
  for (let top = 0; top < height; top += block) {
    for (let left = others ? 0 : top; left < width; left += block) {
      // Interrupts and other work get their turn here.
      await setImmediate();
      signal?.throwIfAborted();
      const rows = Math.min(block, height - top);
      const columns = Math.min(block, width - left);
      const [a, b] = [rowsFrom(own, top, rows), rowsFrom(right, left, columns)];
      // The fast product of the wasm backend does not take transposed operands.
      const tensor = tf.tidy(() => tf.matMul(a, tf.transpose(b)));
      const products = tensor.dataSync<'float32'>();
      tf.dispose([tensor, a, b]);
      const diagonal = !others && top === left;
      for (let row = 0; row < rows; row++) {
        for (let column = diagonal ? row + 1 : 0; column < columns; column++) {
          const similarity = products[row * columns + column] ?? 0;
          if (similarity >= minSimilarity) found(top + row, left + column, Math.min(1, similarity));
        }
      }
      done?.(diagonal ? (rows * (rows - 1)) / 2 : rows * columns);
    }
  }
}
