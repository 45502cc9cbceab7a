import { inspect } from 'node:util';
import type { Item } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';

/** Which of two models is right about an image. */
export type Right = 'both' | 'first' | 'second' | 'neither';

/** What a model says of an image's attribute. */
export interface Said {
  label: string;
  /** From 0 to 1. */
  confidence: number;
}

/** An image about which two models differ. */
export interface Disagreement<T extends Item = Item> {
  item: T;
  attribute: string;
  first: Said;
  second: Said;
  /** The item's own label, and which model says the same; undefined where it has none. */
  given?: string | undefined;
  right?: Right | undefined;
}

/** How two models do on the images with one label. */
export interface ClassComparison {
  label: string;
  /** How many items have the label. */
  images: number;
  /** The share of them on which the models agree, and on which each is right; from 0 to 1. */
  agreement: number;
  first: number;
  second: number;
}

/** How two models do on one attribute. */
export interface AttributeComparison<T extends Item = Item> {
  attribute: string;
  /** How many images both have said something of. */
  images: number;
  /** On what share of them they say the same. */
  agreement: number;
  /** How many of them have a label, and on how many of those each model is right. */
  labelled: number;
  right: Readonly<Record<Right, number>>;
  /** The share of labelled images on which each is right. */
  first: number;
  second: number;
  /** How probable so large a difference is by chance alone (McNemar's exact test): below 0.05 one is better. */
  p: number;
  classes: readonly ClassComparison[];
  /** Where they differ, what both are surest of first. */
  differ: readonly Disagreement<T>[];
}

/**
 * What two models say of the same images.
 *
 * @example
 * const comparison: ModelComparison = compareModels(scored, await pipeline.score(shoes, model));
 * console.log(String(comparison), comparison.table());
 */
export class ModelComparison<T extends Item = Item> {
  constructor(
    /** The models' names. */
    readonly first: string,
    readonly second: string,
    /** The items that were compared. */
    readonly items: readonly T[],
    readonly attributes: readonly AttributeComparison<T>[],
    /** Whether neither model was trained on any of them; undefined where a model does not say. */
    readonly heldOut: boolean | undefined,
  ) {}

  /** A line for each attribute. */
  table(): Record<string, unknown>[] {
    return this.attributes.map(({ attribute, images, agreement, labelled, right, first, second, p }) => ({
      attribute,
      images,
      agreement,
      labelled,
      [this.first]: first,
      [this.second === this.first ? `${this.second} (second)` : this.second]: second,
      onlyFirstRight: right.first,
      onlySecondRight: right.second,
      p,
      better: p >= 0.05 || labelled === 0 ? null : first > second ? 'first' : 'second',
    }));
  }

  /** How often they agree, and which is better where one is, a line for each attribute. */
  toString(): string {
    const on =
      this.heldOut === undefined
        ? '; not all say which images they were trained on'
        : this.heldOut
          ? ' that neither was trained on'
          : ', on which they were trained';
    return [
      `${this.first} and ${this.second} on ${plural(this.items.length, 'image')}${on}`,
      ...this.attributes.map((one) => this.#lineOf(one)),
    ].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #lineOf({ attribute, agreement, labelled, first, second, right, p }: AttributeComparison): string {
    const agree = `${attribute}: they agree on ${percent(agreement)}`;
    if (labelled === 0) return agree;
    const better = p >= 0.05 ? 'neither is clearly better' : `${first > second ? this.first : this.second} is better`;
    const only = `alone right ${count(right.first)} and ${count(right.second)} times`;
    const chance = `p ${p < 0.001 ? '< 0.001' : p.toFixed(3)}`;
    return `${agree}, right ${percent(first)} and ${percent(second)}; ${only}: ${better} (${chance})`;
  }
}
