import { inspect } from 'node:util';
import type { Item } from '../../model/index.js';
import { count, percent } from '../../work/index.js';
import type { Distance } from './distribution.js';

/** How far the shares of a column's values, or of a model's confidences, have moved. */
export interface FieldDrift extends Distance {
  field: string;
}

/** An image, and the one before that it is most like. */
export interface Strange<T extends Item = Item> {
  item: T;
  /** The cosine of their embeddings; the lower, the stranger. */
  similarity: number;
  like: T;
}

/** How far the images have moved. */
export interface EmbeddingDrift<T extends Item = Item> {
  /** The cosine of the mean embeddings before and after: 1 where nothing has moved. */
  means: number;
  /** Of a hundred images before, one is less similar than this to the others. */
  usual: number;
  /** The share of images after that are; about 0.01 where nothing has moved. */
  strange: number;
  /** Those least like any before, the strangest first. */
  strangest: readonly Strange<T>[];
}

/**
 * How far what came after is from what was there before.
 *
 * @example
 * const found: Drift = await drift(scored, await pipeline.score(shoes.where({ season: 'Fall' })));
 * console.log(String(found), found.table());
 */
export class Drift<T extends Item = Item> {
  /** How many images there were before and after. */
  readonly before: number;
  readonly after: number;
  /** The columns of the rows, the farthest first. */
  readonly columns: readonly FieldDrift[];
  /** Columns of which nearly all values differ, such as names: they were not compared. */
  readonly skipped: readonly string[];
  /** How sure the model is of each attribute. */
  readonly confidences: readonly FieldDrift[];
  /** Undefined for data sets that were not scored. */
  readonly embeddings?: EmbeddingDrift<T> | undefined;

  /** @internal */
  constructor(found: Pick<Drift<T>, 'before' | 'after' | 'columns' | 'skipped' | 'confidences' | 'embeddings'>) {
    this.before = found.before;
    this.after = found.after;
    this.columns = found.columns;
    this.skipped = found.skipped;
    this.confidences = found.confidences;
    this.embeddings = found.embeddings;
  }

  /** A line for each column and each attribute's confidence: how far it moved, and what changed most in it. */
  table(): Record<string, unknown>[] {
    const line =
      (what: string) =>
      ({ field, distance, chance, shares: [most] }: FieldDrift) => ({
        what,
        field,
        distance,
        chance,
        moved: hasMoved({ distance, chance }),
        most: most && `${most.value}: ${percent(most.before)} → ${percent(most.after)}`,
      });
    return [...this.columns.map(line('column')), ...this.confidences.map(line('confidence'))];
  }

  /** What has moved, in a few lines. */
  toString(): string {
    const moved = (fields: readonly FieldDrift[]) =>
      fields
        .filter(hasMoved)
        .map(({ field, distance }) => `${field} (${distance.toFixed(3)})`)
        .join(', ') || 'none';
    const images = this.embeddings;
    return [
      `${count(this.before)} images before, ${count(this.after)} after`,
      `columns that moved: ${moved(this.columns)}`,
      ...(this.confidences.length > 0 ? [`confidences that moved: ${moved(this.confidences)}`] : []),
      ...(images
        ? [
            `images: ${percent(images.strange)} are stranger than 99 of 100 before; the means have a cosine of ` +
              images.means.toFixed(4),
          ]
        : []),
    ].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Whether a distance is more than chance does: samples of the same seldom reach four times the mean. */
const hasMoved = ({ distance, chance }: Pick<FieldDrift, 'distance' | 'chance'>): boolean =>
  distance > Math.max(0.001, 4 * chance);
