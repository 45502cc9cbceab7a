import type { DuplicateGroup, Filled } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import type { PipelineError } from '../../work/index.js';
import { wrongKind } from '../kinds.js';

/**
 * A value that is proposed for an attribute of an item, to be looked at; suspect labels are of this kind.
 *
 * @example
 * const proposals: Proposal[] = shoes.rows
 *   .filter(({ year }) => year === null)
 *   .map((item) => ({ item, attribute: 'year', predicted: '2012', confidence: 0.5 }));
 * await show.review(proposals, shoes);
 */
export interface Proposal<T extends Item = Item> {
  readonly item: T;
  readonly attribute: string;
  readonly predicted?: string | undefined;
  /** From 0 to 1. */
  readonly confidence?: number | undefined;
}

/** What can be reviewed: proposed values (suspect labels are some), filled blanks, groups of duplicates. */
export type Reviewable<T extends Item = Item> =
  | readonly Proposal<T>[]
  | readonly DuplicateGroup<T>[]
  | Filled<T>
  | Filled<T>['items'];

/** One thing to decide about an item. */
export interface Question<T> {
  item: T;
  /** The field that may be changed; undefined where the item can only be kept or left out. */
  field?: string | undefined;
  /** The label that the item may have beside others. */
  part?: string | undefined;
  /** The value that it has; null for none. */
  now: unknown;
  /** What is proposed; null for nothing. */
  proposal: string | null;
  confidence?: number | undefined;
  /** The group of duplicates that it is in, from 1. */
  group?: number | undefined;
}

/** What to leave out is proposed in these words. */
export const leaveOut = 'left out';

/**
 * What is to be decided.
 *
 * @throws PipelineError `show.wrongKind`
 */
export function questionsOf<T extends Item>(reviewable: Reviewable<T>): Question<T>[] {
  if (Array.isArray(reviewable)) return reviewable.flatMap((each, i) => questionsOfEach<T>(each, i + 1));
  if (typeof reviewable === 'object' && reviewable !== null && 'counts' in reviewable)
    return reviewable.items.flatMap((each) => questionsOfEach<T>(each, 0));
  throw notReviewable(reviewable);
}

function questionsOfEach<T extends Item>(each: unknown, number: number): Question<T>[] {
  if (typeof each !== 'object' || each === null) throw notReviewable(each);
  if (isGroup<T>(each))
    // Of what is there twice, the first one is to stay.
    return each.items.map((item, i) => ({
      item,
      now: null,
      proposal: i === 0 ? null : leaveOut,
      confidence: each.lowest,
      group: number,
    }));
  if (isProposal<T>(each)) return [questionOf(each)];
  if (!('id' in each)) throw notReviewable(each);
  const predicted: unknown = Reflect.get(each, 'predicted');
  if (typeof predicted !== 'object' || predicted === null) return [];
  return Object.entries(predicted).map(([field, confidence]) => ({
    item: each as unknown as T,
    field,
    now: null,
    proposal: String(Reflect.get(each, field) ?? ''),
    confidence: Number(confidence),
  }));
}

function questionOf<T extends Item>({ item, attribute, predicted, confidence }: Proposal<T>): Question<T> {
  // Where several labels may hold at once, each is an attribute of its own: `tags: red`, yes or no.
  const [, field = attribute, part] = Object.hasOwn(item, attribute) ? [] : (/^(.+?): (.+)$/.exec(attribute) ?? []);
  const now: unknown = Reflect.get(item, field) ?? null;
  return { item, field, part, now: now === '' ? null : now, proposal: predicted ?? null, confidence };
}

const isGroup = <T extends Item>(each: object): each is DuplicateGroup<T> =>
  'items' in each && Array.isArray(each.items) && 'lowest' in each;
const isProposal = <T extends Item>(each: object): each is Proposal<T> =>
  'item' in each && typeof each.item === 'object' && each.item !== null && 'attribute' in each;

const notReviewable = (given: unknown): PipelineError =>
  wrongKind(
    'What is reviewed are suspect labels, filled blanks, groups of duplicates, or proposals such as { item, ' +
      "attribute: 'season', predicted: 'Fall' }",
    given,
  );
