import { inspect } from 'node:util';
import type { Item } from '../../model/index.js';
import { count, didYouMean, PipelineError, plural } from '../../work/index.js';
import type { Judge, Kind } from './kind.js';
import { type IssueKind, kindNames, kinds } from './kinds.js';
import type { Looked } from './measures.js';

/** Something that is wrong with an image. */
export interface Issue<T extends Item = Item> {
  item: T;
  kind: IssueKind;
  /** How bad it is, from 0 to 1. */
  score: number;
  /** What was measured, in words. */
  words: string;
  /** Of an exact twin, the first item with the same image. */
  like?: T | undefined;
}

/** From which score on an image has an issue, from 0 to 1; default 0.5 for each kind. */
export type IssueThresholds = { readonly [Kind in IssueKind]?: number | undefined };

const usual = 0.5;

/**
 * What is wrong with some images, and how bad each is of each kind.
 *
 * @example
 * const inspection = await inspect(shoes);
 * console.log(String(inspection), inspection.counts);
 * const clean = shoes.without(inspection.issues);
 * const stricter = inspection.at({ dark: 0.3, blurred: 0.4 }); // without reading the images again
 */
export class Inspection<T extends Item = Item> {
  /** The images that are worse than the thresholds: kind by kind, the worst of each first. */
  readonly issues: readonly Issue<T>[];
  readonly thresholds: Readonly<Record<IssueKind, number>>;
  readonly #looked: readonly Looked[];
  readonly #data: (place: number) => Promise<Uint8Array>;
  readonly #kinds: readonly IssueKind[];

  /** @internal */
  constructor(
    /** All that were looked at. */
    readonly items: readonly T[],
    looked: readonly Looked[],
    data: (place: number) => Promise<Uint8Array>,
    {
      kinds = kindNames,
      thresholds = {},
    }: { kinds?: readonly IssueKind[] | undefined; thresholds?: IssueThresholds | undefined } = {},
    /** Of each kind how bad each item's image is, from 0 to 1. */
    readonly scores: Readonly<Record<IssueKind, Float32Array>> = scoresOf(looked),
  ) {
    checkKinds(kinds);
    this.#kinds = kinds;
    this.#looked = looked;
    this.#data = data;
    this.thresholds = thresholdsOf(thresholds);
    this.issues = kinds.flatMap((kind) => this.#issuesOf(kind));
  }

  /**
   * The same images by other thresholds, from 0 to 1; those that are not given stay.
   *
   * @throws PipelineError `inspect.badThreshold`, `inspect.unknownKind`
   */
  at(thresholds: IssueThresholds): Inspection<T> {
    const options = { kinds: this.#kinds, thresholds: { ...this.thresholds, ...thresholds } };
    return new Inspection(this.items, this.#looked, this.#data, options, this.scores);
  }

  /** The encoded image of an item. */
  image(item: T): Promise<Uint8Array> {
    const place = this.items.indexOf(item);
    return this.#data(place < 0 ? this.items.findIndex(({ id }) => id === item.id) : place);
  }

  /** How many images have an issue of each kind. */
  get counts(): { kind: IssueKind; images: number; threshold: number }[] {
    const images = (kind: IssueKind) => this.issues.filter((issue) => issue.kind === kind).length;
    return this.#kinds.map((kind) => ({ kind, images: images(kind), threshold: this.thresholds[kind] }));
  }

  /** How many images have issues, and which, in one line. */
  toString(): string {
    const images = new Set(this.issues.map(({ item }) => item)).size;
    const parts = this.counts
      .filter(({ images }) => images > 0)
      .map(({ kind, images }) => `${count(images)} ${kinds[kind].title}`);
    const which = parts.length > 0 ? `: ${parts.join(', ')}` : '';
    return `${count(images)} of ${plural(this.items.length, 'image')} have issues${which}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #issuesOf(kind: IssueKind): Issue<T>[] {
    const threshold = this.thresholds[kind];
    const { unless = [] }: Kind = kinds[kind];
    const scores = this.scores[kind];
    const isWorse = (kind: IssueKind, place: number) => {
      const score = this.scores[kind][place] ?? 0;
      return score > 0 && score >= this.thresholds[kind];
    };
    const explained = (place: number) => kindNames.some((other) => unless.includes(other) && isWorse(other, place));
    const judge: Judge = kinds[kind].judge(this.#looked);
    return [...this.items.entries()]
      .filter(([place]) => (scores[place] ?? 0) > 0 && (scores[place] ?? 0) >= threshold && !explained(place))
      .sort(([a], [b]) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
      .flatMap(([place, item]) => {
        const one = this.#looked[place];
        if (!one) return [];
        const like = judge.like?.(one);
        const first = like === undefined ? undefined : this.items[like];
        return [{ item, kind, score: scores[place] ?? 0, words: judge.words(one), ...(first && { like: first }) }];
      });
  }
}

function scoresOf(looked: readonly Looked[]): Record<IssueKind, Float32Array> {
  const of = (kind: IssueKind) => {
    const judge = kinds[kind].judge(looked);
    return Float32Array.from(looked, (one) => judge.score(one));
  };
  return Object.fromEntries(kindNames.map((kind) => [kind, of(kind)])) as Record<IssueKind, Float32Array>;
}

/** The threshold of each kind. */
export function thresholdsOf(given: IssueThresholds): Record<IssueKind, number> {
  checkKinds(Object.keys(given));
  for (const [kind, value] of Object.entries(given))
    if (value !== undefined && !(value >= 0 && value <= 1))
      throw new PipelineError(
        'inspect.badThreshold',
        `The threshold of ${kind} is ${value}; give a number from 0 to 1 (default ${usual}).`,
        { value },
      );
  return Object.fromEntries(kindNames.map((kind) => [kind, given[kind] ?? usual])) as Record<IssueKind, number>;
}

/** Checks the names of kinds. */
export function checkKinds(names: readonly string[]): void {
  for (const name of names)
    if (!Object.hasOwn(kinds, name))
      throw new PipelineError(
        'inspect.unknownKind',
        `There is no kind of issue '${name}'.${didYouMean(name, kindNames)} The kinds are ${kindNames.join(', ')}.`,
        { value: name },
      );
}
