import type { Dataset, Row } from '../dataset/index.js';
import { interruptible, PipelineError, type StepOptions, startOver, Tracker } from '../work/index.js';
import type { Embedded } from './embedded.js';
import { defaultMinSimilarity } from './near-duplicates.js';
import { similarPairs } from './similarities.js';

/**
 * A row that stands on both sides of a split, by itself or as good as.
 *
 * @example
 * const { train, test } = await shoes.split({ train: 0.9, test: 0.1 });
 * const found: Leak[] = await leaks(train, test);
 * for (const { row, other, why } of found) console.log(row.id, why, other.id);
 */
export interface Leak {
  /** The row of the second side, */
  row: Row;
  /** and the row of the first that it is the same as: */
  other: Row;
  /** the same product, an image of the same bytes (or made of one), or an image that looks the same. */
  why: 'product' | 'bytes' | 'alike';
  /** The cosine of their embeddings; 1 for the same product or bytes. */
  similarity: number;
}

/** What counts as the same. */
export interface LeaksOptions extends StepOptions {
  /** What was scored of both sides, to find images that look the same, too. */
  scored?: Embedded<Row> | undefined;
  /**
   * Two images look the same if the cosine of their embeddings is this or more (default 0.999). A copy that was
   * compressed again can be as low as 0.98 where the image is small; from there on, others only look like it.
   */
  minSimilarity?: number | undefined;
}

/**
 * Finds the rows of one side of a split that stand on the other side as well: as the same product, as an image of the
 * same bytes, or, where what was scored of both is given, as one that looks the same. Each with the row that it is most
 * similar to, the surest first. None is what you want.
 *
 * @throws PipelineError `curation.notScored` where `scored` lacks an image of the sides; `cell.interrupted`.
 *
 * @example
 * const { train, test } = await shoes.split({ train: 0.9, test: 0.1 });
 * console.log(await leaks(train, test, { scored: await pipeline.score(shoes) }));
 */
export function leaks(a: Dataset, b: Dataset, options: LeaksOptions = {}): Promise<Leak[]> {
  return interruptible(options, startOver, (steps) => findLeaks(a, b, { ...options, ...steps }));
}

async function findLeaks(a: Dataset, b: Dataset, options: LeaksOptions): Promise<Leak[]> {
  const [originsOfA, originsOfB] = await Promise.all([a.origins(), b.origins()]);
  const products = new Map(a.rows.map((row) => [row.id, row]));
  const images = new Map(a.rows.map((row, i) => [originsOfA[i], row]));
  const found = new Map<Row, Leak>();
  b.rows.forEach((row, i) => {
    const product = products.get(row.id);
    const other = product ?? images.get(originsOfB[i]);
    if (other) found.set(row, { row, other, why: product ? 'product' : 'bytes', similarity: 1 });
  });
  if (options.scored) {
    const [first, second] = [embeddingsOf(options.scored, a), embeddingsOf(options.scored, b)];
    const { minSimilarity = defaultMinSimilarity, signal, onProgress } = options;
    const tracker = new Tracker('compare', 'pairs', a.rows.length * b.rows.length, onProgress);
    const note = (place: number, other: number, similarity: number) => {
      const [row, twin] = [b.rows[place], a.rows[other]];
      if (row && twin && similarity > (found.get(row)?.similarity ?? -1))
        found.set(row, { row, other: twin, why: 'alike', similarity });
    };
    await similarPairs(second, first, minSimilarity, note, { signal, done: (pairs) => tracker.tick(pairs) });
    tracker.end();
  }
  const order = ['product', 'bytes', 'alike'];
  return [...found.values()].sort((x, y) => order.indexOf(x.why) - order.indexOf(y.why) || y.similarity - x.similarity);
}

/** The embeddings of a side's images, in the order of its rows. */
function embeddingsOf({ items, embeddings, dimensions }: Embedded<Row>, side: Dataset): Embedded<Row> {
  const places = new Map(items.map(({ imagePath }, i) => [imagePath, i]));
  const own = new Float32Array(side.rows.length * dimensions);
  side.rows.forEach(({ id, imagePath }, to) => {
    const from = places.get(imagePath);
    if (from === undefined)
      throw new PipelineError(
        'curation.notScored',
        `The image of product ${id} (${imagePath}) was not scored. Score the data set that was split, and give that.`,
        { value: id },
      );
    own.set(embeddings.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions);
  });
  return { items: side.rows, embeddings: own, dimensions };
}
